"""Every picture of a folder, as each method sees it: computed on all cores, in parts that are kept.

A run that was stopped goes on after its last whole part. The kept files are named by all that decides what
is in them, so that none is ever read that does not fit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lookalike.embed import Embedder
from lookalike.errors import NotFoundError, UsageError
from lookalike.images import FoundFile, RejectedFile
from lookalike.labs.robust.parts import Part, read_part, write_part
from lookalike.labs.shared.classic_hashes import ALL_HASHES
from lookalike.labs.shared.described import Described, describe_images, joined
from lookalike.labs.shared.pictures import find, listing_digest, read_all
from lookalike.labs.shared.progress import Advance, progress
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
        described: what each method knows of them, one row per picture.
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
        cache: folder for what is kept; made if it is missing.
        settings: limits of pictures, and how many threads work.

    Raises:
        NotFoundError: there is not one that can be read.
        UsageError: nothing can be kept in ``cache``.
    """
    folder = absolute(folder)
    files, rejected = find(folder)
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
    """Name of the folder of kept parts: changes whenever a file, the model or a hashing package changes."""
    packages = [f"{name} {version(name)}" for name in _PACKAGES]
    return listing_digest(files, f"{_FORMAT} {ENOUGH} {embedder.fingerprint}", *packages)


def _described(
    first: int, files: Sequence[FoundFile], embedder: Embedder, settings: Settings, advance: Advance
) -> Part:
    """Read a part, whose first file is file number ``first``."""

    def describe(images: list[Image.Image]) -> tuple[list[int], Described | None]:
        sides = [min(image.size) for image in images]
        return sides, describe_images(images, embedder, ALL_HASHES) if images else None

    reasons: list[str] = []
    sides: list[int] = []
    known: list[Described] = []
    for batch in read_all([file.path for file in files], describe, settings, at_least=ENOUGH):
        reasons += batch.reasons
        some_sides, described = batch.made
        sides += some_sides
        if described is not None:
            known.append(described)
        advance(len(batch.reasons))
    return Part(
        first + np.flatnonzero([not reason for reason in reasons]),
        np.array(sides, np.int64),
        joined(known) if known else None,
        {first + place: reason for place, reason in enumerate(reasons) if reason},
    )
