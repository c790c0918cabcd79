"""``lookalike demo``: index pictures, search with altered copies, and show what was found."""

from __future__ import annotations

import shutil
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Annotated

import typer
from PIL import Image

from lookalike import Collection, Match
from lookalike.cli.index import ProgressBar
from lookalike.cli.output import counted, note, note_rejected, say, say_table
from lookalike.collection.pictures import open_picture
from lookalike.demo.gallery import draw_gallery
from lookalike.demo.page import write_page
from lookalike.demo.report import AlterationScore, DemoMatch, DemoReport, DemoRow
from lookalike.errors import NotFoundError
from lookalike.images.alter import ALTERATIONS, SMALLEST_SIDE, Alteration
from lookalike.paths import absolute, shown
from lookalike.settings import load_settings

SHOWN_ALTERATIONS = (
    "crop-80",
    "crop-70",
    "jpeg-10",
    "resize-40",
    "brighter",
    "warm",
    "grey",
    "blur",
    "caption",
    "flip",
    "screenshot",
    "text",
)
_SEED = 7
_QUERIES_EACH = 20
_MATCHES_SHOWN = 5
_MATCHES_SCORED = 10
_THUMBNAIL = 320


def demo(
    images: Annotated[
        Path | None, typer.Option("--images", help="Your pictures; drawn ones where not given.")
    ] = None,
    out: Annotated[Path, typer.Option("--out", help="Folder for the page and the collection.")] = Path(
        "demo-output"
    ),
) -> None:
    """Index pictures, search with altered copies of some, and write a page that shows what was found."""
    out = absolute(out)
    if images is None:
        note("Drawing 240 pictures …")
        draw_gallery(out / "pictures")
    folder = out / "pictures" if images is None else absolute(images)
    store = out / "collection"
    shutil.rmtree(store, ignore_errors=True)
    with (
        Collection.open(create=True, settings=load_settings({"collection": store})) as collection,
        ProgressBar("Indexing", visible=True) as bar,
    ):
        started = time.perf_counter()
        added = collection.add([folder], on_progress=bar)
        seconds = time.perf_counter() - started
        note_rejected(added.rejected)
        if not len(collection):
            raise NotFoundError(f"there are no pictures in {shown(folder)}")
        say(f"{counted(len(collection), 'picture')} indexed in {seconds:.1f} s.")
        tour = _Tour(collection, folder, Random(_SEED))
        for name in SHOWN_ALTERATIONS:
            tour.visit(ALTERATIONS[name])
        report = DemoReport(
            collection=shown(folder) if images else "a gallery drawn for this demo",
            images=len(collection),
            index_seconds=seconds,
            median_search_ms=1000 * statistics.median(tour.seconds),
            embedder=collection.embedder.card.name,
            scores=tuple(tour.scores),
            rows=tuple(tour.rows),
        )
    page = out / "index.html"
    write_page(report, page)
    _say_scores(report.scores)
    say(f"{report.first} of {report.queries} altered copies found their original first.")
    say(f"See them: {shown(page)}")
    program = "lookalike" if shutil.which("lookalike") else shown(sys.argv[0])
    say(f"Go on: {program} search PICTURE --collection {shown(store)}")


class _Tour:
    """Searches with altered copies, and what came of it."""

    def __init__(self, collection: Collection, folder: Path, random: Random) -> None:
        self._collection = collection
        self._folder = folder
        self._random = random
        self._files = collection.files()
        self.seconds: list[float] = []
        self.scores: list[AlterationScore] = []
        self.rows: list[DemoRow] = []

    def visit(self, alteration: Alteration) -> None:
        """Search with copies of some pictures, all altered in one way; the first is shown as it came out."""
        originals = self._random.sample(self._files, min(_QUERIES_EACH, len(self._files)))
        ranks: list[int | None] = []
        for original in originals:
            picture = self._picture(original)
            if min(picture.size) < SMALLEST_SIDE:
                continue
            copy = alteration.apply(picture)
            started = time.perf_counter()
            matches = self._collection.search(copy, _MATCHES_SCORED)
            self.seconds.append(time.perf_counter() - started)
            ranks.append(next((match.rank for match in matches if original in match.paths), None))
            if len(ranks) == 1:
                self.rows.append(self._row(alteration, copy, original, matches[:_MATCHES_SHOWN]))
        if ranks:
            self.scores.append(AlterationScore(alteration.name, alteration.description, tuple(ranks)))

    def _row(
        self, alteration: Alteration, copy: Image.Image, original: Path, matches: Sequence[Match]
    ) -> DemoRow:
        shown_matches = tuple(
            DemoMatch(
                self._picture(match.path, _THUMBNAIL),
                shown(match.path.relative_to(self._folder)),
                match.similarity,
                original in match.paths,
            )
            for match in matches
        )
        return DemoRow(alteration.name, alteration.description, copy, original, shown_matches)

    def _picture(self, path: Path, at_least: int | None = None) -> Image.Image:
        return open_picture(path, self._collection.settings.limits, at_least=at_least)


def _say_scores(scores: Sequence[AlterationScore]) -> None:
    rows = [
        (f"{score.first} of {len(score.ranks)}", str(score.lower), str(score.missed), score.description)
        for score in scores
    ]
    say_table(("first", "lower", "missed", "the picture was searched for …"), rows)
