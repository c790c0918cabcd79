"""Index files: named arrays and a header, little-endian, with checksums, replaced whole.

Layout: the magic bytes; the header's length and CRC-32 (two little-endian uint32); the header, JSON in UTF-8
(format version, kind, facts about the index, and for each array its name, type, shape, offset and the CRC-32
of each MiB of it); then the arrays, each starting at a multiple of 64 bytes. Nothing in a file is ever
executed or unpickled.

Every byte is checked before it is used. A file of up to 1 GiB is also read into memory, so that whatever
happens to it afterwards changes no answer. A larger one is mapped after all of it could be read. If it is cut
short while it is mapped, the system ends the process that next looks there, so whoever keeps an index of that
size open should watch its file.

A process that looks at an index only once may leave out the check of one array, if the file is still the one
that was checked before, by its ``Stamp``. That array is mapped, whatever the size of the file.
"""

from __future__ import annotations

import errno
import json
import math
import mmap
import os
import reprlib
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lookalike.disk import replacing
from lookalike.errors import DamagedError, UsageError, reason_of
from lookalike.kernels.arrays import frozen

MAGIC = b"LOOKALIKE-INDEX\n"
VERSION = 7
READABLE = (4, 5, 6, VERSION)
LARGEST_READ = 1 << 30  # bytes; larger files are mapped
_LENGTHS = struct.Struct("<II")
_ALIGNMENT = 64
_TYPES = ("|u1", "<f2", "<f4", "<f8", "<i4", "<i8", "<u8")
_FORGED = (ArithmeticError, RecursionError, struct.error)  # raised only for forged or cut headers
_BLOCK = 1 << 20  # bytes that share a checksum
_MOST_THREADS = 4  # that compute checksums; more are hardly faster than memory
_POPULATE_READ = 22  # of Linux 5.14 and later, by its number in mman.h: Python 3.11 has no name for it
_POPULATED_AT_ONCE = 1 << 23  # bytes: Python's other threads wait meanwhile, a millisecond or two
Arrays = dict[str, NDArray[Any]]
_Take = Callable[[int, int], bytes]
"""Gives the bytes of a file from a place on, so many."""


