"""Forgetting: which files are to be forgotten, and which may only lie on a drive that is not mounted."""

from __future__ import annotations

import hashlib
import os
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path

from lookalike.collection.reports import AddReport, Withheld
from lookalike.disk import is_gone, is_lost
from lookalike.errors import ImageError, NotFoundError, UsageError
from lookalike.images import FoundFile, Limits, read_file, scan
from lookalike.paths import at_or_below, shown
from lookalike.store import Catalog, FollowingIndex, Recorder


def forget_at(
    places: Iterable[Path], catalog: Catalog, recorder: Recorder, index: FollowingIndex, *, forever: bool
) -> int:
    """Forget the known files at some paths or below, and count them; see ``Collection.remove``."""
    files = files_at(places, catalog)
    forgotten = recorder.ban(files) if forever else recorder.forget(files, wholly=True)
    index.save()
    return forgotten


def files_at(places: Iterable[Path], catalog: Catalog) -> list[Path]:
    """Known files at some paths, and below them where they are folders.

    Raises:
        NotFoundError: nothing known lies at one of the paths.
        UsageError: the root of the file system, which most often comes from ``"$FOLDER/"`` and no variable.
    """
    files: list[Path] = []
    for place in places:
        if place == place.parent:
            raise UsageError(f"{place} would forget everything; to do so delete the collection's folder")
        files += known_at(place, catalog)
    return files


def known_at(place: Path, catalog: Catalog) -> list[Path]:
    """Known files at a path, and below it if it is a folder.

    Raises:
        NotFoundError: nothing known lies there.
    """
    known = catalog.paths(place) or at_or_below(place, catalog.paths())
    if not known:
        raise NotFoundError(f"nothing in the collection lies at {shown(place)}")
    return known


def unwanted_at(places: Iterable[Path], catalog: Catalog, limits: Limits) -> set[bytes]:
    """SHA-256 of images removed for good that lay at some paths or below, or whose bytes a file there holds.

    Raises:
        NotFoundError: nothing that lay at one of the paths was removed for good.
    """
    digests: set[bytes] = set()
    unwanted = catalog.unwanted()
    for place in places:
        found = {sha256 for path, sha256 in unwanted if path.is_relative_to(place)}
        with suppress(ImageError):  # no file
            sha256 = hashlib.sha256(read_file(place, limits)).digest()
            found |= {sha256} if catalog.is_unwanted(sha256) else set()
        if not found:
            raise NotFoundError(f"nothing was removed for good that lay at {shown(place)}")
        digests |= found
    return digests


def prune_lost(
    places: Iterable[Path], report: AddReport, catalog: Catalog, recorder: Recorder, *, sure: bool
) -> None:
    """Forget known files, at some paths or below, that are gone from the disk.

    They may lie on a drive that is not mounted. Therefore nothing is forgotten, and the report withholds the
    files, if one of the paths, or a folder below it that held some of them, is gone or holds no picture any
    more, or if more than half of the known files below a path are gone.

    Args:
        places: named by a person.
        report: told how many files were forgotten, or which were not. A path that was asked for because it is
            gone is no longer said to be rejected.
        catalog: knows the files.
        recorder: of the same catalog.
        sure: forget them all the same.
    """
    lost: list[Path] = []
    doubts: list[Withheld] = []
    for place in places:
        known = dict(catalog.files(place))
        gone = [file for file in known if is_lost(file)]
        if gone:
            lost += gone
            doubts += _doubts(place, known, gone, catalog)
    if doubts and not sure:
        report.withheld = doubts
    elif lost:
        report.pruned += recorder.forget(lost)
        asked = {doubt.folder for doubt in doubts if is_gone(doubt.folder)}
        report.rejected = [item for item in report.rejected if item.path not in asked]


def _doubts(place: Path, known: dict[Path, Path], gone: list[Path], catalog: Catalog) -> list[Withheld]:
    """Why files below a place may still be somewhere.

    A file that was moved, and indexed at its new place, is no loss; so are only those counted of whose image
    no file is left.

    Args:
        place: named by a person.
        known: files at or below it, each with the place that was named when it was met.
        gone: those that are not there.
        catalog: knows other files that hold the same images.
    """
    trouble = _trouble(place)
    if trouble:
        return [Withheld(place, trouble, gone)]
    losses = [file for file in gone if all(is_lost(copy) for copy in catalog.copies(file))]
    if 2 * len(losses) > len(known):
        return [Withheld(place, f"{len(losses):,} of {len(known):,} files are gone at once", losses)]
    troubled = cache(_trouble)
    groups: defaultdict[Path, list[Path]] = defaultdict(list)
    for file in losses:
        root = known[file]
        standing = next(folder for folder in file.parents if folder.is_dir())
        # The root of a file that was named itself is that file.
        suspect = root if root != file and is_gone(Path(os.path.realpath(root))) else standing
        if suspect != place and troubled(suspect):
            groups[suspect].append(file)
    return [Withheld(folder, troubled(folder), files) for folder, files in groups.items()]


def _trouble(place: Path) -> str:
    """What makes a folder look like a drive that is not mounted; empty if nothing does."""
    if is_gone(Path(os.path.realpath(place))):
        return "it is gone"
    if place.is_dir() and not any(isinstance(item, FoundFile) for item in scan([place])):
        return "no picture is left in it"
    return ""
