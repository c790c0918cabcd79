"""A cache that is opened before anybody asks for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lookalike.errors import DamagedError
from lookalike.index import LSHIndex
from lookalike.store import FollowingIndex
from lookalike.store.snapshots import open_ahead
from records import DIM, FINGERPRINT, records, vector
from stores import Store


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where caches lie."""
    return tmp_path / "index"


@pytest.fixture
def cached(store: Store, folder: Path) -> Store:
    store.recorder.record(records(range(30)))
    _following(store, folder).save()
    return store


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """For each cache that is opened, whether it was mapped."""
    seen = []
    load = LSHIndex.load

    def noted(path: Path, **how: Any) -> LSHIndex:
        seen.append(how.get("mapped", False))
        return load(path, **how)

    monkeypatch.setattr(LSHIndex, "load", noted)
    return seen


def _following(store: Store, folder: Path) -> FollowingIndex:
    return FollowingIndex(store.history, folder, FINGERPRINT, DIM)


def _holds(index: LSHIndex, count: int) -> None:
    found = index.search(np.array([vector(number) for number in range(count)]), 1, exact=True)
    assert (len(index), found.distances.max() < 1e-6) == (count, True)


def test_it_is_mapped_and_given_out_once(cached: Store, folder: Path, opened: list[bool]) -> None:
    open_ahead(folder)
    for _ in range(2):
        _holds(_following(cached, folder).current(), 30)
    assert opened == [True, False]


def test_it_follows_the_catalog(cached: Store, folder: Path, opened: list[bool]) -> None:
    open_ahead(folder)
    cached.recorder.record(records(range(30, 35)))
    _holds(_following(cached, folder).current(), 35)
    assert opened == [True]


def test_one_that_was_replaced_since_is_not_used(cached: Store, folder: Path, opened: list[bool]) -> None:
    open_ahead(folder)
    (cache,) = folder.iterdir()
    cache.with_name("aside").write_bytes(cache.read_bytes())
    cache.with_name("aside").replace(cache)
    _holds(_following(cached, folder).current(), 30)
    assert opened == [True, False]


def test_a_damaged_one_is_rebuilt(cached: Store, folder: Path) -> None:
    (cache,) = folder.iterdir()
    whole = cache.read_bytes()
    cache.write_bytes(whole[:-100] + bytes([whole[-100] ^ 1]) + whole[-99:])
    open_ahead(folder)
    following = _following(cached, folder)
    _holds(following.current(), 30)
    following.save()
    assert following.state() == "up to date"


def test_one_that_could_not_be_opened_ahead_is_not_taken_for_damaged(
    cached: Store, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = LSHIndex.load

    def lacking(path: Path, *, mapped: bool = False) -> LSHIndex:
        if mapped:
            raise DamagedError("Too many open files")
        return load(path)

    monkeypatch.setattr(LSHIndex, "load", lacking)
    (cache,) = folder.iterdir()
    open_ahead(folder)
    _holds(_following(cached, folder).current(), 30)
    assert cache.exists()


def test_no_folder_and_no_cache_are_no_trouble(store: Store, folder: Path, opened: list[bool]) -> None:
    open_ahead(folder)
    folder.mkdir()
    (folder / "calibration.npz").write_bytes(b"")
    open_ahead(folder)
    assert len(_following(store, folder).current()) == 0
    assert opened == []
