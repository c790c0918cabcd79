"""Every picture of a folder, as each method sees it: computed on all cores, in parts that are kept.

A run that was stopped goes on after its last whole part. The kept files are named by all that decides what
is in them, so that none is ever read that does not fit.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lookalike.collection.workers import FILES_A_TASK, worked
from lookalike.embed import Embedder
from lookalike.errors import ImageError, NotFoundError, UsageError
from lookalike.images import FoundFile, Limits, RejectedFile, decode, read_file, scan
from lookalike.labs.bench.classic_hashes import ALL_HASHES
from lookalike.labs.bench.described import Described, describe_images, joined
from lookalike.labs.robust.bars import Advance, progress
from lookalike.labs.robust.parts import Part, read_part, write_part
from lookalike.paths import absolute, shown
from lookalike.settings import Settings

ENOUGH = 256
"""Pixels a side, twice: a picture with more is reduced by a whole number, as sites do with what is sent."""

_FILES_A_PART = 256
_FORMAT = 1
_PACKAGES = ("ImageHash", "pdqhash", "pillow", "onnxruntime")


@dataclass(frozen=True, slots=True)
class Pictures:
    """The readable pictures of a folder.

    Attributes:
        folder: that was walked, absolute.
        paths: of the pictures, ascending.
        sides: (n,) int64, pixels of the shorter side of each as it was described.
        described: a row each.
        rejected: what could not be read, and why.
    """

    folder: Path
    paths: Sequence[Path]
    sides: NDArray[np.int64]
    described: Described
    rejected: Sequence[RejectedFile]

    def folders(self) -> NDArray[np.int64]:
        """A number for the folder that each picture lies in, (n,)."""
        parents = np.array([str(path.parent) for path in self.paths])
        return np.unique(parents, return_inverse=True)[1].astype(np.int64)


def read_pictures(folder: Path, embedder: Embedder, cache: Path, settings: Settings) -> Pictures:
    """Read, embed and hash all pictures below a folder.

    Args:
        folder: is walked.
        embedder: of the embeddings.
        cache: folder for what is kept; made where it is missing.
        settings: limits of pictures, and how many threads work.

    Raises:
        NotFoundError: there is not one that can be read.
        UsageError: nothing can be kept in ``cache``.
    """
    folder = absolute(folder)
    scanned = list(scan([folder]))
    files = sorted((item for item in scanned if isinstance(item, FoundFile)), key=lambda item: item.path)
    rejected = [item for item in scanned if isinstance(item, RejectedFile)]
    kept = cache / _name(files, embedder)
    try:
        kept.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"folder {shown(kept)} cannot be made: {error.strerror}") from error
    parts = []
    with progress("Reading pictures", len(files)) as advance:
        for start in range(0, len(files), _FILES_A_PART):
            some = files[start : start + _FILES_A_PART]
            path = kept / f"{start:07}.npz"
            part = read_part(path)
            if part is None:
                part = _described(start, some, embedder, settings, advance)
                write_part(part, path)
            else:
                advance(len(some))
            parts.append(part)
    rejected += [
        RejectedFile(files[place].path, reason) for part in parts for place, reason in part.lost.items()
    ]
    known = [part.described for part in parts if part.described is not None]
    if not known:
        raise NotFoundError(f"there are no pictures that can be read in {shown(folder)}")
    return Pictures(
        folder,
        [files[place].path for part in parts for place in part.places.tolist()],
        np.concatenate([part.sides for part in parts]),
        joined(known),
        rejected,
    )


def _name(files: Sequence[FoundFile], embedder: Embedder) -> str:
    """Of the folder for what is kept: new whenever a file, the model or a package that hashes is."""
    packages = [f"{name} {version(name)}" for name in _PACKAGES]
    lines = [f"{_FORMAT} {ENOUGH} {embedder.fingerprint}", *packages]
    lines += [f"{item.size} {item.mtime_ns} {item.path}" for item in files]
    return hashlib.sha256("\n".join(lines).encode(errors="surrogateescape")).hexdigest()[:24]


def _described(
    first: int, files: Sequence[FoundFile], embedder: Embedder, settings: Settings, advance: Advance
) -> Part:
    """A part, whose first file is file number ``first``."""
    limits = settings.limits
    starts = range(0, len(files), FILES_A_TASK)
    done: dict[int, Part] = {}

    def work(start: int) -> tuple[int, Part]:
        some = files[start : start + FILES_A_TASK]
        return start, _read(first + start, some, embedder, limits)

    for results in worked(starts, work, settings.threads):
        done.update(results)
        advance(sum(len(part.places) + len(part.lost) for _, part in results))
    parts = [done[start] for start in starts]
    known = [part.described for part in parts if part.described is not None]
    return Part(
        np.concatenate([part.places for part in parts]),
        np.concatenate([part.sides for part in parts]),
        joined(known) if known else None,
        {place: reason for part in parts for place, reason in part.lost.items()},
    )


def _read(first: int, files: Sequence[FoundFile], embedder: Embedder, limits: Limits) -> Part:
    """A few files, on this thread."""
    images, lost = {}, {}
    for place, file in enumerate(files, first):
        try:
            images[place] = decode(read_file(file.path, limits), limits=limits, at_least=ENOUGH).image
        except ImageError as error:
            lost[place] = str(error)
    described = describe_images(list(images.values()), embedder, ALL_HASHES) if images else None
    sides = [min(image.size) for image in images.values()]
    return Part(np.array(list(images), np.int64), np.array(sides, np.int64), described, lost)
