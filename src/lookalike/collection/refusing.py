"""Unusable files: which of them an earlier run has reported, so that each is reported once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from lookalike.collection.reports import AddReport
from lookalike.disk import is_gone
from lookalike.images import FoundFile, RejectedFile
from lookalike.paths import shown
from lookalike.store import FileStamp, Refusal, Refusals


def part_refused(
    report: AddReport, places: Sequence[Path], files: Iterable[FoundFile], refusals: Refusals
) -> None:
    """Move what an earlier run told already from ``rejected`` to ``rejected_before``, and remember the rest.

    Refused files are read again at each run, since a new version, another limit or an optional package can
    make them readable; they are only not told again. A path that is not there is always told, because it may
    be a slip of the person who named it.

    Args:
        report: of a run that is about to end. One that is interrupted tells nothing, so the next tells all.
        places: absolute paths that the run was about.
        files: those that it read.
        refusals: of the collection; told what holds now.
    """
    stamps = {found.path: FileStamp(found.size, found.mtime_ns) for found in files}
    there = [place for place in places if not is_gone(place)]
    before = refusals.below(there)
    now: set[Refusal] = set()
    new: list[RejectedFile] = []
    for item in report.rejected:
        refusal = Refusal(item.path, stamps.get(item.path), shown(item.reason))
        (report.rejected_before if refusal in before else new).append(item)
        if not is_gone(item.path):
            now.add(refusal)
    report.rejected = new
    if before != now:
        refusals.replace(before - now, now - before)
