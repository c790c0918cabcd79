"""Counting ones, against Python's whole numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lookalike.kernels.popcount import ones


def count_ones(words: NDArray[np.uint64], counts: NDArray[np.int64]) -> None:
    for place in range(len(words)):
        counts[place] = ones(words[place])


def test_ones_of_every_kind_of_word() -> None:
    single = [1 << bit for bit in range(64)]
    random = np.random.default_rng(0).integers(0, 2**64, 200, dtype=np.uint64).tolist()
    words = [0, 2**64 - 1, *single, *(2**64 - 1 - word for word in single), *random]
    counts = np.full(len(words), -1)
    compiled: Any = njit(count_ones)
    compiled(np.array(words, np.uint64), counts)
    assert counts.tolist() == [word.bit_count() for word in words]
