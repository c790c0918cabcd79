"""A collection's calibration: read where it is kept, measured again when the collection has grown."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np

from lookalike.calibration import Calibration, measure, stale
from lookalike.calibration.saved import NAME
from lookalike.collection.looks import Looks
from lookalike.embed import Embedder
from lookalike.errors import DamagedError, EmbedderMismatch, NotFoundError
from lookalike.kernels.arrays import Ids
from lookalike.store import Catalog, Decisions

_MOST = 30_000
"""Images that are read to measure the rest by: their copy parts take 46 MB. Of more, as many are drawn."""


class OwnCalibration:
    """Keeps the calibration of one collection, which other processes may measure as well."""

    def __init__(
        self, folder: Path, catalog: Catalog, decisions: Decisions, looks: Looks, threads: int
    ) -> None:
        """Nothing is read before ``current``.

        Args:
            folder: where it is kept, beside the index cache; made when that is written.
            catalog: has the embeddings.
            decisions: which pairs a person has called no match, whatever the second look says.
            looks: looks at pairs of images.
            threads: how many may look at the same time.
        """
        self._folder, self._catalog, self._decisions = folder, catalog, decisions
        self._looks, self._threads = looks, threads
        self._read: tuple[tuple[str, object], Calibration] | None = None

    def current(self, fingerprint: str) -> Calibration:
        """The calibration that is kept, or what ships with the program if there is none.

        Args:
            fingerprint: of the collection's embedder.
        """
        key = fingerprint, self._stamp()
        if self._read is None or self._read[0] != key:
            kept = Calibration.load(self._folder, fingerprint)
            self._read = key, kept or Calibration.shipped(fingerprint)
        return self._read[1]

    def measure(self, ids: Ids, embedder: Embedder) -> None:
        """Measure and keep a calibration, if the one that is kept is of a much smaller or larger collection.

        It takes a few seconds. It is left for another time if an image goes meanwhile, or if it cannot be
        kept.

        Args:
            ids: of all images, (n,) int64.
            embedder: the collection's.
        """
        if not stale(self.current(embedder.fingerprint), len(ids)):
            return
        drawn = ids
        if len(ids) > _MOST:
            drawn = np.sort(np.random.default_rng(0).choice(ids, _MOST, replace=False))
        with suppress(DamagedError, NotFoundError, EmbedderMismatch, OSError):
            vectors = self._catalog.vectors(drawn.tolist(), embedder.card.dim, embedder.fingerprint)
            copies = embedder.card.copy_part(vectors)
            measured = measure(
                drawn,
                copies,
                self._look,
                embedder.fingerprint,
                not_copies=self._decisions.pairs("not a match"),
                threads=self._threads,
            )
            if measured.own is not None:  # else it is what ships, measured on none
                measured = replace(measured, images=len(ids))
            measured.save(self._folder)

    def _look(self, first: int, second: int) -> tuple[float, bool] | None:
        evidence = self._looks.between(first, second)
        return None if evidence is None else (evidence.score, evidence.verified)

    def _stamp(self) -> object:
        """What changes whenever another calibration takes the place of the one that is kept."""
        try:
            status = (self._folder / NAME).stat()
        except OSError:
            return None
        return status.st_ino, status.st_size, status.st_mtime_ns