class Stamp(NamedTuple):
    """What the system says of a file. Whoever writes to the file changes it: no program can set ``ctime``.

    Attributes:
        inode: number of the file on its disk.
        size: bytes.
        mtime: when its content changed last, in nanoseconds.
        ctime: when its content, or something else that the system says of it, changed last, in nanoseconds.
    """

    inode: int
    size: int
    mtime: int
    ctime: int

    @classmethod
    def of(cls, status: os.stat_result) -> Stamp:
        """The stamp of a file."""
        return cls(status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


class _Place(NamedTuple):
    """Where an array lies in a file.

    Attributes:
        name: of the array.
        type: of its numbers.
        shape: of the array.
        start: offset of its first byte in the file, a multiple of 64.
        nbytes: its length.
        crc32: the checksum of each MiB of it.
    """

    name: str
    type: np.dtype[Any]
    shape: tuple[int, ...]
    start: int
    nbytes: int
    crc32: list[int]


def as_path(path: str | os.PathLike[str]) -> Path:
    """The gate for paths of index files.

    Raises:
        UsageError: that is no path.
    """
    try:
        return Path(path)
    except TypeError as error:
        raise UsageError(f"the path of an index file must be text or a Path, not {shown(path)}") from error


def shown(value: object) -> str:
    """A value of a wrong type, cut short, and its type, as an error names it."""
    return f"{reprlib.repr(value)} ({type(value).__name__})"


def write(path: Path, kind: str, about: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write arrays to a file that appears whole or not at all, even if the machine stops.

    Args:
        path: where; an older file there is replaced.
        kind: what sort of index this is; ``read`` must be given the same.
        about: facts about the index that JSON can hold.
        arrays: name to array.

    Raises:
        OSError: the file cannot be written.
    """
    little = {name: np.ascontiguousarray(a, a.dtype.newbyteorder("<")) for name, a in arrays.items()}
    # Offsets count from the end of the header, so that they do not depend on its length.
    offset, described = 0, []
    for name, array in little.items():
        described.append(
            {
                "name": name,
                "type": array.dtype.str,
                "shape": array.shape,
                "offset": offset,
                "crc32": [zlib.crc32(block) for block in _blocks(array)],
            }
        )
        offset += _padded(array.nbytes)
    text = json.dumps({"version": VERSION, "kind": kind, "about": about, "arrays": described}).encode()
    head = MAGIC + _LENGTHS.pack(len(text), zlib.crc32(text)) + text
    with replacing(path) as file:
        file.write(head.ljust(_padded(len(head)), b"\0"))
        for array in little.values():
            file.write(_bytes(array))
            file.write(b"\0" * (_padded(array.nbytes) - array.nbytes))


def read(
    path: Path, kind: str, *, sound: str | None = None, as_of: Stamp | None = None
) -> tuple[dict[str, Any], Arrays]:
    """Open a file that ``write`` wrote, and check every byte of it.

    Args:
        path: the file.
        kind: the kind it must be.
        sound: name of an array that is not checked, and mapped where that can do no harm, if the file has the
            stamp ``as_of``. Whoever uses it must get along with any numbers.
        as_of: the stamp that the file had before every byte of it was checked; None if it was not.

    Returns:
        ``(about, arrays)``; the other arrays are read-only, in memory if the file has up to ``LARGEST_READ``
        bytes, and otherwise memory-mapped.

    Raises:
        DamagedError: there is no file, it is no index file or one of another kind or version, it is not
            whole, or a checksum does not match.
    """
    if path.is_fifo():  # which would be waited for
        raise DamagedError(f"{path} is a pipe, not an index file")
    with damage_reported(path), path.open("rb") as file:
        status = os.fstat(file.fileno())
        size = status.st_size
        start = file.read(len(MAGIC) + _LENGTHS.size)
        if not start.startswith(MAGIC):
            raise DamagedError(f"{path} is not an index file: it does not begin like one")
        length, checksum = _LENGTHS.unpack(start[len(MAGIC) :])
        text = file.read(min(length, size))
        if zlib.crc32(text) != checksum:
            raise ValueError("its header does not match its checksum")
        header = json.loads(text)
        if header["version"] not in READABLE or header["kind"] != kind:
            raise ValueError(
                f"it is {header['kind']!r} version {header['version']}, not {kind!r} version {VERSION}"
            )
        base = _padded(len(start) + length)
        places = [_place(entry, base, size) for entry in header["arrays"]]
        known = sound if Stamp.of(status) == as_of else None
        mapped = size > LARGEST_READ
        contents = {
            place.name: _populated(file, place) if place.name == known else _content(file, place, mapped)
            for place in places
        }
        take = _reading(file) if mapped and hasattr(os, "pread") else None
        _check([place for place in places if place.name != known], contents, take)
        return header["about"], {
            place.name: contents[place.name].view(place.type).reshape(place.shape) for place in places
        }


@contextmanager
def damage_reported(path: Path) -> Iterator[None]:
    """Turn whatever goes wrong while a file's content is understood into one DamagedError."""
    try:
        yield
    except FileNotFoundError as error:
        raise DamagedError(f"there is no index file {path}") from error
    except IsADirectoryError as error:
        raise DamagedError(f"{path} is a folder, not an index file") from error
    except (OSError, ValueError, LookupError, TypeError, AttributeError, *_FORGED) as error:
        raise DamagedError(
            f"index file {path} cannot be used: {reason_of(error)}; make the index anew and save it again"
        ) from error


def _place(entry: Mapping[str, Any], base: int, size: int) -> _Place:
    """Where an array lies in a file of ``size`` bytes, as its header entry describes it."""
    name = entry["name"]
    if entry["type"] not in _TYPES:
        raise ValueError(f"array {name!r} has unknown type {entry['type']!r}")
    if entry["offset"] % _ALIGNMENT:
        raise ValueError(f"array {name!r} does not start at a multiple of {_ALIGNMENT} bytes")
    kind = np.dtype(entry["type"])
    start, nbytes = base + entry["offset"], math.prod(entry["shape"]) * kind.itemsize
    if start + nbytes > size:
        raise ValueError(f"it ends inside array {name!r}")
    return _Place(name, kind, tuple(entry["shape"]), start, nbytes, entry["crc32"])


def _content(file: BufferedReader, place: _Place, mapped: bool) -> NDArray[np.uint8]:
    """The bytes of an array, (nbytes,) uint8, read-only: mapped or in memory.

    Raises:
        MemoryError: this process may not have so much memory, which says nothing about the file.
    """
    if mapped and place.nbytes:
        try:
            return np.memmap(file, np.uint8, "r", place.start, (place.nbytes,))
        except OSError as error:
            if error.errno == errno.ENOMEM:
                raise MemoryError from error
            raise
    memory = np.empty(place.nbytes + _ALIGNMENT, np.uint8)
    start = -memory.ctypes.data % _ALIGNMENT
    content = memory[start : start + place.nbytes]
    file.seek(place.start)
    if file.readinto(content.data) < place.nbytes:
        raise ValueError("it was cut short while it was read")
    return frozen(content)


def _populated(file: BufferedReader, place: _Place) -> NDArray[np.uint8]:
    """The bytes of an array as ``_content`` gives them, mapped once the system has read all of them.

    Then neither a file that was cut short nor a failing disk ends the process that looks at them. Where the
    system cannot do that, or one of these is met, they are read, and what is wrong is told.
    """
    try:
        before = place.start % mmap.ALLOCATIONGRANULARITY
        length = before + place.nbytes
        content = mmap.mmap(file.fileno(), length, access=mmap.ACCESS_READ, offset=place.start - before)
        for start in range(0, length, _POPULATED_AT_ONCE):
            content.madvise(_POPULATE_READ, start, min(_POPULATED_AT_ONCE, length - start))
    except (AttributeError, OSError, ValueError):  # the first where Python has no ``madvise``
        return _content(file, place, mapped=False)
    return np.frombuffer(content, np.uint8, place.nbytes, before)


def _reading(file: BufferedReader) -> _Take:
    """Reads a mapped file's bytes as any file's: what cannot be read is an error then, and not the end of the
    process, as for one that was cut short or lies on a failing disk.
    """
    return lambda start, length: os.pread(file.fileno(), length, start)


def _check(places: Sequence[_Place], contents: Mapping[str, NDArray[np.uint8]], take: _Take | None) -> None:
    """Compare the blocks of arrays with their checksums, on several cores.

    Args:
        places: of the arrays.
        contents: their bytes, by name.
        take: gives bytes of the file; None to look at ``contents``.
    """
    blocks = [(place, at) for place in places for at in range(0, place.nbytes, _BLOCK)]
    expected = [crc32 for place in places for crc32 in place.crc32]

    def found(block: tuple[_Place, int]) -> int:
        place, at = block
        if take is None:
            return zlib.crc32(contents[place.name][at : at + _BLOCK].data)
        return zlib.crc32(take(place.start + at, min(_BLOCK, place.nbytes - at)))

    with ThreadPoolExecutor(min(_MOST_THREADS, os.cpu_count() or 1)) as pool:
        for (place, _), crc32, right in zip(blocks, pool.map(found, blocks), expected, strict=True):
            if crc32 != right:
                raise ValueError(f"array {place.name!r} does not match its checksum")


def _bytes(array: NDArray[Any]) -> memoryview:
    return array.reshape(-1).view(np.uint8).data


def _blocks(array: NDArray[Any]) -> list[memoryview]:
    content = _bytes(array)
    return [content[start : start + _BLOCK] for start in range(0, len(content), _BLOCK)]


def _padded(length: int) -> int:
    return -(-length // _ALIGNMENT) * _ALIGNMENT
