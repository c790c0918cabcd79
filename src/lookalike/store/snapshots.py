"""Index caches: the index in memory follows the catalog, and a copy on disk makes the next start fast.

A cache is a pure function of the catalog. It is named by what it depends on (format, catalog, embedder,
revision), replaced whole, checked to the last byte when it is opened (by processes that answer once: when it
was not before), and thrown away at the least doubt; deleting the folder costs time, nothing else.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import numpy as np

from lookalike.errors import DamagedError
from lookalike.index import LSHIndex, Stamp
from lookalike.store.checked import checked_before, note_checked, note_of
from lookalike.store.history import History

CACHES = "index"
"""Name of the folder of caches in the folder of a collection."""

_SPEC = "lsh3"  # change it when the same rows would be hashed or stored differently
_WORTH_WRITING = 1000  # rows read from the catalog that the next start should not have to read again
_NAME = re.compile(r"(\w+-[0-9a-f]+)-(\d+)-[0-9a-f]+\.index")


class _Sound(NamedTuple):
    """A cache that was found sound, and its stamp before that; while that is the same, so are the bytes."""

    path: Path
    stamp: Stamp


class FollowingIndex:
    """An LSH index that shows what the catalog holds at the moment it is asked for."""

    def __init__(
        self, history: History, folder: Path, fingerprint: str, dim: int, *, once: bool = False
    ) -> None:
        """Nothing is read before ``current`` is called.

        Args:
            history: of the catalog, which is the truth.
            folder: where caches lie; made when the first is written.
            fingerprint: of the embedder whose vectors the catalog holds.
            dim: length of a vector.
            once: whether this process ends after its first answer. Then a cache that was checked before is
                mapped, and of its vectors only what is needed is read.
        """
        self._history, self._folder = history, folder
        self.fingerprint = fingerprint
        self._prefix = f"{_SPEC}-{fingerprint[:16]}"
        self._dim, self._once = dim, once
        self._index: LSHIndex | None = None
        self._checked: _Sound | None = None  # the cache that was last found sound
        self._opened: _Sound | None = None  # the cache that the index was opened from
        self._revision = 0
        self._mark: str | None = None
        self._last_id = 0
        self._following = threading.Lock()

    def current(self) -> LSHIndex:
        """The index, brought up to date with the catalog.

        Raises:
            DamagedError: the catalog holds a damaged vector.
            EmbedderMismatch: the collection has moved to another embedder.
        """
        with self._following:
            if self._opened is not None and _changed(self._opened):
                self._index = None  # it may be mapped from that file, which can then end this process
            if self._index is not None and self._history.mark(self._revision) != self._mark:
                self._index = None  # another catalog has taken the place of the one that it followed
            if self._index is not None and self._history.revision() == self._revision:
                return self._index
            if self._index is not None:
                index, self._index = self._index, None
                self._index = self._caught_up(index)
                return self._index
            opened = self._open()
            cached = len(opened)
            self._index = self._caught_up(opened)
            if len(self._index) - cached > max(_WORTH_WRITING, cached):
                self._write(self._index)
            return self._index

    def save(self) -> None:
        """Write a cache of the current state, unless the newest is that already, and drop older ones."""
        index = self.current()
        with self._following:
            self._write(index)

    def state(self) -> str:
        """Whether the newest cache is "up to date", "behind" or "damaged", or there is "none".

        Every byte of it is read, unless this was done before and its size and time are still the same.
        """
        newest = next(self._caches(), None)
        if newest is None:
            return "none"
        path = newest[1]
        if not self._is_sound(path):
            return "damaged" if path.exists() else "behind"  # a newer one has just taken its place
        return "up to date" if path == self._cache_of(self._history.revision()) else "behind"

    def check(self) -> list[str]:
        """Verify every cache to the last byte; delete the damaged and write a fresh one.

        Returns:
            A line for each cache that was damaged.
        """
        damaged = []
        with self._following:
            for _, path in self._caches():
                try:
                    self._load(path)
                except DamagedError as error:
                    _delete(path)
                    kept = path.exists()  # where nothing can be changed; searches pass it over
                    damaged.append(f"{'left as it is' if kept else 'rebuilt'}: {error}")
            for leftover in self._folder.glob("*.partial"):
                damaged.append(f"deleted unfinished {leftover}")
                _delete(leftover)
            self._index = self._opened = None
        self.save()
        return damaged

    def _write(self, index: LSHIndex) -> None:
        """Write a cache, if that can be done: a cache that is missing costs time and nothing else."""
        path = self._cache_of(self._revision)
        if path.exists() and self._is_sound(path):
            return
        with suppress(OSError):  # no right to write, no room, or no folder
            self._folder.mkdir(exist_ok=True)
            index.save(path)
            for other in self._folder.glob("*.index"):
                if other != path:
                    _delete(other)

    def _open(self) -> LSHIndex:
        """Start from the newest usable cache, or from nothing."""
        self._opened = None
        for revision, path in self._caches():
            if path != self._cache_of(revision):
                continue  # of a catalog that was since restored or replaced
            try:
                index = self._load(path, checked_before(path) if self._once else None)
            except DamagedError:
                _delete(path)
                continue
            if index.dim == self._dim:
                self._opened = self._checked
                self._revision, self._last_id = revision, int(index.ids().max(initial=0))
                return index
        self._revision, self._last_id = 0, 0
        return LSHIndex(self._dim)

    def _load(self, path: Path, checked: Stamp | None = None) -> LSHIndex:
        """Open a cache and remember that it is sound.

        Args:
            path: of the cache.
            checked: its stamp before it was checked by another process.

        Raises:
            DamagedError: it is not what was written.
        """
        before = _stamp(path)  # if it changes while it is read, it differs from this afterwards
        index = LSHIndex.load(path, checked=checked)
        self._checked = before and _Sound(path, before)
        if self._once and before is not None and before != checked:
            note_checked(path, before)
        return index

    def _is_sound(self, path: Path) -> bool:
        """Whether a cache is what was written; it is read unless its stamp says that nothing has changed."""
        if self._checked is None or self._checked != (path, _stamp(path)):
            try:
                self._load(path)
            except DamagedError:
                return False
        return True

    def _caught_up(self, index: LSHIndex) -> LSHIndex:
        """The index with what happened since its revision; a new one if it turns out to hold other rows.

        Raises:
            DamagedError: the catalog holds a damaged vector, or lacks one.
        """
        from_nothing = not len(index) and not self._last_id
        changes = self._history.changes(self._revision, self._last_id, self._dim, self.fingerprint)
        if len(changes.removed):  # else spare the process what numpy imports for this
            present = np.intersect1d(changes.removed, index.ids())
            index.remove(present)
        if len(changes.added):
            index.add(changes.added, changes.vectors)
            self._last_id = int(changes.added[-1])
        self._revision, self._mark = changes.revision, changes.mark
        if len(index) == changes.count:
            return index
        if from_nothing:
            raise DamagedError(
                f"the catalog has {changes.count} images, but {len(index)} vectors; run: lookalike verify"
            )
        for _, path in self._caches():  # a cache that lied: trust only the catalog
            _delete(path)
        self._revision, self._last_id = 0, 0
        return self._caught_up(LSHIndex(self._dim))

    def _cache_of(self, revision: int) -> Path:
        """Where the cache of one of this catalog's revisions lies."""
        return self._folder / f"{self._prefix}-{revision}-{self._history.mark(revision)}.index"

    def _caches(self) -> Iterator[tuple[int, Path]]:
        """Revisions and caches for this embedder and format, the newest first."""
        found = []
        with suppress(OSError):  # no folder, or none that can be listed
            for path in self._folder.iterdir():
                name = _NAME.fullmatch(path.name)
                if name and name[1] == self._prefix:
                    found.append((int(name[2]), path))
        return iter(sorted(found, reverse=True))


def _stamp(path: Path) -> Stamp | None:
    """The stamp of a cache as it is now; None if it is not there or cannot be looked at."""
    try:
        return Stamp.of(path.stat())
    except OSError:
        return None


def _changed(cache: _Sound) -> bool:
    """Whether a cache was written to in its place; one that was deleted or replaced stays for its readers."""
    now = _stamp(cache.path)
    return now is not None and now.inode == cache.stamp.inode and now != cache.stamp


def _delete(path: Path) -> None:
    """Delete a cache, or what a writer left of one, and the note about it."""
    for file in (path, note_of(path)):
        with suppress(OSError):  # a reader on Windows may hold it open; the next writer tries again
            file.unlink()
