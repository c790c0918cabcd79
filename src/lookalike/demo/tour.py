"""A tour of a collection: search it with altered copies of its own pictures, and note what came of it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from PIL import Image

from lookalike import Collection, Match
from lookalike.alterations import ALTERATIONS, SMALLEST_SIDE, Alteration
from lookalike.collection.pictures import open_picture
from lookalike.demo.report import AlterationScore, DemoMatch, DemoRow
from lookalike.paths import shown

STOPS = (
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
"""The alterations of the tour, in the order they are shown."""

_SEED = 7
_QUERIES_EACH = 8
_MATCHES_SHOWN = 5
_MATCHES_SCORED = 10
_THUMBNAIL = 320


@dataclass(frozen=True, slots=True)
class Tour:
    """What a tour found.

    Attributes:
        scores: one for each alteration, in the order of ``STOPS``.
        rows: one example for each alteration: the first copy, however it fared.
        seconds: wall time of each search, embedding included.
    """

    scores: tuple[AlterationScore, ...]
    rows: tuple[DemoRow, ...]
    seconds: tuple[float, ...]


def take_tour(collection: Collection, folder: Path) -> Tour:
    """Search with copies of up to 8 pictures for each alteration.

    Args:
        collection: holds at least one picture.
        folder: the pictures' folder; the paths shown begin there.

    Returns:
        The scores of all searches. The same collection gives the same ones, as the pictures are drawn with a
        fixed seed. Pictures too small to be altered are left out.
    """
    guide = _Guide(collection, folder)
    for name in STOPS:
        guide.visit(ALTERATIONS[name])
    return Tour(tuple(guide.scores), tuple(guide.rows), tuple(guide.seconds))


class _Guide:
    """Walks through the alterations and collects what each brings."""

    def __init__(self, collection: Collection, folder: Path) -> None:
        self._collection = collection
        self._folder = folder
        self._random = Random(_SEED)
        self._files = collection.files()
        self.seconds: list[float] = []
        self.scores: list[AlterationScore] = []
        self.rows: list[DemoRow] = []

    def visit(self, alteration: Alteration) -> None:
        """Search with copies that were all altered in one way."""
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
