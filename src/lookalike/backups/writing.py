"""Backing up: the catalog as of one moment, then the other files of the collection's folder."""

from __future__ import annotations

import io
import json
import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

from lookalike.backups.archive import ArchiveWriter
from lookalike.disk import is_refusal, replacing
from lookalike.errors import Busy, StorageError, UsageError
from lookalike.store import Database
from lookalike.store.snapshots import CACHES
from lookalike.version import __version__

ABOUT, CATALOG = "backup.json", "catalog.sqlite"
"""Names of the first two members: what the archive is, and the catalog."""

FORMAT = 1
_KEPT_OF_CACHES = "calibration.npz"
_UNFINISHED = (".partial", ".unfinished")


@dataclass(frozen=True, slots=True)
class Backup:
    """What was backed up.

    Attributes:
        files: how many, the catalog among them.
        bytes: size of the archive.
    """

    files: int
    bytes: int


def back_up(folder: Path, archive: Path) -> Backup:
    """Write a collection into one file, while other processes and threads search it and add to it.

    The catalog is copied by SQLite as it is at one moment. The other files follow as they are after that, but
    for index caches, which are made anew from the catalog, and files that are still being written. The
    archive appears whole or not at all. Until then it needs room for itself and a copy of the catalog.

    Args:
        folder: the collection's.
        archive: where to write; an older backup there is replaced, any other file is left alone.

    Raises:
        NotFoundError: there is no collection.
        DamagedError: what is there is not a usable catalog.
        UsageError: another file is in the archive's place, or that lies in the collection's folder.
        StorageError: the machine cannot read or write: no room, or no permission.
        Busy: a file of the collection was cut short while it was read.
    """
    if os.path.realpath(archive).startswith(os.path.realpath(folder) + os.sep):
        raise UsageError(f"a backup cannot lie in the collection that it is of: {archive}")
    _refuse_other(archive)
    database = Database(folder / CATALOG, create=False)
    try:
        with (
            TemporaryDirectory(prefix=".lookalike-", dir=archive.parent) as aside,
            replacing(archive) as file,
        ):
            copy = Path(aside) / CATALOG
            database.copy_to(copy)
            files = _write(folder, copy, file)
    except OSError as error:
        reason = error.strerror or str(error)
        kind = StorageError if is_refusal(error) else UsageError
        raise kind(f"the backup {archive} cannot be written: {reason}") from error
    finally:
        database.close()
    return Backup(files, archive.stat().st_size)


def _write(folder: Path, catalog: Path, file: BinaryIO) -> int:
    """Write the archive; how many files are in it, besides what it says of itself."""
    writer = ArchiveWriter(file)
    about = {"format": FORMAT, "program": f"lookalike {__version__}", "folder": str(folder)}
    content = json.dumps(about).encode()
    writer.add(ABOUT, io.BytesIO(content), len(content))
    with catalog.open("rb") as source:
        writer.add(CATALOG, source, catalog.stat().st_size)
    files = 1
    for path in _kept(folder):
        try:
            source = path.open("rb")
        except FileNotFoundError:  # forgotten meanwhile
            continue
        with source:
            if not writer.add(path.relative_to(folder).as_posix(), source, os.fstat(source.fileno()).st_size):
                raise Busy(f"{path} was changed while it was backed up; run the same command again")
        files += 1
    writer.finish()
    return files


def _kept(folder: Path) -> Iterator[Path]:
    """The regular files of a collection that cannot be made anew, but for the catalog, sorted."""
    for place, folders, names in os.walk(folder):
        if place == str(folder) and CACHES in folders:
            folders.remove(CACHES)
        folders.sort()
        for path in (Path(place, name) for name in sorted(names)):
            of_catalog = path.parent == folder and path.name.startswith(CATALOG)
            if not of_catalog and path.suffix not in _UNFINISHED and _is_file(path):
                yield path
    if _is_file(folder / CACHES / _KEPT_OF_CACHES):  # measured on pictures, which takes minutes
        yield folder / CACHES / _KEPT_OF_CACHES


def _is_file(path: Path) -> bool:
    with suppress(OSError):
        return stat.S_ISREG(path.lstat().st_mode)
    return False


def _refuse_other(archive: Path) -> None:
    """Make sure that no file that is not a backup is replaced.

    Raises:
        UsageError: one would be.
    """
    if not os.path.lexists(archive):
        return
    start = b""
    with suppress(OSError):
        if _is_file(archive):
            with archive.open("rb") as file:
                start = file.read(len(ABOUT) + 1)
    if start != ABOUT.encode() + b"\0":
        raise UsageError(f"{archive} is there and is no backup; name another file")
