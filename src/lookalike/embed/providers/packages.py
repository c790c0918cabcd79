"""Packages that providers need: whether they are installed, how to install them, and the names of models."""

from __future__ import annotations

from importlib.util import find_spec

from lookalike.embed.plugins import Offer
from lookalike.errors import MissingExtra, UsageError

LABS = "pip install 'lookalike[labs]'"

SAME = 0.1
"""Cosine distance within which pictures count as the same: careful, since nothing was measured."""

HASH_DRIFT = 16
"""Bits of a hash that may drift, where nothing was measured."""


def family(name: str, summary: str, package: str) -> Offer:
    """One line that stands for all models of a package.

    Args:
        name: how they are called, ``MODULE:NAME``.
        summary: what they are.
        package: as pip calls it.
    """
    present = installed("torch", name.partition(":")[0])
    missing = "weights are fetched at first use" if present else f"{LABS} {package}"
    return Offer(name, summary, "differs: see its own card", None, present, missing)


def second(name: str) -> str:
    """What stands behind the colon of a model's name.

    Raises:
        UsageError: nothing does.
    """
    wanted = name.partition(":")[2]
    if not wanted:
        raise UsageError(f"name a model behind the colon, not only {name!r}")
    return wanted


def installed(*packages: str) -> bool:
    """Whether all of some packages are there."""
    return all(find_spec(package) is not None for package in packages)


def need(name: str, *packages: str, cure: str) -> None:
    """Refuse to go on without a package.

    Args:
        name: of the model that needs it.
        packages: as Python imports them.
        cure: how to install them.

    Raises:
        MissingExtra: one is not installed.
    """
    for package in packages:
        if not installed(package):
            raise MissingExtra(f"{name} needs the package {package}: {cure}")


def in_one_line(error: Exception) -> str:
    """What an error says, on one line."""
    return " ".join(str(error).split()) or type(error).__name__
