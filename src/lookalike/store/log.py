"""Damage in SQLite's write-ahead log, found before SQLite reads the log and passes over it.

Commits lie in the log until they are copied into the catalog. After a crash SQLite reads the log up to the
first frame whose checksum is wrong, takes that for the end, and says nothing, although whole commits may
follow. The layout and the checksum are those of https://www.sqlite.org/fileformat2.html#the_write_ahead_log.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lookalike.paths import shown
from lookalike.store.opening import transaction

_HEADER, _FRAME_HEADER = 32, 24  # bytes
_BYTE_ORDERS = {0x377F0682: "<u4", 0x377F0683: ">u4"}  # of checksums, by the magic number
_FRAMES_AT_ONCE = 256
_LOOKS, _PAUSE = 3, 0.05  # a log that is being written to looks damaged, but not in the same place for long

_Sums = tuple[int, int]


class _Broken(NamedTuple):
    """Where a log is damaged: the number of the frame, and how many commits end in it or after it."""

    frame: int
    commits: int


def log_of(catalog: Path) -> Path:
    """Where the log of a catalog lies."""
    return catalog.with_name(f"{catalog.name}-wal")


def forget_log(catalog: Path) -> None:
    """Delete a log, and SQLite's index of it, which belong to a catalog that is no longer there."""
    for suffix in ("-shm", "-wal"):
        catalog.with_name(f"{catalog.name}{suffix}").unlink(missing_ok=True)


def lost_commits(catalog: Path) -> int:
    """How many commits SQLite will pass over because the log of a catalog is damaged before they end.

    Args:
        catalog: that nobody in this process has opened; others may be writing to it.
    """
    seen = _broken(catalog)
    for _ in range(_LOOKS - 1):
        if not seen.commits:
            return 0
        time.sleep(_PAUSE)
        before, seen = seen, _broken(catalog)
        if seen != before:
            return 0  # somebody is writing to it
    return seen.commits


def note_loss(connection: sqlite3.Connection, catalog: Path, commits: int) -> None:
    """Log that commits were lost, and write it down for ``verify``."""
    now = int(time.time())
    with transaction(connection):
        connection.execute("INSERT INTO losses (noticed, commits) VALUES (?, ?)", (now, commits))
    logging.getLogger(__name__).warning("%s: %s", shown(catalog), told(now, commits))


def told(noticed: int, commits: int) -> str:
    """A loss in words, for people.

    Args:
        noticed: when, in seconds since 1970.
        commits: how many.
    """
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(noticed))
    last = "change" if commits == 1 else f"{commits} changes"
    return f"its log was found damaged at {when}; the last {last} before that may be missing"


def _broken(catalog: Path) -> _Broken:
    try:
        with log_of(catalog).open("rb") as file:
            start = file.read(_HEADER)
            if len(start) < _HEADER:
                return _Broken(0, 0)
            header = np.frombuffer(start, ">u4")
            order = _BYTE_ORDERS.get(int(header[0]))
            size = int(header[2])
            sums = (int(header[6]), int(header[7]))
            if order is None or _summed(start[:24], order) != sums:
                return _Broken(0, _commits_without_header(catalog, file))
            return _first_broken(file, size, order, sums, header[4:6])
    except OSError:
        return _Broken(0, 0)


