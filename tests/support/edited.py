"""A folder in which some pictures lie in edited copies, among others that are nobody's copy."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import drawn
from lookalike.alterations import ALTERATIONS
from pictures import draw

EDITS = ("crop-80", "flip", "rotate-90", "darker", "grey", "jpeg-10")
_SIZE = 320, 240


@dataclass(frozen=True)
class Edited:
    """What was written.

    Attributes:
        folder: all of it.
        copies: for each original, the files of its edited copies, which lie in the folder ``edits``.
        strangers: pictures and pages that are copies of nothing.
    """

    folder: Path
    copies: dict[Path, list[Path]]
    strangers: list[Path]


def write(folder: Path, originals: int = 4, pictures: int = 16, pages: int = 8) -> Edited:
    """Write originals with six edited copies each, and pictures and pages that have none."""
    (folder / "edits").mkdir(parents=True)
    copies: dict[Path, list[Path]] = {}
    for seed in range(originals):
        original, picture = folder / f"original-{seed}.png", draw(seed, *_SIZE)
        picture.save(original, compress_level=1)
        copies[original] = [folder / "edits" / f"{seed}-{edit}.jpg" for edit in EDITS]
        for edit, path in zip(EDITS, copies[original], strict=True):
            ALTERATIONS[edit].apply(picture).save(path, quality=90)
    strangers = [folder / f"stranger-{seed}.png" for seed in range(pictures)]
    for seed, path in enumerate(strangers):
        draw(1000 + seed, *_SIZE).save(path, compress_level=1)
    for seed in range(pages):
        strangers.append(folder / f"page-{seed}.png")
        drawn.draw("page", seed).save(strangers[-1], compress_level=1)
    return Edited(folder, copies, strangers)
