"""Whom an experiment attacks: pictures drawn by a seed, an edited copy of each, and a target for each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lookalike.alterations import ALTERATIONS, SMALLEST_SIDE
from lookalike.errors import UsageError
from lookalike.labs.shared.embedded import Embedded
from lookalike.labs.shared.pictures import open_whole
from lookalike.labs.shared.splits import Split
from lookalike.settings import Settings

EDITS = ("crop-80", "jpeg-40")
"""The alterations whose copies try to evade, in turn: one moves what is in the picture, which hashes of the
whole picture do not survive, and one does not."""


@dataclass(frozen=True, slots=True)
class Subjects:
    """Pictures under attack.

    Attributes:
        paths: of the originals.
        originals: RGB, full size.
        copies: each original, edited by one of ``EDITS``.
        labels: (n,) int64 classes of the originals.
        places: (n,) int64 rows of the originals in the collection.
        targets: (n,) int64 rows of pictures of other classes, for which the originals shall be taken.
    """

    paths: list[Path]
    originals: list[Image.Image]
    copies: list[Image.Image]
    labels: NDArray[np.int64]
    places: NDArray[np.int64]
    targets: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.paths)


def draw_subjects(parts: Split, known: Embedded, count: int, seed: int, settings: Settings) -> Subjects:
    """Draw pictures from the test part of a split, and targets from the whole collection.

    Args:
        parts: whose test pictures nothing was trained on.
        known: the collection; its pictures lie in one folder per class.
        count: how many at most; all if there are fewer.
        seed: of the draw.
        settings: limits of pictures.

    Raises:
        UsageError: no test picture can be attacked.
    """
    generator = np.random.default_rng(seed)
    rows = {path: row for row, path in enumerate(known.paths)}
    classes = np.array([path.parent.name for path in known.paths])
    chosen: list[tuple[Path, Image.Image]] = []
    for number in generator.permutation(len(parts.test)):
        path = parts.test[number]
        if len(chosen) == count:
            break
        if path in rows:
            image = open_whole(path, settings)
            if min(image.size) >= SMALLEST_SIDE:
                chosen.append((path, image))
    if not chosen:
        raise UsageError("none of the test pictures can be attacked")
    paths = [path for path, _ in chosen]
    others = [generator.choice(np.flatnonzero(classes != path.parent.name)) for path in paths]
    return Subjects(
        paths,
        [image for _, image in chosen],
        [ALTERATIONS[EDITS[place % len(EDITS)]].apply(image) for place, (_, image) in enumerate(chosen)],
        parts.labels(paths),
        np.array([rows[path] for path in paths], np.int64),
        np.array(others, np.int64),
    )
