"""Which index caches were checked to the last byte, so that not every new process has to do it again.

Beside a cache lies a note with the stamp that it had before it was checked. The next search by a new process
takes the cache's vectors for sound as long as the stamp is the same; whoever writes to the file changes that.
What it cannot see is a disk that changes bytes by itself: ``lookalike verify`` reads all of them.
"""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

from lookalike.index import Stamp

_OLD_ENOUGH = 3_000_000_000
"""Nanoseconds after which a file that changes certainly gets another time: some disks count in steps of two
seconds."""


def note_of(cache: Path) -> Path:
    """Where the note about a cache lies."""
    return cache.with_suffix(".checked")


def checked_before(cache: Path) -> Stamp | None:
    """The stamp that a cache had when it was last found sound; None if nothing is known."""
    note = note_of(cache)
    try:
        if not note.is_file():  # a pipe would be waited for
            return None
        return Stamp(*map(int, note.read_text().split()))
    except (OSError, ValueError, TypeError):  # none, or no such note
        return None


def note_checked(cache: Path, stamp: Stamp) -> None:
    """Note that a cache is sound, if that can be done.

    Args:
        cache: every byte of which was checked.
        stamp: of it before that.
    """
    note = note_of(cache)
    if time.time_ns() - stamp.ctime > _OLD_ENOUGH:
        with suppress(OSError):  # no right to write, or no room
            if note.is_file() or not note.exists():  # a pipe would be waited for
                note.write_text(" ".join(map(str, stamp)))
