"""Caches of the index, as a process that has just started finds them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from lookalike.index import LSHIndex
from lookalike.store import FollowingIndex
from records import DIM, FINGERPRINT, path, vector
from stores import Store


def follow(store: Store, folder: Path, *, once: bool = False) -> FollowingIndex:
    """What a process that just started would use; ``once`` if it ends after one answer."""
    return FollowingIndex(store.history, folder, FINGERPRINT, DIM, once=once)


def cache_in(folder: Path) -> Path:
    """The only file of a folder of caches."""
    (cache,) = folder.iterdir()
    return cache


def expect_rows(index: LSHIndex, store: Store, numbers: Iterable[int]) -> None:
    """The index must hold exactly these images' vectors, under the catalog's ids."""
    wanted = sorted(numbers)
    assert len(index) == len(wanted)
    found = index.search(np.array([vector(number) for number in wanted]), 1, exact=True)
    assert found.distances.max() < 1e-6
    for number, image_id in zip(wanted, found.ids[:, 0].tolist(), strict=True):
        assert store.catalog.paths_of(image_id) == [path(number)]
