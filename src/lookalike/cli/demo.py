"""``lookalike demo``: index pictures, search with altered copies, and show what was found."""

from __future__ import annotations

import shutil
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from lookalike import Collection
from lookalike.cli.output import counted, note, note_rejected, say, say_table
from lookalike.cli.progress import ProgressBar
from lookalike.demo.gallery import PICTURES, draw_gallery
from lookalike.demo.page import write_page
from lookalike.demo.report import AlterationScore, DemoReport
from lookalike.demo.tour import take_tour
from lookalike.errors import NotFoundError
from lookalike.paths import absolute, shown
from lookalike.settings import load_settings


def demo(
    images: Annotated[
        Path | None,
        typer.Option("--images", help="Folder of your pictures (default: pictures that the demo draws)."),
    ] = None,
    out: Annotated[Path, typer.Option("--out", help="Folder for the page and the collection.")] = Path(
        "demo-output"
    ),
) -> None:
    """Index pictures, search with altered copies of some, and write a page that shows what was found."""
    out = absolute(out)
    if images is None:
        note(f"Drawing {PICTURES} pictures …")
        draw_gallery(out / "pictures")
    folder = out / "pictures" if images is None else absolute(images)
    store = out / "collection"
    shutil.rmtree(store, ignore_errors=True)
    with Collection.open(create=True, settings=load_settings({"collection": store})) as collection:
        started = time.perf_counter()
        with ProgressBar("Indexing", visible=True) as bar:
            added = collection.add([folder], on_progress=bar)
        seconds = time.perf_counter() - started
        note_rejected(added.rejected)
        if not len(collection):
            raise NotFoundError(f"there are no pictures in {shown(folder)}")
        say(f"{counted(len(collection), 'picture')} indexed in {seconds:.1f} s.")
        tour = take_tour(collection, folder)
        report = DemoReport(
            collection=shown(folder) if images else "a gallery drawn for this demo",
            images=len(collection),
            index_seconds=seconds,
            median_search_ms=1000 * statistics.median(tour.seconds),
            embedder=collection.embedder.card.name,
            scores=tour.scores,
            rows=tour.rows,
        )
    page = out / "index.html"
    write_page(report, page)
    _say_scores(report.scores)
    say(f"{report.first} of {report.queries} altered copies found their original first.")
    say(f"See them: {shown(page)}")
    program = "lookalike" if shutil.which("lookalike") else shown(sys.argv[0])
    say(f"Go on: {program} search PICTURE --collection {shown(store)}")


def _say_scores(scores: Sequence[AlterationScore]) -> None:
    rows = [
        (f"{score.first} of {len(score.ranks)}", str(score.lower), str(score.missed), score.description)
        for score in scores
    ]
    say_table(("first", "lower", "missed", "the picture was searched for …"), rows)
