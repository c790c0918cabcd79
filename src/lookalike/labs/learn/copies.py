"""How well an embedder finds edited copies, beside two perceptual hashes and SSCD where it is installed.

Of a folder's pictures some are *matched*: they stay in the database, and their copies must find them. As many
are *unmatched*: they are taken out of the database, and their copies must find nothing. Each is copied in all
26 kinds of ``COPY_KINDS``. A copy that needs a second picture takes an unmatched one, so that the database
holds one right answer to each query or none.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lookalike.alterations import COPY_KINDS, SMALLEST_SIDE
from lookalike.errors import ImageError, NotFoundError, UsageError, reason_of
from lookalike.labs.learn.copy_methods import Describer, Rows
from lookalike.labs.learn.copy_scores import FEWEST_PICTURES
from lookalike.labs.shared.pictures import find, open_whole, tell_left_out
from lookalike.labs.shared.progress import progress
from lookalike.paths import absolute, shown
from lookalike.settings import Settings

T = TypeVar("T")
R = TypeVar("R")

LONGEST = 1024
"""Pixels of a picture's longer side; larger pictures are reduced to it first. No method here sees more."""

_AT_ONCE = 8
_FEWEST = 2  # queries of each sort: a copy's second picture must be another one


@dataclass(frozen=True, slots=True)
class Trial:
    """Which pictures are searched and which are copied.

    Attributes:
        database: paths of the pictures that are searched, ascending.
        matched: paths of the pictures whose copies are searched for and must be found, in the database.
        unmatched: paths of the pictures whose copies must not be found, not in the database.
    """

    database: list[Path]
    matched: list[Path]
    unmatched: list[Path]

    @property
    def copied(self) -> list[Path]:
        """The pictures that are copied, in the order of the queries: matched, then unmatched."""
        return [*self.matched, *self.unmatched]

    def background(self, place: int) -> Path:
        """The second picture for the copies of the picture at a place of ``copied``; an unmatched one."""
        return self.unmatched[(place + 1) % len(self.unmatched)]


@dataclass(frozen=True, slots=True)
class Described:
    """What every method keeps of database and queries.

    Attributes:
        database: rows by the describer's name, one for each readable picture.
        queries: rows by the describer's name: for each copied picture one for each kind, in their order.
        originals: (queries,) int64, the database's row of which each query is a copy; -1 for none.
    """

    database: dict[str, Rows]
    queries: dict[str, Rows]
    originals: NDArray[np.int64]


def draw_trial(folder: Path, queries: int, seed: int, settings: Settings) -> Trial:
    """Choose the pictures.

    Args:
        folder: searched at any depth. If a list ``FOLDER-test.txt`` lies beside it, with a path relative to
            the folder per line, only pictures on the list are copied: those that nothing was trained on.
        queries: so many matched pictures, and as many unmatched ones.
        seed: of what is drawn.
        settings: limits of pictures.

    Raises:
        NotFoundError: there is no such folder, or a listed picture is not in it.
        UsageError: there are too few pictures that can be read.
    """
    folder = absolute(folder)
    if not folder.is_dir():
        raise NotFoundError(f"there is no folder {shown(folder)}")
    if queries < _FEWEST:
        raise UsageError(f"queries must be {_FEWEST} or more, not {queries}")
    paths = find(folder).paths
    candidates = _listed(folder, paths)
    random.Random(seed).shuffle(candidates)
    drawn: list[Path] = []
    for path in candidates:
        if len(drawn) == 2 * queries:
            break
        if _opened(path, settings) is not None:
            drawn.append(path)
    matched, unmatched = drawn[:queries], drawn[queries:]
    database = sorted(set(paths) - set(unmatched))
    if len(drawn) < 2 * queries or len(database) < FEWEST_PICTURES:
        raise UsageError(
            f"{queries} pictures with a match and {queries} without need {2 * queries} readable ones to copy "
            f"and {FEWEST_PICTURES} to search; {shown(folder)} has {len(drawn)} and {len(database)}: ask for "
            "fewer by --queries"
        )
    return Trial(database, matched, unmatched)


