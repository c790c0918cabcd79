"""The keyword arguments of ``LSHIndex``, and how to hash rows by them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, TypedDict

from lookalike.errors import UsageError
from lookalike.index.hashing import MOST_CELLS, HashSpec, Planes
from lookalike.kernels.metrics import Metric

SCAN_BELOW = 25_000  # with fewer rows a scan is faster than loading the compiled kernels
SCAN_PAIRS_BELOW = 8_000  # likewise a scan for all pairs
_LEAST_CELLS, _MOST_CELLS = 16, 1 << 11


class Settings(TypedDict, total=False):
    """The keyword arguments of ``LSHIndex``, where they are explained."""

    metric: str | Metric
    tables: int | None
    bits: int | None
    cells: int | None
    seed: int
    planes: Planes


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the caller of ``LSHIndex`` chose of how rows are hashed; None leaves a number open.

    Attributes:
        tables: see ``LSHIndex``; the others likewise.
    """

    tables: int | None
    bits: int | None
    cells: int | None
    seed: int
    planes: Planes

    def __post_init__(self) -> None:
        if self.cells is None:
            HashSpec(
                1 if self.tables is None else self.tables,
                1 if self.bits is None else self.bits,
                self.seed,
                self.planes,
            )
        elif self.tables is not None or self.bits is not None:
            raise UsageError("an index has either cells or tables and bits, not both")
        elif not isinstance(self.cells, int) or not 1 <= self.cells <= MOST_CELLS:
            raise UsageError(f"cells must be a whole number from 1 to {MOST_CELLS}, not {self.cells!r}")
        else:
            HashSpec(1, 0, self.seed, self.planes, self.cells)

    def spec(self, rows: int, scan_below: int = SCAN_BELOW) -> HashSpec | None:
        """How to hash so many rows; None to scan them.

        Args:
            rows: how many.
            scan_below: how many rows are worth hash tables, unless the caller chose them.
        """
        by_signs = self.tables is not None or self.bits is not None
        if rows == 0 or (self.cells is None and not by_signs and rows < scan_below):
            return None
        if by_signs or (self.cells is None and self.planes == "gaussian"):
            return HashSpec(self.tables or 1, self.bits or choose_bits(rows), self.seed, self.planes)
        return HashSpec(1, 0, self.seed, self.planes, self.cells or choose_cells(rows))

    def given(self) -> dict[str, Any]:
        """The keyword arguments that say the same, as JSON can hold them."""
        return asdict(self)


def choose_cells(rows: int) -> int:
    """Choose how many cells suit a number of rows: as many as there are rows in each.

    A query is compared with all centres and then with the codes in some cells; half as many cells or twice as
    many take the same time. With more than 2,048, finding a row's cell would be most of building, so beyond
    4,000,000 rows cells become larger instead.
    """
    return max(_LEAST_CELLS, min(_MOST_CELLS, round(math.sqrt(rows))))


def choose_bits(rows: int) -> int:
    """Choose bits of a key for a number of rows: with 40 rows per bucket, a probe reads it in one go."""
    return max(4, min(20, round(math.log2(max(rows, 1) / 40))))


def check_known(names: Iterable[str]) -> None:
    """The gate for names of settings.

    Raises:
        UsageError: naming one that does not exist.
    """
    for name in names:
        if name not in Settings.__annotations__:
            known = ", ".join(Settings.__annotations__)
            raise UsageError(f"an LSHIndex has no setting {name!r}; its settings are {known}")
