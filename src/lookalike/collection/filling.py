"""Filling a collection with what files and folders hold: find, read, record, and forget what is gone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from lookalike.collection.adding import add_files, files_to_read
from lookalike.collection.basis import Bases
from lookalike.collection.forgetting import prune_lost
from lookalike.collection.refusing import part_refused
from lookalike.collection.reports import AddReport, Progress
from lookalike.paths import all_absolute
from lookalike.store import Recorder, Refusals
from lookalike.store.keeping import refuse_without


class How(NamedTuple):
    """How a collection is filled; see ``Collection.add``."""

    prune: bool
    sure: bool
    rescan: bool
    exclude: Sequence[str]
    save: bool


def fill(
    paths: Iterable[str | Path], how: How, bases: Bases, recorder: Recorder, note: Callable[[Progress], None]
) -> AddReport:
    """Add the pictures in files and folders; see ``Collection.add`` for what it does and raises.

    Args:
        paths: files, and folders to walk.
        how: what else is done.
        bases: of the collection.
        recorder: of its catalog.
        note: called on this thread, first with ``done=0``.
    """
    if how.prune:
        refuse_without(bases.database, "--prune")
    places = all_absolute(paths)
    report = AddReport()
    files = files_to_read(places, bases.catalog, report, how.exclude, rescan=how.rescan)
    note(Progress(0, len(files)))
    if files:
        add_files(files, report, bases.catalog, recorder, bases.own.claim(), bases.settings, note)
    part_refused(report, places, files, Refusals(bases.database))
    if how.prune:
        prune_lost(places, report, bases.catalog, recorder, sure=how.sure)
    usable = report.added + report.linked + report.unchanged + report.pruned
    if how.save and bases.catalog.embedder() is not None and usable:
        bases.keep()
    return report
