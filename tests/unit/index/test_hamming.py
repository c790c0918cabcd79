"""The index of 256-bit codes against a comparison with every row by definition."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lookalike.errors import UsageError
from lookalike.index import hamming
from lookalike.index.hamming import HammingIndex

Codes = NDArray[np.uint8]


def flipped(code: Codes, bits: list[int]) -> Codes:
    """A code with some of its bits turned over."""
    spread = np.unpackbits(code)
    spread[bits] ^= 1
    return np.packbits(spread)


def by_definition(ids: list[int], codes: Codes, code: Codes, radius: int) -> list[tuple[int, int]]:
    """Every row within the radius as (differing, id), by exclusive or of whole numbers."""
    query = int.from_bytes(code.tobytes())
    found = [
        ((int.from_bytes(row.tobytes()) ^ query).bit_count(), number)
        for number, row in zip(ids, codes, strict=True)
    ]
    return sorted(pair for pair in found if pair[0] <= radius)


def answer(index: HammingIndex, code: Codes) -> list[tuple[int, int]]:
    found = index.search(code.tobytes())
    return list(zip(found.differing.tolist(), found.ids.tolist(), strict=True))


@pytest.fixture(params=["scan", "tables"])
def tables(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether even a few rows are put into tables."""
    if request.param == "tables":
        monkeypatch.setattr(hamming, "SCAN_BELOW", 1)
    return request.param == "tables"


@pytest.mark.parametrize("radius", [0, 7, 15, 16, 31, 35, 47])
def test_every_row_within_the_radius_is_found_and_no_other(tables: bool, radius: int) -> None:
    random = np.random.default_rng(radius)
    centres = random.integers(0, 256, (30, 32), np.uint8)
    # Around each centre, rows at every distance that matters, their flips anywhere or all in a few parts.
    rows = [
        flipped(centre, random.choice(reach, count, replace=False).tolist())
        for centre in centres
        for reach in (256, 64)
        for count in range(0, 60, 3)
    ]
    codes, ids = np.array(rows), (10 + 3 * random.permutation(len(rows))).tolist()
    index = HammingIndex(radius)
    index.add(ids, codes)
    for centre in centres:
        expected = by_definition(ids, codes, centre, radius)
        assert answer(index, centre) == expected
        assert expected


def test_flips_spread_as_evenly_as_they_can_be_are_found(tables: bool) -> None:
    # Two flips in each part but one, and one in that: 31 flips, of which no part has fewer than it must.
    code = np.zeros(32, np.uint8)
    row = flipped(code, [16 * part + flip for part in range(16) for flip in (2, 9)][:-1])
    index = HammingIndex(31)
    index.add([5], row[None])
    assert answer(index, code) == [(31, 5)]
    assert answer(index, flipped(code, [16 * 15 + 1])) == []


@given(
    flips=st.lists(st.sets(st.integers(0, 255), max_size=40), min_size=1, max_size=8),
    pieces=st.integers(1, 4),
    radius=st.integers(0, 47),
)
@settings(max_examples=60)
def test_rows_that_came_in_pieces_are_all_looked_at(flips: list[set[int]], pieces: int, radius: int) -> None:
    code = np.arange(32, dtype=np.uint8)
    codes = np.array([flipped(code, list(some)) for some in flips])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hamming, "SCAN_BELOW", 3)
        index = HammingIndex(radius)
        for some in np.array_split(np.arange(len(codes)), pieces):
            index.add(some, codes[some])
        assert len(index) == len(codes)
        assert answer(index, code) == by_definition(list(range(len(codes))), codes, code, radius)


def test_many_rows_in_one_bucket_are_scanned(tables: bool) -> None:
    codes = np.zeros((3000, 32), np.uint8)
    index = HammingIndex(31)
    index.add(np.arange(3000), codes)
    found = index.search(bytes(32))
    assert found.ids.tolist() == list(range(3000))
    assert not found.differing.any()
    assert not len(index.search(b"\xff" * 32).ids)


def test_an_empty_index_finds_nothing() -> None:
    assert answer(HammingIndex(31), np.zeros(32, np.uint8)) == []


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(UsageError, match="radius must be a whole number from 0 to 47, not 48"):
        HammingIndex(48)
    index = HammingIndex(31)
    with pytest.raises(UsageError, match="each id needs a code of 32 bytes"):
        index.add([1], np.zeros((2, 32), np.uint8))
    with pytest.raises(UsageError, match="each id needs a code of 32 bytes"):
        index.add([1], np.zeros((1, 16), np.uint8))
    with pytest.raises(UsageError, match="a code has 32 bytes, not 3"):
        index.search(b"abc")
    assert len(index) == 0
