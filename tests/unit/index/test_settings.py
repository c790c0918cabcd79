"""How an index hashes its rows, by what its caller chose and what is left open."""

from __future__ import annotations

from typing import Any

import pytest

from lookalike.errors import UsageError
from lookalike.index.hashing import HashSpec
from lookalike.index.settings import SCAN_BELOW, Chosen, choose_bits, choose_cells

OPEN: dict[str, Any] = {"tables": None, "bits": None, "cells": None, "seed": 3, "planes": "principal"}


@pytest.mark.parametrize("bits", range(4, 21))
def test_about_40_rows_a_bucket(bits: int) -> None:
    for rows in (40 << bits, 29 << bits, 56 << bits):
        assert choose_bits(rows) == bits


def test_bits_stay_in_range() -> None:
    assert [choose_bits(rows) for rows in (0, 1, 10**12)] == [4, 4, 20]


def test_cells_grow_with_the_square_root_of_the_rows_up_to_a_limit() -> None:
    assert [choose_cells(rows) for rows in (0, 1, 25_000, 100_000, 1_000_000, 10**9)] == [
        16, 16, 158, 316, 1_000, 2_048,
    ]  # fmt: skip


def test_left_open_the_keys_are_cells_if_there_are_many_rows() -> None:
    chosen = Chosen(**OPEN)
    assert chosen.spec(SCAN_BELOW - 1) is None
    assert chosen.spec(SCAN_BELOW) == HashSpec(1, 0, 3, cells=choose_cells(SCAN_BELOW))
    assert chosen.spec(900, scan_below=900) == HashSpec(1, 0, 3, cells=choose_cells(900))
    assert Chosen(**chosen.given()) == chosen


@pytest.mark.parametrize(
    ("given", "spec"),
    [
        ({"tables": 4, "bits": 6}, HashSpec(4, 6, 3)),
        ({"tables": 2}, HashSpec(2, 5, 3)),
        ({"bits": 7}, HashSpec(1, 7, 3)),
        ({"cells": 9}, HashSpec(1, 0, 3, cells=9)),
        ({"cells": 9, "planes": "gaussian"}, HashSpec(1, 0, 3, "gaussian", 9)),
        ({"bits": 7, "planes": "gaussian"}, HashSpec(1, 7, 3, "gaussian")),
    ],
)
def test_what_is_chosen_is_done_with_any_number_of_rows(given: dict[str, Any], spec: HashSpec) -> None:
    assert Chosen(**OPEN | given).spec(1_280) == spec
    assert Chosen(**OPEN | given).spec(0) is None


def test_gaussian_hyperplanes_give_signs() -> None:
    chosen = Chosen(**OPEN | {"planes": "gaussian"})
    assert chosen.spec(SCAN_BELOW - 1) is None
    assert chosen.spec(40_960) == HashSpec(1, 10, 3, "gaussian")


@pytest.mark.parametrize(
    "given",
    [
        {"cells": 9, "tables": 1},
        {"cells": 9, "bits": 3},
        {"cells": 0},
        {"cells": -1},
        {"cells": 4097},
        {"cells": 2.0},
    ],
)
def test_what_cannot_be_chosen(given: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="cells"):
        Chosen(**OPEN | given)


@pytest.mark.parametrize("cells", [-1, 0, 4_097, 1.0, "3"])
def test_an_error_names_the_numbers_of_cells_that_there_can_be(cells: Any) -> None:
    with pytest.raises(UsageError, match="cells must be a whole number from 1 to 4096, not"):
        Chosen(**OPEN | {"cells": cells})
