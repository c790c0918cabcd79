"""Keys of hashes, and what a key file draws."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from lookalike.collection.keys import seed_of
from lookalike.errors import UsageError
from lookalike.kernels.hyperplanes import keyed


def test_the_bytes_of_the_file_decide_and_nothing_else(tmp_path: Path) -> None:
    key = bytes(range(32))
    for name, data in (("a", key), ("b", key), ("c", key + b"\n"), ("d", key[:-1] + b"x")):
        (tmp_path / name).write_bytes(data)
    seeds = [seed_of(tmp_path / name) for name in "abcd"]
    assert seeds[0] == seeds[1] == int.from_bytes(hashlib.sha256(b"lookalike key\0" + key).digest(), "big")
    assert len(set(seeds)) == 3
    planes = [keyed(64, 32, seed) for seed in seeds]
    assert np.array_equal(planes[0], planes[1])
    assert float(np.abs(planes[0] @ planes[2].T).max()) < 0.7  # none is like another


@pytest.mark.parametrize("size", [0, 15, 65_537])
def test_a_key_is_neither_short_nor_a_picture(size: int, tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(bytes(size))
    with pytest.raises(UsageError, match=f"16 to 65,536 bytes, not {size:,}"):
        seed_of(tmp_path / "key")
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        seed_of(tmp_path / "none")