def describe(trial: Trial, describers: Sequence[Describer], settings: Settings) -> Described:
    """Read, copy and describe all pictures, on all cores; those that cannot be read are named on stderr.

    Args:
        trial: which pictures.
        describers: with different names.
        settings: limits of pictures, and how many threads work.
    """
    parts = [trial.database[start : start + _AT_ONCE] for start in range(0, len(trial.database), _AT_ONCE)]

    def read(paths: list[Path]) -> tuple[list[Path], list[Rows]]:
        images = [(path, image) for path in paths if (image := _opened(path, settings)) is not None]
        return [path for path, _ in images], _rows([image for _, image in images], describers)

    def copy(place: int) -> list[Rows]:
        pictures = [_opened(path, settings) for path in (trial.copied[place], trial.background(place))]
        image, background = (picture for picture in pictures if picture is not None)
        return _rows([kind(image, background) for kind in COPY_KINDS.values()], describers)

    title = f"Describing {len(trial.database):,} pictures"
    known = _on_all_cores(read, parts, title, settings)
    title = f"Describing {len(trial.copied) * len(COPY_KINDS):,} copies"
    copies = _on_all_cores(copy, range(len(trial.copied)), title, settings)
    readable = [path for paths, _ in known for path in paths]
    for path in sorted(set(trial.database) - set(readable)):
        tell_left_out(path, "it cannot be read")
    rows = {path: row for row, path in enumerate(readable)}
    originals = np.repeat([rows.get(path, -1) for path in trial.copied], len(COPY_KINDS)).astype(np.int64)
    return Described(
        _by_name(describers, [rows for paths, rows in known if paths]),
        _by_name(describers, copies),
        originals,
    )


def _on_all_cores(work: Callable[[T], R], tasks: Sequence[T], title: str, settings: Settings) -> list[R]:
    """What each task gives, in order, with a bar; an embedder computes on its caller's thread."""
    done = []
    with ThreadPoolExecutor(settings.threads) as pool, progress(title, len(tasks)) as advance:
        for result in pool.map(work, tasks):
            done.append(result)
            advance(1)
    return done


def _listed(folder: Path, paths: list[Path]) -> list[Path]:
    """The pictures that may be copied, ascending."""
    beside = folder.with_name(f"{folder.name}-test.txt")
    if not beside.exists():
        return list(paths)
    try:
        listed = {folder / line for line in beside.read_text(encoding="utf-8").splitlines() if line}
    except (OSError, ValueError) as error:
        raise NotFoundError(f"list {shown(beside)} cannot be read: {reason_of(error)}") from error
    if missing := sorted(listed - set(paths)):
        raise NotFoundError(f"list {shown(beside)} names {shown(missing[0])}, which is not there")
    return sorted(listed)


def _rows(images: list[Image.Image], describers: Sequence[Describer]) -> list[Rows]:
    """What each describer makes of some pictures, a few at a time: copies of one picture can be many."""
    groups = [images[start : start + _AT_ONCE] for start in range(0, len(images), _AT_ONCE)]
    return [np.concatenate([each.describe(group) for group in groups]) for each in describers if groups]


def _by_name(describers: Sequence[Describer], parts: list[list[Rows]]) -> dict[str, Rows]:
    """All rows of each describer."""
    columns = zip(*parts, strict=True)
    return {each.name: np.concatenate(column) for each, column in zip(describers, columns, strict=True)}


def _opened(path: Path, settings: Settings) -> Image.Image | None:
    """A picture, at most ``LONGEST`` pixels and at least what a copy needs; None if it cannot be read."""
    try:
        image = open_whole(path, settings)
    except ImageError:
        return None
    image.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS)
    if min(image.size) >= SMALLEST_SIDE:
        return image
    factor = SMALLEST_SIDE / min(image.size)
    return image.resize((math.ceil(image.width * factor), math.ceil(image.height * factor)))
