"""Filling a collection with what files and folders hold: find, read, record, and forget what is gone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from lookalike.collection.adding import add_files, files_to_read
from lookalike.collection.basis import Bases
from lookalike.collection.forgetting import prune_lost
from lookalike.collection.refusing import part_refused
from lookalike.collection.reports import AddReport, Progress, continued, unheard
from lookalike.disk import is_gone
from lookalike.images import RejectedFile
from lookalike.paths import all_absolute
from lookalike.store import Catalog, Recorder, Refusals
from lookalike.store.keeping import refuse_without


class How(NamedTuple):
    """How a collection is filled; see ``Collection.add``."""

    prune: bool
    sure: bool
    rescan: bool
    exclude: Sequence[str]
    save: bool


def fill(
    paths: Iterable[str | Path],
    how: How,
    bases: Bases,
    recorder: Recorder,
    on_progress: Callable[[Progress], None] | None,
) -> AddReport:
    """Add the pictures in files and folders; see ``Collection.add`` for what it does and raises.

    Args:
        paths: files, and folders to walk.
        how: what else is done.
        bases: of the collection.
        recorder: of its catalog.
        on_progress: called on this thread, first with ``done=0``; if None, nobody is told.
    """
    note = on_progress or unheard
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
    report.doubtful_before = _doubtful_before(report, places, bases.catalog)
    usable = report.added + report.linked + report.unchanged + report.pruned
    if how.save and bases.catalog.embedder() is not None and usable:
        bases.keep(continued(note, len(files)))
    return report


def _doubtful_before(report: AddReport, places: Sequence[Path], catalog: Catalog) -> list[RejectedFile]:
    """Files below some places that were taken with a doubt, and that this run did not read."""
    told = {item.path for item in report.doubtful}
    return [
        RejectedFile(path, doubt)
        for image_id, doubt in catalog.doubts().items()
        for path in catalog.paths_of(image_id)
        if path not in told and any(map(path.is_relative_to, places)) and not is_gone(path)
    ]
