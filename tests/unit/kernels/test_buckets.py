"""Keys and the counting sort, against lists."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from lookalike.kernels import buckets


def keys_twin(margins: NDArray[np.float32]) -> list[int]:
    return [sum(2**bit for bit, margin in enumerate(row) if margin > 0) for row in margins.tolist()]


@pytest.mark.parametrize("bits", [1, 5, 20, 24])
@pytest.mark.parametrize("count", [0, 1, 300])
def test_keys_hold_the_signs(count: int, bits: int) -> None:
    random = np.random.default_rng(bits)
    margins = random.standard_normal((count, bits)).astype(np.float32)
    margins[random.random((count, bits)) < 0.2] = 0
    margins[random.random((count, bits)) < 0.1] = -0.0
    margins[random.random((count, bits)) < 0.1] = np.float32(1e-45)
    keys = buckets.keys_of(margins)
    assert keys.dtype == np.dtype("uint32")
    assert keys.tolist() == keys_twin(margins)


@pytest.mark.parametrize(
    ("tables", "count", "bits"), [(1, 0, 1), (1, 1, 3), (3, 200, 4), (2, 50, 10), (4, 9, 1)]
)
def test_each_bucket_is_a_run_of_its_rows(tables: int, count: int, bits: int) -> None:
    random = np.random.default_rng(count)
    keys = random.integers(0, 2**bits, (tables, count), dtype=np.uint32)
    if count > 10:
        keys[0, :10] = 2**bits - 1
        keys[-1] = np.minimum(keys[-1], 1)  # most buckets stay empty
    words = random.integers(0, 2**64, count, dtype=np.uint64)
    built = buckets.build(keys, words, bits)
    assert [array.dtype.name for array in built] == ["int64", "int32", "uint64"]
    assert built.starts.shape == (tables, 2**bits + 1)
    for table in range(tables):
        runs = [[row for row in range(count) if keys[table, row] == bucket] for bucket in range(2**bits)]
        starts = built.starts[table].tolist()
        assert starts == [sum(map(len, runs[:bucket])) for bucket in range(2**bits + 1)]
        assert built.rows[table].tolist() == [row for run in runs for row in run]
        assert built.codes[table].tolist() == words[built.rows[table]].tolist()
