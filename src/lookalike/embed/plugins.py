"""Embedders that other packages bring, found through Python's entry points.

A package registers a provider in the group ``lookalike.embedders``, under the first part of the names that
it answers for: the provider called ``timm`` loads ``timm:resnet18``, and the one called ``resnet34-imagenet``
the model of that name.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

from lookalike.embed.base import Embedder
from lookalike.errors import DamagedError, UsageError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "lookalike.embedders"


class Offer(NamedTuple):
    """A model, or a family of models, that a provider can load.

    Attributes:
        name: as ``--model`` takes it; a part in capitals stands for any name.
        summary: one line.
        licence: of the weights.
        bytes: size of the weights; None if it differs or is not known.
        present: whether it can be loaded without fetching or installing anything.
        missing: what to do so that it is present, or what loading it will fetch; empty if it is present.
    """

    name: str
    summary: str
    licence: str
    bytes: int | None
    present: bool
    missing: str


class Provider(Protocol):
    """What an entry point of the group refers to, a class without arguments."""

    def offers(self) -> Sequence[Offer]:
        """What there is; quick, without loading a model or asking the network."""

    def load(self, name: str) -> Embedder:
        """Load a model by its full name.

        Raises:
            LookalikeError: it cannot be, with what to do about it.
        """


def provider_names() -> list[str]:
    """First parts of the names that plug-ins answer for, sorted."""
    return sorted(_entries())


def provider(name: str) -> Provider:
    """The provider for a model's name.

    Raises:
        UsageError: there is none.
        DamagedError: it cannot be imported.
    """
    first = name.partition(":")[0]
    entry = _entries().get(first)
    if entry is None:
        raise UsageError(f"no plug-in for {first!r} is installed")
    # Hugging Face's client, through which some plug-ins fetch networks, reports its use unless told not to.
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    try:
        made: Provider = entry.load()()
    except Exception as error:  # whatever another package's code may raise
        raise DamagedError(f"the plug-in {entry.value} for {first!r} cannot be loaded: {error}") from error
    return made


def _entries() -> dict[str, EntryPoint]:
    """The group's entry points by name."""
    from importlib.metadata import entry_points  # noqa: PLC0415  (20 ms that most runs need not wait for)

    return {entry.name: entry for entry in entry_points(group=GROUP)}
