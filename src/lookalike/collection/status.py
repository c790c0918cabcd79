"""``status``: what a collection holds, and which of its files are missing."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from lookalike.collection.presence import is_missing
from lookalike.disk import bytes_in
from lookalike.errors import LookalikeError
from lookalike.store import Catalog, Database, Keep


@dataclass(frozen=True, slots=True)
class Status:
    """What a collection holds.

    Attributes:
        folder: where it is stored.
        images: distinct images.
        files: files they lie in.
        missing: known files that are gone from the disk, sorted.
        missing_from: those of ``roots`` that hold missing files, sorted.
        removed: where the images lay that were removed for good, sorted.
        roots: the paths that were indexed, each with its number of files.
        embedder: name of the embedder; None before the first image.
        fingerprint: of the embedder.
        index: state of the newest index cache, every byte of which is checked: "up to date", "behind" (the
            next search catches up), "damaged" or "none" (the next search builds it).
        calibrated_on: images in the collection when the rate of false copies was last measured; 0 while it is
            the one that ships with the program.
        bytes_on_disk: of catalog and index caches.
        doubtful: images that were taken with a doubt, since their file is cut short.
        keeps: "all", or "vectors" if neither paths nor small pictures are kept; then ``roots`` is empty, and
            nobody knows which files are missing.
    """

    folder: Path
    images: int
    files: int
    missing: list[Path]
    missing_from: list[Path]
    removed: list[Path]
    roots: dict[Path, int]
    embedder: str | None
    fingerprint: str | None
    index: str
    calibrated_on: int
    bytes_on_disk: int
    doubtful: int
    keeps: Keep


def status_of(folder: Path, catalog: Catalog, index: str, calibrated_on: int) -> Status:
    """Count what a collection holds, and look whether its files are still there.

    Args:
        folder: where the collection is stored.
        catalog: the collection's.
        index: state of its index cache, as ``FollowingIndex.state`` says it.
        calibrated_on: images in the collection when its calibration was measured.
    """
    keeps = catalog.keeps()
    files = list(catalog.files()) if keeps == "all" else []
    missing = [(path, root) for path, root in files if is_missing(path)]
    name, fingerprint = catalog.embedder() or (None, None)
    return Status(
        folder=folder,
        images=catalog.count(),
        files=len(files) if keeps == "all" else catalog.count(),
        missing=[path for path, _ in missing],
        missing_from=sorted({root for _, root in missing}),
        removed=[path for path, _ in catalog.unwanted()],
        roots=dict(sorted(Counter(root for _, root in files).items())),
        embedder=name,
        fingerprint=fingerprint,
        index=index,
        calibrated_on=calibrated_on,
        bytes_on_disk=bytes_in(folder.rglob("*")),
        doubtful=len(catalog.doubts()),
        keeps=keeps,
    )


def state_of(database: Database, catalog: Catalog) -> str:
    """A collection's contents and state in a few words: ``8 images of 'resnet34', open``; never an error."""
    if database.closed:
        return "closed"
    try:
        name, _ = catalog.embedder() or ("", "")
        images = catalog.count()
    except LookalikeError as error:  # a debugger must be able to show a damaged one, too
        return str(error)
    return f"{images:,} {'image' if images == 1 else 'images'}{f' of {name!r}' if name else ''}, open"
