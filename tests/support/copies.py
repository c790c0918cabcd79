"""A folder of pictures some of which are copies of others, and what its groups are."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from PIL import Image

from lookalike.alterations import ALTERATIONS
from lookalike.collection.duplicates.group import Group
from pictures import draw

EDITED = {0: ("crop-80", "grey", "rotate-90"), 1: ("jpeg-10",), 2: ("flip", "resize-40")}
"""Ways in which pictures are edited, by their seed."""

DOUBLED = 3
"""Seed of a picture of which there is a second file with the same bytes."""

SINGLE = (4, 5, 6, 7, 8, 9)
"""Seeds of pictures without copies."""

SIZE = 320, 240


def write(folder: Path) -> None:
    """Write them: ``N.png`` are the originals, and ``edited/N-ALTERATION.png`` the copies."""
    (folder / "edited").mkdir(parents=True)
    for seed in (*EDITED, DOUBLED, *SINGLE):
        original(seed).save(folder / f"{seed}.png", compress_level=1)
    for seed, names in EDITED.items():
        for name in names:
            ALTERATIONS[name].apply(original(seed)).save(
                folder / "edited" / f"{seed}-{name}.png", compress_level=1
            )
    shutil.copy(folder / f"{DOUBLED}.png", folder / "edited" / f"{DOUBLED}-again.png")


def original(seed: int) -> Image.Image:
    """A picture as it was before it was edited."""
    return draw(seed, *SIZE)


def expected() -> set[frozenset[str]]:
    """The stems of the files in each group."""
    edited = {frozenset({f"{seed}", *(f"{seed}-{name}" for name in names)}) for seed, names in EDITED.items()}
    return edited | {frozenset({f"{DOUBLED}", f"{DOUBLED}-again"})}


def stems(groups: Iterable[Group]) -> set[frozenset[str]]:
    """The same of groups that were found."""
    return {frozenset(path.stem for member in group.members for path in member.paths) for group in groups}


def with_file(groups: Iterable[Group], stem: str) -> Group:
    """The one group that a file is in."""
    (group,) = (
        group for group in groups for member in group.members for path in member.paths if path.stem == stem
    )
    return group
