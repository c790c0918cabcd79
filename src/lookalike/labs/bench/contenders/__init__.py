"""The indexes that are measured against each other, one module per family; ``base`` says what each can do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module

from lookalike.labs.bench.contenders.base import Contender, Setting

__all__ = ["Contender", "Setting", "gather", "of_family"]

FAMILIES = (
    "ours",
    "lshash",
    "faiss_scans",
    "faiss_hashes",
    "faiss_lists",
    "hnsw",
    "usearch",
    "annoy",
    "scikit",
)


def of_family(family: str, rows: int) -> list[Contender]:
    """The unbuilt contenders of one of ``FAMILIES``.

    Raises:
        ImportError: its package cannot be imported.
    """
    make: Callable[[int], list[Contender]] = import_module(f"{__name__}.{family}").contenders
    return make(rows)


def gather(rows: int, only: Sequence[str] = ()) -> tuple[list[Contender], list[str]]:
    """All contenders whose packages can be imported.

    Args:
        rows: how many rows they will index, by which some choose what they build.
        only: keep those whose key contains one of these; empty for all.

    Returns:
        ``(contenders, left_out)``: unbuilt contenders, and the packages that cannot be imported.
    """
    found: list[Contender] = []
    left_out: list[str] = []
    for family in FAMILIES:
        try:
            found += of_family(family, rows)
        except ImportError as error:  # not installed, or not for this machine
            if error.name is None or error.name.startswith("lookalike"):
                raise
            left_out.append(error.name)
    if only:
        found = [each for each in found if any(part in each.key for part in only)]
    return found, sorted(set(left_out))
