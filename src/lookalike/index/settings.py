"""The keyword arguments of ``LSHIndex``, for functions that pass them on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypedDict

from lookalike.errors import UsageError
from lookalike.index.hashing import Planes
from lookalike.kernels.metrics import Metric


class Settings(TypedDict, total=False):
    """The keyword arguments of ``LSHIndex``, where they are explained."""

    metric: str | Metric
    tables: int | None
    bits: int | None
    seed: int
    planes: Planes


def check_known(names: Iterable[str]) -> None:
    """The gate for names of settings.

    Raises:
        UsageError: naming one that does not exist.
    """
    for name in names:
        if name not in Settings.__annotations__:
            known = ", ".join(Settings.__annotations__)
            raise UsageError(f"an LSHIndex has no setting {name!r}; its settings are {known}")
