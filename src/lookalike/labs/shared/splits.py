"""Labelled pictures on disk, one folder per class, split into those to learn from and those to measure on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from lookalike.errors import NotFoundError, UsageError, reason_of
from lookalike.labs.shared.pictures import find
from lookalike.paths import absolute, shown

TRAINING_SHARE, VALIDATION_SHARE = 0.8, 0.1  # what remains is for testing


@dataclass(frozen=True, slots=True)
class Split:
    """Which pictures are learned from, which decide when to stop, and which are only measured.

    Attributes:
        classes: folder names, ascending; a label is a place in it.
        training: paths.
        validation: paths, none of them in ``training``.
        test: paths, none of them in the others.
    """

    classes: tuple[str, ...]
    training: list[Path]
    validation: list[Path]
    test: list[Path]

    def labels(self, paths: Iterable[Path]) -> NDArray[np.int64]:
        """The number of each path's class, (n,)."""
        places = {name: place for place, name in enumerate(self.classes)}
        return np.array([places[path.parent.name] for path in paths], np.int64)


def split(folder: Path, training_list: Path | None, test_list: Path | None, seed: int) -> Split:
    """Divide a folder's pictures.

    Args:
        folder: holds CLASS/PICTURE.
        training_list: pictures to learn from, a path relative to ``folder`` a line; a tenth of each class,
            drawn by ``seed``, is kept for validation.
        test_list: likewise, to measure on. Without lists each class is divided 80 : 10 : 10 by ``seed``.
        seed: of what is drawn.

    Raises:
        NotFoundError: a folder, list or listed picture is missing.
        UsageError: fewer than two classes, one list without the other, or a picture in both.
    """
    if (training_list is None) != (test_list is None):
        raise UsageError("give both --train-list and --test-list, or neither")
    generator = np.random.default_rng(seed)
    if training_list is None or test_list is None:
        paths = _pictures(folder)
        training, validation, test = _divided(paths, (TRAINING_SHARE, VALIDATION_SHARE), generator)
    else:
        listed, test = (_listed(folder, given) for given in (training_list, test_list))
        both = sorted(set(listed) & set(test))
        if both:
            raise UsageError(f"{shown(both[0])} is in both lists: what is measured must not be learned from")
        training, validation, _ = _divided(listed, (1 - VALIDATION_SHARE, VALIDATION_SHARE), generator)
    classes = tuple(sorted({path.parent.name for path in training}))
    if len(classes) < 2:
        raise UsageError(f"{shown(folder)} has {len(classes)} class folders with pictures; two are needed")
    strange = sorted({path.parent.name for path in test} - set(classes))
    if strange:
        raise UsageError(f"class {strange[0]!r} is measured but never learned")
    return Split(classes, training, validation, test)


def _pictures(folder: Path) -> list[Path]:
    """Pictures in the class folders, sorted by path."""
    if not folder.is_dir():
        raise NotFoundError(f"there is no folder {shown(folder)}")
    return [path for path in find(folder).paths if path.parent.parent == absolute(folder)]


def _listed(folder: Path, given: Path) -> list[Path]:
    try:
        names = [line for line in given.read_text().splitlines() if line]
    except (OSError, ValueError) as error:
        raise NotFoundError(f"list {shown(given)} cannot be read: {reason_of(error)}") from error
    paths = []
    for name in names:
        if PurePosixPath(name).is_absolute() or len(PurePosixPath(name).parts) != 2:
            raise UsageError(f"list {shown(given)}: {shown(name)!r} is not CLASS/PICTURE")
        paths.append(absolute(folder) / name)
    missing = next((path for path in paths if not path.is_file()), None)
    if missing is not None:
        raise NotFoundError(f"list {shown(given)} names {shown(missing)}, which is not there")
    return paths


def _divided(
    paths: list[Path], shares: tuple[float, float], generator: np.random.Generator
) -> tuple[list[Path], list[Path], list[Path]]:
    """Each class by two shares and a rest, the first part never empty."""
    by_class: dict[str, list[Path]] = {}
    for path in paths:
        by_class.setdefault(path.parent.name, []).append(path)
    parts: tuple[list[Path], list[Path], list[Path]] = ([], [], [])
    for members in by_class.values():
        order = [members[place] for place in generator.permutation(len(members))]
        first = max(1, round(shares[0] * len(order)))
        second = first + round(shares[1] * len(order))
        for part, taken in zip(parts, (order[:first], order[first:second], order[second:]), strict=True):
            part.extend(taken)
    return parts
