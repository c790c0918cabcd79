"""How alike strangers of a table look: measured after an import, kept beside the table, read by routers."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

from lookalike.calibration import Calibration, measure, stale
from lookalike.calibration.saved import NAME
from lookalike.cluster.addresses import store_of, write_address
from lookalike.cluster.catalog import Smalls, TableCatalog
from lookalike.cluster.table import Table
from lookalike.collection.looks import Looks
from lookalike.embed import Embedder
from lookalike.errors import StorageError, UsageError
from lookalike.settings import Settings
from lookalike.store import Catalog, Recorder

_MOST = 30_000
"""Images that are read to measure the rest by, as for a collection; of more, as many are drawn."""

_EVERY = 60.0  # seconds between a router's looks for another calibration


class TableCalibration:
    """The calibration of one table; safe to use from many threads."""

    def __init__(self, table: Table) -> None:
        """Nothing is read before ``current``."""
        self._table, self._address = table, f"{table.uri.rstrip('/')}.{NAME}"
        self._kept = Calibration.shipped(table.fingerprint)
        self._stamp: object = None
        self._next, self._lock = 0.0, threading.Lock()

    def current(self) -> Calibration:
        """The calibration that is kept, or what ships with the program if there is none."""
        with self._lock:
            if time.monotonic() >= self._next:
                self._next = time.monotonic() + _EVERY
                # A store that cannot be reached, or that only Lance knows: the last one still holds.
                with suppress(OSError, UsageError):
                    self._read()
            return self._kept

    def measure(self, embedder: Embedder, settings: Settings) -> None:
        """Measure and keep a calibration, if the one that is kept is of a much smaller or larger table.

        It takes a few seconds. It is left for another time if it cannot be kept.

        Args:
            embedder: the table's.
            settings: limits of a picture, and how many threads look at pairs.
        """
        table = self._table.frozen()
        images = len(table)
        if not stale(self.current(), images):
            return
        ids, vectors = table.sample(_MOST)
        catalog = cast(Catalog, TableCatalog(table, Smalls(table)))
        looks = Looks(catalog, cast(Recorder, None), settings.limits, keep=False)

        def look(first: int, second: int) -> tuple[float, bool] | None:
            evidence = looks.between(first, second)
            return None if evidence is None else (evidence.score, evidence.verified)

        copies = embedder.card.copy_part(vectors)
        measured = measure(ids, copies, look, table.fingerprint, threads=settings.threads)
        if measured.own is not None:  # else it is what ships, measured on none
            measured = replace(measured, images=images)
        with TemporaryDirectory() as folder, suppress(StorageError, UsageError):
            measured.save(Path(folder))
            write_address(self._address, (Path(folder) / NAME).read_bytes())

    def _read(self) -> None:
        store, path = store_of(self._address)
        info = store.get_file_info(path)
        stamp = info.size, info.mtime_ns
        if stamp == self._stamp:
            return
        found = None
        if info.is_file:
            with TemporaryDirectory() as folder, store.open_input_file(path) as file:
                (Path(folder) / NAME).write_bytes(file.read())
                found = Calibration.load(Path(folder), self._table.fingerprint)
        self._kept = found or Calibration.shipped(self._table.fingerprint)
        self._stamp = stamp
