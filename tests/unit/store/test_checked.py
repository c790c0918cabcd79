"""Notes about index caches that were checked: what one says is believed, and nothing else is."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lookalike.index.files import Stamp
from lookalike.store import checked
from lookalike.store.checked import checked_before, note_checked, note_of


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache, which counts as old enough."""
    monkeypatch.setattr(checked, "_OLD_ENOUGH", -1)
    path = tmp_path / "lsh3-0123-7-89ab.index"
    path.write_bytes(b"rows")
    return path


def test_what_is_noted_is_told(cache: Path) -> None:
    assert checked_before(cache) is None
    stamp = Stamp.of(cache.stat())
    note_checked(cache, stamp)
    assert checked_before(cache) == stamp
    assert (stamp.size, stamp.mtime) == (4, cache.stat().st_mtime_ns)


def test_nothing_is_noted_of_a_cache_that_is_seconds_old(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If it is written to again at once, a disk that counts in seconds gives it the same time."""
    monkeypatch.undo()
    note_checked(cache, Stamp.of(cache.stat()))
    assert checked_before(cache) is None


@pytest.mark.parametrize("text", ["", "1 2 3", "1 2 3 4 5", "one two three four", "\udcff"])
def test_another_text_says_nothing(text: str, cache: Path) -> None:
    note_of(cache).write_bytes(os.fsencode(text))
    assert checked_before(cache) is None


def test_where_nothing_can_be_written_nothing_is_noted(cache: Path) -> None:
    note_of(cache).mkdir()
    note_checked(cache, Stamp.of(cache.stat()))
    assert checked_before(cache) is None


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
def test_a_pipe_in_place_of_the_note_is_not_waited_for(cache: Path) -> None:
    os.mkfifo(note_of(cache))
    assert checked_before(cache) is None
    note_checked(cache, Stamp.of(cache.stat()))
    assert checked_before(cache) is None
