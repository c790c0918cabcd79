"""Packed bits, against Python's whole numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lookalike.kernels.bits import differing_bits, sign_bytes

TRICKY = np.array([0.0, -0.0, 1e-45, -1e-45, np.inf, -np.inf, 1.0, -1.0])


def margins(count: int, bits: int) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    drawn = np.random.default_rng(bits).standard_normal((count, bits))
    drawn[: count // 2, :8] = TRICKY
    return drawn


@pytest.mark.parametrize("bits", [8, 64, 96])
def test_bytes_read_from_left_to_right(bits: int) -> None:
    given = margins(20, bits)
    for row, packed in zip(given.tolist(), sign_bytes(given), strict=True):
        text = "".join("1" if value > 0 else "0" for value in row)
        assert packed.tobytes().hex() == f"{int(text, 2):0{bits // 4}x}"


@pytest.mark.parametrize("kind", [np.uint8, np.uint64])
def test_differing_bits(kind: Any) -> None:
    largest = np.iinfo(kind).max
    codes = np.random.default_rng(3).integers(0, largest, (30, 8), dtype=kind, endpoint=True)
    codes[1], codes[2], codes[3] = codes[0], ~codes[0], 0
    found = differing_bits(codes, codes[0])
    assert found.dtype == np.dtype("int64")
    expected = [
        sum((a ^ b).bit_count() for a, b in zip(row, codes[0].tolist(), strict=True))
        for row in codes.tolist()
    ]
    assert found.tolist() == expected
    assert expected[1:3] == [0, 8 * 8 * np.dtype(kind).itemsize]
