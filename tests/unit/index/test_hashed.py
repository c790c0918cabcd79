"""``Hashed.check`` refuses arrays from a file that would let the compiled kernels read beyond an end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from hashed_rows import filled, some_vectors
from lookalike.errors import UsageError
from lookalike.index.hashed import Hashed
from lookalike.index.hashing import HashFunctions, HashSpec


def _map(name: str, change: Callable[[NDArray[Any]], NDArray[Any]]) -> Callable[[Hashed], Hashed]:
    def changed(hashed: Hashed) -> Hashed:
        of = hashed.functions if name in HashFunctions._fields else hashed.tables
        other: Any = of._replace(**{name: change(getattr(of, name))})
        return hashed._replace(**{"functions" if of is hashed.functions else "tables": other})

    return changed


def _set(name: str, where: Any, value: int) -> Callable[[Hashed], Hashed]:
    def change(array: NDArray[Any]) -> NDArray[Any]:
        array = array.copy()
        array[where] = value
        return array

    return _map(name, change)


HARMFUL: dict[str, Callable[[Hashed], Hashed]] = {
    "rows beyond the end": _set("rows", 3, 40),
    "rows before the start": _set("rows", 0, -1),
    "wide rows": _map("rows", lambda a: a.astype(np.int64)),
    "fewer rows": _map("rows", lambda a: a[1:]),
    "rows for each table": _map("rows", lambda a: np.stack([a, a])),
    "slots beyond the end": _set("slots", (0, 3), 40),
    "slots before the start": _set("slots", (0, 0), -1),
    "wide slots": _map("slots", lambda a: a.astype(np.int64)),
    "fewer slots": _map("slots", lambda a: a[:, 1:]),
    "slots for all tables": _map("slots", lambda a: np.concatenate([a, a])),
    "no slots": _map("slots", lambda a: a[:0]),
    "starts that fall": _set("starts", (0, 4), 10**6),
    "negative starts": _set("starts", (0, 4), -1),
    "starts that begin late": _set("starts", (1, 0), 1),
    "starts that end late": _set("starts", (1, -1), 41),
    "starts that end early": _set("starts", (1, -1), 39),
    "starts for fewer buckets": _map("starts", lambda a: a[:, :-1]),
    "starts for one bucket": _map("starts", lambda a: a[:, [0, -1]]),
    "starts for other bits": _map("starts", lambda a: a[:, [0, 2, 4, 6, 8]]),
    "starts in a row": _map("starts", lambda a: a[0]),
    "starts of no table": _map("starts", lambda a: a[:0]),
    "narrow starts": _map("starts", lambda a: a.astype(np.int32)),
    "fewer codes": _map("codes", lambda a: a[..., 1:]),
    "codes by themselves": _map("codes", lambda a: a[0]),
    "fewer tables of codes": _map("codes", lambda a: a[1:]),
    "signed codes": _map("codes", lambda a: a.view(np.int8)),
    "fewer sketches": _map("sketches", lambda a: a[1:]),
    "shorter sketches": _map("sketches", lambda a: a[:, 1:]),
    "signed sketches": _map("sketches", lambda a: a.view(np.int64)),
    "fewer planes": _map("planes", lambda a: a[1:]),
    "longer planes": _map("planes", lambda a: np.concatenate([a, a], axis=1)),
    "flat planes": _map("planes", lambda a: a.reshape(-1)),
    "wide planes": _map("planes", lambda a: a.astype(np.float64)),
    "a centre elsewhere": _map("centre", lambda a: a[1:]),
    "a wide centre": _map("centre", lambda a: a.astype(np.float64)),
    "one row of signs": _map("signs", lambda a: a[:1]),
    "fewer signs": _map("signs", lambda a: a[:, :256]),
    "an odd number of signs": _map("signs", lambda a: a[:, :-1]),
}


@pytest.mark.parametrize("harm", HARMFUL)
def test_tables_that_would_lead_the_kernels_astray_are_refused(harm: str) -> None:
    hashed = filled(some_vectors(40, 5), HashSpec(2, 3))
    hashed.check(40, 5)
    with pytest.raises(UsageError, match="must"):
        HARMFUL[harm](hashed).check(40, 5)


def _of_cells(change: Callable[[NDArray[Any]], NDArray[Any]]) -> Callable[[Hashed], Hashed]:
    def changed(hashed: Hashed) -> Hashed:
        cells = hashed.functions.cells
        cells = cells._replace(centres=change(cells.centres), squares=change(cells.squares))
        return hashed._replace(functions=hashed.functions._replace(cells=cells))

    return changed


HARMFUL_CELLS: dict[str, Callable[[Hashed], Hashed]] = {
    "fewer centres": _of_cells(lambda a: a[1:]),
    "more centres": _of_cells(lambda a: np.concatenate([a, a])),
    "too many centres": _of_cells(lambda a: np.repeat(a, 1000, axis=0)),
    "shorter centres": _of_cells(lambda a: a[..., 1:]),
    "wide centres": _of_cells(lambda a: a.astype(np.float64)),
    "infinite centres": _of_cells(lambda a: a * np.float32(np.inf)),
    "planes of keys": _map("planes", lambda a: np.concatenate([a, a])),
    "starts for fewer cells": _map("starts", lambda a: a[:, :-1]),
    "starts of two tables": _map("starts", lambda a: np.concatenate([a, a])),
}


@pytest.mark.parametrize("harm", HARMFUL_CELLS)
def test_cells_that_would_lead_the_kernels_astray_are_refused(harm: str) -> None:
    hashed = filled(some_vectors(40, 5), HashSpec(1, 0, cells=8))
    hashed.check(40, 5)
    with pytest.raises(UsageError, match="must"):
        HARMFUL_CELLS[harm](hashed).check(40, 5)


def test_tables_of_another_index_are_refused() -> None:
    hashed = filled(some_vectors(40, 5), HashSpec(2, 3))
    hashed.check(41, 5)  # one row is not in the tables
    for count, dim in ((39, 5), (0, 5), (40, 4), (40, 6)):
        with pytest.raises(UsageError):
            hashed.check(count, dim)


def test_no_row_can_be_named_where_there_is_none() -> None:
    hashed = filled(some_vectors(1, 5), HashSpec(1, 3))
    hashed.check(1, 5)
    with pytest.raises(UsageError, match="rows"):
        hashed.check(0, 5)
