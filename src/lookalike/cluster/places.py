"""Which files and objects an import reads: those below the given places that the table does not know yet."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pyarrow import fs

from lookalike.cluster.addresses import path_of, store_of
from lookalike.cluster.table import Table
from lookalike.errors import NotFoundError, StorageError, UsageError, reason_of
from lookalike.images import FoundFile, RejectedFile, scan
from lookalike.images.names import has_image_suffix
from lookalike.paths import absolute


def found_in(sources: Iterable[str]) -> Iterator[tuple[str, int, int] | RejectedFile]:
    """Walk through places.

    Args:
        sources: files and folders that all nodes see, and addresses of objects or of what lies below, such as
            ``s3://bucket/folder``.

    Yields:
        Address, size and time in nanoseconds of what may be a picture; a place that cannot be used.

    Raises:
        NotFoundError: there is nothing at an address.
        StorageError: an object store cannot be reached.
        UsageError: an address holds a secret, or no store is known by it.
    """
    for source in sources:
        if "://" in source:
            yield from _objects(source)
            continue
        for item in scan([absolute(source)]):
            if isinstance(item, FoundFile):
                yield str(item.path), item.size, item.mtime_ns
            else:
                yield item


def folder_of(source: str) -> Path:
    """The folder or address that a place stands for: of a single file, the folder that it lies in."""
    if "://" in source:
        place = path_of(source.rstrip("/"))
        return place.parent if has_image_suffix(place.name) else place
    place = absolute(source)
    return place.parent if place.is_file() else place


def _objects(source: str) -> Iterator[tuple[str, int, int]]:
    scheme, _, rest = source.partition("://")
    user, at, _ = rest.partition("/")[0].rpartition("@")
    if ":" in user:
        raise UsageError("an address must hold no secret, since paths are stored: give it by a variable")
    try:
        store, path = store_of(source.rstrip("/"))
        place = store.get_file_info(path)
        if place.type == fs.FileType.NotFound:
            raise NotFoundError(f"there is nothing at {source}")
        folder = place.type == fs.FileType.Directory
        items = store.get_file_info(fs.FileSelector(path, recursive=True)) if folder else [place]
    except OSError as error:
        raise StorageError(f"{source} cannot be listed: {reason_of(error)}") from error
    for item in items:
        if item.type == fs.FileType.File and has_image_suffix(item.base_name):
            yield f"{scheme}://{user}{at}{item.path}", item.size, int(item.mtime_ns or 0)


class Known:
    """The files that a table knows by path, size and time: 8 bytes of memory for each."""

    def __init__(self, table: Table) -> None:
        marks = [
            _mark(path, size, time)
            for batch in table.scan(["paths", "bytes", "modified"])
            for paths, size, time in zip(
                *(batch.column(name).to_pylist() for name in ("paths", "bytes", "modified")), strict=True
            )
            for path in paths[:1]
        ]
        self._marks: NDArray[np.uint64] = np.sort(np.array(marks, np.uint64))

    def has(self, address: str, size: int, time: int) -> bool:
        """Whether the first file of an image is this one, as it was when it was added."""
        mark = np.uint64(_mark(os.fsencode(path_of(address)), size, time))
        place = int(np.searchsorted(self._marks, mark))
        return place < len(self._marks) and bool(self._marks[place] == mark)


def _mark(path: bytes, size: int, time: int) -> int:
    text = b"%b\0%d\0%d" % (path, size, time)
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big")
