"""``lookalike watch``: keep the collection up with folders."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from lookalike import Collection
from lookalike.cli.options import CollectionFolder, Exclude, Quiet
from lookalike.cli.output import counted, note, note_rejected, say
from lookalike.collection.reports import AddReport
from lookalike.paths import all_absolute, shown
from lookalike.settings import load_settings


def watch(
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="PATH…", help="Folders and pictures to watch; they need not exist yet."),
    ],
    collection: CollectionFolder = None,
    exclude: Exclude = None,
    quiet: Quiet = False,
) -> None:
    """Index folders, then add and forget pictures as their files come and go, until Ctrl-C.

    As with index --prune, nothing is forgotten that may be on a drive that is not mounted.
    """
    from lookalike.watching import Keeper, batches  # noqa: PLC0415  needs an optional package

    places = all_absolute(paths)
    with Collection.open(create=True, settings=load_settings({"collection": collection})) as pictures:
        keeper = Keeper(pictures, exclude or [])
        _end_like_ctrl_c()
        try:
            for place in places:
                if not place.exists():
                    note(f"{shown(place)} is not there; it is watched as soon as it is")
            for batch in batches(places):
                if batch is None:
                    keeper.rest()
                    continue
                report = keeper.take(batch)
                _tell(report, batch.places if batch.changed is None else (), len(pictures), quiet)
        except KeyboardInterrupt:
            note("Stopped. All changes that were printed are stored.")


def _end_like_ctrl_c() -> None:
    """Let SIGTERM, by which services are ended, do the same as Ctrl-C."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def _tell(report: AddReport, begun: Sequence[Path], images: int, quiet: bool) -> None:
    """Say what a batch came to, if it came to something, and where watching has just begun."""
    parts = [
        (report.added, "image added", "images added"),
        (report.linked, "more file with known bytes", "more files with known bytes"),
        (report.pruned, "file forgotten", "files forgotten"),
    ]
    done = [counted(number, one, many) for number, one, many in parts if number]
    if (done or begun) and not quiet:
        now = time.strftime("%Y-%m-%d %H:%M:%S")
        watched = f"Watching {', '.join(map(shown, begun))}" if begun else ""
        say(
            f"{now} {'. '.join(filter(None, [watched, ', '.join(done)]))}. {counted(images, 'image')} in all."
        )
        sys.stdout.flush()
    note_rejected(report.rejected)
    for held in report.withheld:
        note(
            f"Nothing was forgotten: {shown(held.folder)}: {held.reason} "
            f"({counted(len(held.files), 'file')}). If you mean it: lookalike index --prune --yes PATH"
        )
