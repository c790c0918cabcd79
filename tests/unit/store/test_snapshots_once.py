"""Processes that end after one answer do not check again what was checked before."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from caches import cache_in, expect_rows, follow
from lookalike.index.files import Stamp
from lookalike.store import checked
from lookalike.store.checked import checked_before, note_checked, note_of
from records import DIM, records, vector
from stores import Store


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where caches lie; not yet there."""
    return tmp_path / "index"


@pytest.fixture(autouse=True)
def cache(store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of 30 images, which counts as old enough to be noted."""
    monkeypatch.setattr(checked, "_OLD_ENOUGH", -1)
    store.recorder.record(records(range(30)))
    follow(store, folder).save()
    return cache_in(folder)


def _flip(cache: Path, place: int) -> None:
    content = bytearray(cache.read_bytes())
    content[place] ^= 0x40
    cache.write_bytes(content)


def _vectors(cache: Path) -> int:
    """Where in the file the vectors begin: they come last in an index without tables."""
    return cache.stat().st_size - 30 * DIM * 4


def test_the_first_notes_that_a_cache_is_sound_and_others_do_not(
    store: Store, folder: Path, cache: Path
) -> None:
    follow(store, folder).current()
    assert checked_before(cache) is None
    expect_rows(follow(store, folder, once=True).current(), store, range(30))
    assert checked_before(cache) == Stamp.of(cache.stat())
    expect_rows(follow(store, folder, once=True).current(), store, range(30))


def test_the_next_does_not_read_its_vectors_and_others_do(store: Store, folder: Path, cache: Path) -> None:
    """Here the disk has flipped a bit after the check, without telling the system."""
    _flip(cache, _vectors(cache) + 2)
    note_checked(cache, Stamp.of(cache.stat()))
    index = follow(store, folder, once=True).current()
    assert sum(bool((index.search(vector(i), 1).distances > 1e-6).any()) for i in range(30)) == 1
    assert follow(store, folder, once=True).state() == "damaged"
    assert "does not match its checksum" in follow(store, folder, once=True).check()[0]
    assert checked_before(cache) is None
    expect_rows(follow(store, folder, once=True).current(), store, range(30))


def test_all_but_vectors_is_always_checked(store: Store, folder: Path, cache: Path) -> None:
    _flip(cache, _vectors(cache) - 64)  # in the ids
    note_checked(cache, Stamp.of(cache.stat()))
    expect_rows(follow(store, folder, once=True).current(), store, range(30))


@pytest.mark.parametrize("seed", range(4))
def test_a_cache_that_is_written_to_is_checked_again(
    seed: int, store: Store, folder: Path, cache: Path
) -> None:
    follow(store, folder, once=True).current()
    before = cache.stat()
    _flip(cache, random.Random(seed).randrange(_vectors(cache), before.st_size))
    os.utime(cache, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert cache.stat().st_ino == before.st_ino
    expect_rows(follow(store, folder, once=True).current(), store, range(30))


def test_a_note_goes_with_its_cache(store: Store, folder: Path, cache: Path) -> None:
    follow(store, folder, once=True).current()
    store.recorder.record(records([30]))
    follow(store, folder).save()
    assert not note_of(cache).exists()
    assert cache_in(folder) != cache
