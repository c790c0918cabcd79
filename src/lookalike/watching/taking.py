"""What changed, taken into a collection."""

from __future__ import annotations

import time
from collections.abc import Sequence

from lookalike.collection.adding import add_files, files_to_read
from lookalike.collection.facade import Collection
from lookalike.collection.forgetting import prune_lost
from lookalike.collection.refusing import part_refused
from lookalike.collection.reports import AddReport, unheard
from lookalike.store import Recorder, Refusals, refuse_without
from lookalike.watching.batches import Batch
from lookalike.watching.changed import leading_to

_QUIET = 60.0  # seconds without changes before the index cache is written, which takes long in a large one


class Keeper:
    """Keeps a collection up with batches of changes."""

    def __init__(self, collection: Collection, exclude: Sequence[str] = ()) -> None:
        """Nothing is done before ``take``.

        Args:
            collection: to keep up; others may search it and add to it at the same time.
            exclude: glob patterns of names, or of paths below the watched ones, to leave out.

        Raises:
            UsageError: the collection keeps no paths, so that nobody would know which pictures are gone.
        """
        refuse_without(collection.bases.database, "watch")
        self._collection, self._exclude = collection, exclude
        self._unsaved_since: float | None = None

    def take(self, batch: Batch) -> AddReport:
        """Add what is new or changed, and forget what is gone, unless a drive may not be mounted.

        It does what ``Collection.add`` does with ``prune``, but looks only at what changed.

        Raises:
            EmbedderMismatch: the collection has moved to another embedder.
            StorageError: the machine cannot go on: the disk is full, or too many files are open.
        """
        if batch.changed is None:
            self._unsaved_since = None
            return self._collection.add(batch.places, prune=True, exclude=self._exclude)
        bases, catalog = self._collection.bases, self._collection.catalog
        recorder, report = Recorder(bases.database), AddReport()
        changed = [path for path in batch.changed if not path.is_relative_to(bases.folder)]
        among = leading_to(changed)
        files = files_to_read(batch.places, catalog, report, self._exclude, among=among)
        if files:
            add_files(files, report, catalog, recorder, bases.own.claim(), bases.settings, unheard)
        part_refused(report, changed, files, Refusals(bases.database))
        if batch.gone:
            prune_lost(batch.places, report, catalog, recorder, sure=False)
        if report.added or report.pruned:
            self._unsaved_since = time.monotonic()
        return report

    def rest(self) -> None:
        """Write the index cache if nothing has changed for a minute; to be called while nothing happens."""
        if self._unsaved_since is not None and time.monotonic() - self._unsaved_since > _QUIET:
            self._unsaved_since = None
            if self._collection.catalog.embedder() is not None:
                self._collection.bases.keep()
