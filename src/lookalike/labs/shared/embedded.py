"""The embeddings of a folder's pictures, computed once and kept, since several experiments search them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lookalike.embed import Embedder
from lookalike.errors import NotFoundError
from lookalike.kernels.arrays import Vectors
from lookalike.labs.shared.arrays import read_arrays, write_arrays
from lookalike.labs.shared.pictures import find, listing_digest, read_all, tell_left_out
from lookalike.labs.shared.progress import progress
from lookalike.paths import shown
from lookalike.settings import Settings

Readable = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Embedded:
    """Pictures and where an embedder puts them.

    Attributes:
        paths: of the readable pictures, ascending.
        vectors: (n, dim) float32 rows of unit length.
    """

    paths: list[Path]
    vectors: Vectors

    def place(self, path: Path) -> int:
        """The number of the row that holds a path's embedding."""
        return self.paths.index(path)


def embed_folder(folder: Path, embedder: Embedder, cache: Path, settings: Settings) -> Embedded:
    """Embed all pictures below a folder, or read what an earlier call kept.

    Args:
        folder: searched at any depth.
        embedder: any.
        cache: folder of the kept file, whose name changes if a file's name, size or time changes, or the
            embedder.
        settings: limits of pictures, and how many threads work.

    Returns:
        The readable pictures; those that cannot be read are named on stderr.

    Raises:
        NotFoundError: there are none.
    """
    found = find(folder)
    if not found.files:
        raise NotFoundError(f"there are no pictures in {shown(folder)}")
    kept = cache / f"embedded-{listing_digest(found.files, embedder.fingerprint)}.npz"
    arrays = read_arrays(kept, ("readable", "vectors"))
    if arrays is None:
        readable, vectors = embed_pictures(found.paths, embedder, settings)
        write_arrays(kept, {"readable": readable, "vectors": vectors})
    else:
        readable, vectors = arrays["readable"], arrays["vectors"]
    if not len(vectors):
        raise NotFoundError(f"none of the {len(readable)} pictures in {shown(folder)} can be read")
    pairs = zip(found.paths, readable, strict=True)
    return Embedded([path for path, is_readable in pairs if is_readable], vectors)


def embed_pictures(paths: Sequence[Path], embedder: Embedder, settings: Settings) -> tuple[Readable, Vectors]:
    """Embed pictures on all cores; those that cannot be read are named on stderr.

    Args:
        paths: files.
        embedder: any.
        settings: limits of pictures, and how many threads work.

    Returns:
        ``(readable, vectors)``: (paths,) bool, and (readable, dim) float32 in the order of the paths.
    """
    reasons: list[str] = []
    vectors: list[Vectors] = [np.empty((0, embedder.card.dim), np.float32)]
    with progress(f"Embedding {len(paths):,} pictures", len(paths)) as advance:
        for batch in read_all(paths, embedder.embed, settings, at_least=embedder.card.side):
            for path, reason in zip(paths[len(reasons) :], batch.reasons, strict=False):
                if reason:
                    tell_left_out(path, reason)
            reasons += batch.reasons
            vectors.append(batch.made)
            advance(len(batch.reasons))
    return np.array([not reason for reason in reasons], bool), np.concatenate(vectors)