def _first_broken(file: BinaryIO, size: int, order: str, sums: _Sums, salts: NDArray[np.uint32]) -> _Broken:
    """Follow the chain of checksums to its first break, and count the commits from there on.

    Args:
        file: at the first frame.
        size: of a page.
        order: of the bytes in the words that are summed.
        sums: those of the header.
        salts: (2,), which all frames since the log was last begun anew share.
    """
    number, broken, commits = 0, -1, 0
    while True:
        frames = _frames(file, size)
        if not len(frames):
            return _Broken(broken, commits)
        heads = frames[:, :_FRAME_HEADER].copy().view(">u4")
        ours = heads[:, 2:4] == salts
        if broken < 0:
            content = np.concatenate([frames[:, :8], frames[:, _FRAME_HEADER:]], axis=1)
            for i, (right, parts) in enumerate(zip(ours.all(axis=1), _parts(content, order), strict=True)):
                sums = _chained(sums, parts, content.shape[1] // 8)
                if not right or sums != (int(heads[i, 4]), int(heads[i, 5])):
                    broken = number + i
                    commits += bool(ours[i].any() and heads[i, 1])  # its salts may be what is damaged
                    commits += int(np.count_nonzero(ours[i + 1 :].all(axis=1) & (heads[i + 1 :, 1] > 0)))
                    break
        else:
            commits += int(np.count_nonzero(ours.all(axis=1) & (heads[:, 1] > 0)))
        number += len(frames)


def _commits_without_header(catalog: Path, file: BinaryIO) -> int:
    """The commits in a log that begins with damage; the catalog's own file tells the size of its pages."""
    with catalog.open("rb") as database:
        start = database.read(18)
    size = int.from_bytes(start[16:18], "big") if len(start) == 18 else 0
    commits, salts = 0, None
    while len(frames := _frames(file, 65536 if size == 1 else size)):
        heads = frames[:, :_FRAME_HEADER].copy().view(">u4")
        salts = heads[0, 2:4] if salts is None else salts
        commits += int(np.count_nonzero((heads[:, 2:4] == salts).all(axis=1) & (heads[:, 1] > 0)))
    return commits


def _frames(file: BinaryIO, size: int) -> NDArray[np.uint8]:
    """The next frames, (n, 24 + size) uint8, as many as are there whole; none for a size that cannot be."""
    if size < 512 or size > 65536 or size & (size - 1):
        return np.empty((0, _FRAME_HEADER), np.uint8)
    length = _FRAME_HEADER + size
    content = file.read(length * _FRAMES_AT_ONCE)
    whole = len(content) // length
    return np.frombuffer(content, np.uint8, whole * length).reshape(whole, length)


def _summed(content: bytes, order: str) -> _Sums:
    """The checksum of some bytes, a multiple of eight."""
    (parts,) = _parts(np.frombuffer(content, np.uint8)[None], order)
    return _chained((0, 0), parts, len(content) // 8)


def _parts(content: NDArray[np.uint8], order: str) -> list[_Sums]:
    """What each row of (n, 8 m) bytes adds to the checksum of what precedes it."""
    words = np.ascontiguousarray(content).view(order).astype(np.uint32)
    weights, _ = _weights(content.shape[1] // 8)
    return [(int(a), int(b)) for a, b in zip(*(np.einsum("ij,j->i", words, w) for w in weights), strict=True)]


def _chained(sums: _Sums, parts: _Sums, pairs: int) -> _Sums:
    """The checksum after a row, from that before it and what the row adds."""
    _, ((a, b), (c, d)) = _weights(pairs)
    first, second = sums
    return (a * first + b * second + parts[0]) % 2**32, (c * first + d * second + parts[1]) % 2**32


@lru_cache(4)
def _weights(pairs: int) -> tuple[NDArray[np.uint32], tuple[_Sums, _Sums]]:
    """The checksum of a row of pairs of words as a sum of weighted words, modulo 2 ** 32.

    SQLite adds a pair (x, y) to its two sums (s, t) as ``s += x + t; t += y + s``, which is linear.

    Returns:
        (2, 2 pairs) uint32, the weights of the words in the first and in the second sum; and the matrix by
        which the sums before the row go into those after it.
    """
    weights = np.empty((2, 2 * pairs), np.uint32)
    a, b, c, d = 1, 0, 0, 1  # the matrix of the pairs that follow
    for pair in reversed(range(pairs)):
        weights[:, 2 * pair] = (a + b) % 2**32, (c + d) % 2**32
        weights[:, 2 * pair + 1] = b, d
        a, b, c, d = (a + b) % 2**32, (a + 2 * b) % 2**32, (c + d) % 2**32, (c + 2 * d) % 2**32
    return weights, ((a, b), (c, d))
