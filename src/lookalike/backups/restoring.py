"""Restoring: an archive unpacked beside the place of the collection, checked, and only then renamed."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from typing import BinaryIO

from lookalike.backups.archive import ArchiveReader, Member
from lookalike.backups.writing import ABOUT, CATALOG, FORMAT
from lookalike.disk import is_refusal, sync_folder
from lookalike.errors import DamagedError, LookalikeError, StorageError, UsageError
from lookalike.store import Catalog, Database, Recorder

_LONGEST_ABOUT = 1 << 16  # bytes


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored.

    Attributes:
        images: how many the collection holds.
        files: how many files the archive held.
    """

    images: int
    files: int


def restore(archive: Path, folder: Path) -> Restored:
    """Make a collection of what ``back_up`` wrote.

    Everything is unpacked into a folder beside the collection's place, which takes that place once every
    checksum was right; on any error that folder is deleted. Pictures that the collection keeps itself move
    along if it lay elsewhere before.

    Args:
        archive: the file.
        folder: where the collection is to be; nothing, or an empty folder, may be there.

    Raises:
        UsageError: something is there, the archive cannot be opened, or a newer program wrote it.
        DamagedError: the archive is no backup, is cut off, or has a wrong checksum or a name that leads
            elsewhere.
        StorageError: the machine cannot store it: no room, or no permission.
    """
    _refuse_existing(folder)
    try:
        with archive.open("rb") as file:
            folder.parent.mkdir(parents=True, exist_ok=True)
            aside = folder.with_name(f".{folder.name}.{os.getpid()}.partial")
            aside.mkdir()
            try:
                before, files = _unpack(file, archive, aside)
                images = _settle(aside, before, folder)
                if folder.exists():
                    folder.rmdir()
                aside.rename(folder)
            except BaseException:
                rmtree(aside, ignore_errors=True)
                raise
        sync_folder(folder.parent)
    except OSError as error:
        kind = StorageError if is_refusal(error) else UsageError
        raise kind(f"the backup {archive} cannot be restored: {error.strerror or error}") from error
    return Restored(images, files)


def _refuse_existing(folder: Path) -> None:
    empty = not os.path.lexists(folder) or (
        folder.is_dir() and not folder.is_symlink() and not any(folder.iterdir())
    )
    if not empty:
        raise UsageError(f"there is something at {folder} already; name another folder with --collection")


def _unpack(file: BinaryIO, archive: Path, folder: Path) -> tuple[Path, int]:
    """Unpack all members into a folder, each synced.

    Returns:
        Where the collection lay when it was backed up, and how many files of it there are.
    """
    reader = ArchiveReader(file, str(archive))
    before: Path | None = None
    files = 0
    for member in reader.members():
        if before is None:
            before = _about(reader, member, archive)
            continue
        path = folder / member.name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as target:
            for piece in reader.content(member):
                target.write(piece)
            target.flush()
            os.fsync(target.fileno())
        files += 1
    if before is None or not (folder / CATALOG).is_file():
        raise DamagedError(f"the backup {archive} holds no collection; nothing was restored")
    return before, files


def _about(reader: ArchiveReader, member: Member, archive: Path) -> Path:
    """Read what the archive says of itself: where the collection lay."""
    if member.name != ABOUT or member.size > _LONGEST_ABOUT:
        raise DamagedError(f"{archive} is no backup of this program; nothing was restored")
    try:
        about = json.loads(b"".join(reader.content(member)))
        form, folder = about["format"], about["folder"]
        if type(form) is not int or not isinstance(folder, str):
            raise ValueError("not of the right types")
        os.fsencode(folder)  # refuses what is no path
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise DamagedError(f"the backup {archive} does not say what it is; nothing was restored") from error
    if form > FORMAT:
        raise UsageError(f"the backup {archive} was written by a newer version; upgrade lookalike")
    return Path(folder)


def _settle(aside: Path, before: Path, folder: Path) -> int:
    """Let the catalog know where the collection's own pictures lie now, and count its images."""
    database = Database(aside / CATALOG, create=False)
    try:
        catalog = Catalog(database)
        Recorder(database).move_files(before / "uploads", folder / "uploads")
        for path, _ in catalog.files(folder / "uploads"):
            stamp = catalog.stamp(path)
            kept = aside / "uploads" / path.name
            if stamp is not None and kept.is_file():
                os.utime(kept, ns=(stamp.mtime_ns, stamp.mtime_ns))
        return catalog.count()
    except LookalikeError:  # a UsageError is a ValueError, too
        raise
    except (TypeError, ValueError, OverflowError) as error:  # columns of other types than this program makes
        raise DamagedError(f"the backup's catalog is damaged: {error}; nothing was restored") from error
    finally:
        database.close()
