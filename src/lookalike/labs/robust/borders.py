"""The distance up to which a method may say "the same", at a rate of mistakes that is equal for all.

A mistake is a pair of different pictures within the border. Nobody has written down which pictures of a
collection differ, so two rules decide, and the result says how many pairs they leave out:

- Where pictures lie in several folders, only pairs from different folders count, since likenesses gather
  within one: series, bursts, classes. Where that would leave less than half of all pairs, all count.
- Pairs that two unrelated methods both take for one picture do not count (``methods.are_the_same``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lookalike.embed import ModelCard
from lookalike.errors import UsageError
from lookalike.labs.robust.methods import EMBEDDING, PDQ, Distances, Rows, are_the_same, between
from lookalike.labs.shared.progress import Advance

_BLOCK = 256  # pictures compared with all others at a time
_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Border:
    """Where a method draws the line.

    Attributes:
        within: the greatest distance that keeps the rate of mistakes; -1 for bits where even equal hashes
            would be too many.
        rate: of mistakes within it; less than was asked for where many pairs lie at one distance.
        bits: length of the hashes; None for cosine distances.
    """

    within: float
    rate: float
    bits: int | None


@dataclass(frozen=True, slots=True)
class Pair:
    """Two pictures, by their numbers, and the distance of their embeddings."""

    first: int
    second: int
    distance: float


@dataclass(frozen=True, slots=True)
class Borders:
    """What the pairs of a collection say.

    Attributes:
        methods: a border each.
        pairs: how many count, as pairs of different pictures.
        between_folders: whether pairs within a folder were left out.
        left_out: how many pairs were left out because two methods take them for one picture.
        nearest: of those that count, the nearest by their embeddings.
    """

    methods: Mapping[str, Border]
    pairs: int
    between_folders: bool
    left_out: int
    nearest: Sequence[Pair]


def measure_borders(
    known: Mapping[str, Rows],
    folders: NDArray[np.int64],
    chosen: NDArray[np.int64],
    rate: float,
    card: ModelCard,
    advance: Advance,
) -> Borders:
    """Compare pictures with each other.

    Args:
        known: for each method, one row per picture.
        folders: (n,) a number for the folder that each picture lies in.
        chosen: numbers of the pictures to compare.
        rate: of mistakes, from 0 to below 1.
        card: the embedder's: its own border, and the part of an embedding that it holds for.
        advance: told how many more pictures are compared.

    Raises:
        UsageError: no two pictures are different.
    """
    rows = {method: all_[chosen] for method, all_ in known.items()}
    copy_parts = card.copy_part(np.asarray(rows[EMBEDDING], np.float32))
    folders = folders[chosen]
    count = len(chosen)
    all_pairs = count * (count - 1) // 2
    members = np.unique(folders, return_counts=True)[1]
    between_folders = all_pairs - int((members * (members - 1) // 2).sum())
    by_folder = 0 < all_pairs <= 2 * between_folders
    most = int(rate * (between_folders if by_folder else all_pairs)) + 1
    nearest = {method: _Nearest(most) for method in rows}
    shown = _Nearest(_SHOWN)
    pairs = left_out = 0
    for start in range(0, count, _BLOCK):
        some = slice(start, start + _BLOCK)
        distances = {method: between(all_[some], all_[start:]) for method, all_ in rows.items()}
        counted = np.arange(count - start) > np.arange(len(folders[some]))[:, None]  # each pair once
        if by_folder:
            counted &= folders[some, None] != folders[None, start:]
        copies = between(copy_parts[some], copy_parts[start:]) if card.copy_dim else distances[EMBEDDING]
        same = counted & are_the_same(copies, distances[PDQ], card.same_distance)
        counted &= ~same
        pairs += int(counted.sum())
        left_out += int(same.sum())
        for method, kept in nearest.items():
            kept.add(distances[method], counted, start)
        shown.add(distances[EMBEDDING], counted, start)
        advance(len(folders[some]))
    if not pairs:
        raise UsageError("all pictures are taken for one: there are none to be mistaken for each other")
    return Borders(
        {method: _border(kept.distances, rows[method], rate, pairs) for method, kept in nearest.items()},
        pairs,
        by_folder,
        left_out,
        shown.pairs(chosen),
    )


def _border(nearest: Distances, rows: Rows, rate: float, pairs: int) -> Border:
    """Just below the first distance that would let in more than is allowed."""
    beyond = nearest[int(rate * pairs)]
    let_in = int((nearest < beyond).sum()) / pairs
    if rows.dtype == np.uint8:
        return Border(float(beyond - 1), let_in, 8 * rows.shape[1])
    return Border(float(np.nextafter(beyond, np.float32(-np.inf))), let_in, None)


class _Nearest:
    """The least of the distances that were met, ascending, and the pictures that they lie between."""

    def __init__(self, most: int) -> None:
        self._most = most
        self.distances: Distances = np.empty(0, np.float32)
        self._firsts, self._seconds = np.empty(0, np.int64), np.empty(0, np.int64)

    def add(self, distances: Distances, counted: NDArray[np.bool_], start: int) -> None:
        """Meet a block of distances; its rows and its columns begin with picture ``start``."""
        if len(self.distances) == self._most:
            counted = counted & (distances < self.distances[-1])
        rows, columns = np.nonzero(counted)
        met = distances[rows, columns]
        met = np.concatenate([self.distances.astype(met.dtype), met])
        order = np.argsort(met, kind="stable")[: self._most]
        self.distances = met[order]
        self._firsts = np.concatenate([self._firsts, rows + start])[order]
        self._seconds = np.concatenate([self._seconds, columns + start])[order]

    def pairs(self, numbers: NDArray[np.int64]) -> list[Pair]:
        """What was kept, as values, with the pictures' numbers in place of those met."""
        firsts, seconds = (numbers[met].tolist() for met in (self._firsts, self._seconds))
        return [Pair(*pair) for pair in zip(firsts, seconds, self.distances.tolist(), strict=True)]
