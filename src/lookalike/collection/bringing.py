"""``index --vectors``: brings in vectors that another program made, with their pictures."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lookalike.collection.adding import Encoded, files_to_read, reading, recording, take_in
from lookalike.collection.basis import Bases
from lookalike.collection.pictures import embed_source
from lookalike.collection.reports import AddReport, Progress, continued
from lookalike.embed import Embedder
from lookalike.embed.brought import BroughtEmbedder
from lookalike.errors import EmbedderMismatch, ImageError, UsageError, reason_of
from lookalike.images import FoundFile
from lookalike.kernels.arrays import Vectors
from lookalike.paths import shown
from lookalike.store import Recorder

_COMPARED = 4
"""Pictures that are embedded to see whether vectors are those of the network that they are said to be of."""

_ALIKE = 0.9  # least cosine of two vectors of a picture by one network, decoded by two programs


@dataclass(frozen=True, slots=True)
class BroughtVectors:
    """Vectors, and the pictures that they are of.

    Attributes:
        folder: the pictures lie in it.
        rows: (n, dim) floating-point numbers, of any length but 0; may be mapped from a file.
        of: which row belongs to each absolute path.
    """

    folder: Path
    rows: NDArray[Any]
    of: dict[Path, int]

    @classmethod
    def read(cls, vectors: Path, ids: Path, folder: Path) -> BroughtVectors:
        """Read what another program wrote; the vectors stay in their file.

        Args:
            vectors: a ``.npy`` file.
            ids: a text file with a path for each row, one per line; relative ones lie in ``folder``.
            folder: where the pictures lie.

        Raises:
            UsageError: a file cannot be read, or they do not fit each other.
        """
        rows = _mapped(vectors)
        if not isinstance(rows, np.ndarray) or rows.ndim != 2 or rows.dtype.kind != "f" or not rows.shape[1]:
            raise UsageError(f"{vectors} must hold a floating-point array with a row for each picture")
        try:
            lines = ids.read_text("utf-8", "surrogateescape").splitlines()
        except OSError as error:
            raise UsageError(f"{ids} cannot be read: {error.strerror}") from error
        if len(lines) != len(rows):
            raise UsageError(f"{vectors} has {len(rows):,} rows, but {ids} has {len(lines):,} lines")
        of: dict[Path, int] = {}
        for number, line in enumerate(lines):
            path = Path(os.path.normpath(folder / line))
            if not line or of.setdefault(path, number) != number:
                what = "names a path twice" if line else "is empty"
                raise UsageError(f"{ids}: line {number + 1} {what}")
        return cls(folder, rows, of)

    def vector(self, path: Path) -> Vectors:
        """The vector of a picture, (dim,) float32 of unit length.

        Raises:
            ImageError: it is zero, or not of finite numbers.
        """
        row = np.asarray(self.rows[self.of[path]], np.float64)
        length = float(np.linalg.norm(row))
        if not 0 < length < np.inf:
            raise ImageError("its vector is zero, or holds NaN or infinity")
        return np.asarray(row / length, np.float32)


def _mapped(vectors: Path) -> object:
    """What a ``.npy`` file holds, mapped.

    Raises:
        UsageError: it cannot be read.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return np.lib.format.open_memmap(vectors, mode="r")
    except OSError as error:
        raise UsageError(f"{vectors} cannot be read: {reason_of(error)}") from error
    except Exception as error:  # whatever NumPy raises of a header: four kinds were seen
        raise UsageError(f"{vectors} cannot be read as vectors: it is no .npy file, or damaged") from error


def bring_in(brought: BroughtVectors, bases: Bases, on_progress: Callable[[Progress], None]) -> AddReport:
    """Add pictures with vectors that were made elsewhere; each is read, but not embedded.

    Files whose size and time are known are skipped. A picture whose bytes the collection knows keeps the
    vector that it has.

    Args:
        brought: the vectors.
        bases: of the collection.
        on_progress: called on this thread; what it is told is done has been recorded.

    Raises:
        EmbedderMismatch: the collection has another embedder, or its embedder gives other vectors.
        UsageError: the vectors have another dimension than those of the collection.
        StorageError: the machine cannot go on: the disk is full, or too many files are open.
    """
    settings, catalog, report = bases.settings, bases.catalog, AddReport()
    embedder = bases.own.current()
    _refuse_others(brought, embedder, bases)
    files = [
        found._replace(root=brought.folder) if found.path.is_relative_to(brought.folder) else found
        for found in files_to_read(brought.of, catalog, report)
    ]
    read = reading(catalog, settings)

    def read_with_vector(found: FoundFile) -> Encoded:
        encoded = read(found)
        return encoded if encoded.data is None else encoded._replace(vector=brought.vector(found.path))

    on_progress(Progress(0, len(files)))
    bases.own.claim()
    record = recording(report, catalog, Recorder(bases.database))
    take_in(files, read_with_vector, record, embedder, settings, on_progress)
    bases.keep(continued(on_progress, len(files)))
    return report


def _refuse_others(brought: BroughtVectors, embedder: Embedder, bases: Bases) -> None:
    """Make sure that vectors are those of the collection's embedder, as far as that can be told.

    Raises:
        UsageError: they have another dimension.
        EmbedderMismatch: the embedder makes others of some of the pictures.
    """
    dim = brought.rows.shape[1]
    if dim != embedder.card.dim:
        raise UsageError(f"the vectors have {dim} numbers each, those of the collection {embedder.card.dim}")
    if isinstance(embedder, BroughtEmbedder):
        return
    compared = 0
    for path in brought.of:
        try:
            given = brought.vector(path)
            own = embed_source(path, embedder, bases.settings.limits)[0]
        except ImageError:
            continue
        cosine = float(given @ own)
        if cosine < _ALIKE:
            raise EmbedderMismatch(
                f"these are not vectors of {embedder.card.name!r}: of {shown(path)} it makes another one, "
                f"with a cosine of {cosine:.2f}; name them by --model vectors:NAME instead"
            )
        compared += 1
        if compared == _COMPARED:
            return
