"""Rows as the funnel's kernels take them, and the funnel's stages over the same rows as plain lists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

import twins
from lookalike.kernels import buckets, patterns
from lookalike.kernels.arrays import frozen
from lookalike.kernels.metrics import Metric
from lookalike.kernels.patterns import Rotation
from lookalike.kernels.stored import Stored
from lookalike.kernels.tables import Tables
from twins import Floats, Words


class Shape(NamedTuple):
    """How many of everything there are.

    Attributes:
        tables: hash tables.
        bits: of a key, or of the number of a cell.
        dim: length of a vector.
        covered: the rows that were there when the tables were filled.
        fresh: the rows after them.
        first: the rows of the first part; the others are later ones.
        alive: the share of rows that are alive; as many of those covered were when the tables were filled.
        cells: whether buckets are cells, each with a cost of its own.
    """

    tables: int = 1
    bits: int = 3
    dim: int = 5
    covered: int = 100
    fresh: int = 0
    first: int = 100
    alive: float = 1.0
    cells: bool = False

    @property
    def buckets(self) -> int:
        """In each table."""
        return int(2**self.bits)


class Query(NamedTuple):
    """A query: vector (dim,), borders (tables, bits or cells), margins of the code (128,), its pattern."""

    vector: Floats
    borders: Floats
    code_margins: Floats
    pattern: Words


@dataclass(frozen=True)
class World:
    """Rows whose keys, sketches and vectors have nothing to do with each other, so that no stage is idle.

    All values are small whole numbers, which float32 and float64 add up alike, and many are equal: ties at
    every border are the rule.
    """

    shape: Shape
    ids: NDArray[np.int64]
    vectors: Floats
    sketches: Words
    keys: NDArray[np.uint32]
    filled: NDArray[np.bool_]
    alive: NDArray[np.bool_]
    centre: Floats
    signs: Floats

    @classmethod
    def drawn(cls, shape: Shape, random: np.random.Generator) -> World:
        """Draw a world."""
        n = shape.covered + shape.fresh
        few_sketches = random.integers(0, 2**64, (12, 8), dtype=np.uint64)
        filled = random.random(shape.covered) < shape.alive
        alive = random.random(n) < shape.alive
        alive[: shape.covered] &= filled  # the dead stay dead
        signs = random.choice(np.array([-1, 1], np.float32), (2, max(512, 1 << (shape.dim - 1).bit_length())))
        signs[0] /= signs.shape[1]
        return cls(
            shape=shape,
            ids=random.permutation(3 * n)[:n].astype(np.int64),
            vectors=random.integers(-2, 3, (n, shape.dim)).astype(np.float32),
            sketches=few_sketches[random.integers(0, 12, n)],
            keys=random.integers(0, 2**shape.bits, (shape.tables, shape.covered), dtype=np.uint32),
            filled=filled,
            alive=alive,
            centre=random.integers(-1, 2, shape.dim).astype(np.float32),
            signs=signs,
        )

    def query(self, random: np.random.Generator) -> Query:
        """Draw a query; every other one is one of the rows."""
        vector = random.integers(-2, 3, self.shape.dim).astype(np.float32)
        if len(self.vectors) and random.random() < 0.5:
            vector = self.vectors[random.integers(len(self.vectors))].copy()
        if self.shape.cells:
            borders = random.integers(0, 60, (self.shape.tables, self.shape.buckets)).astype(np.float32)
        else:
            borders = random.integers(-5, 6, (self.shape.tables, self.shape.bits)).astype(np.float32)
        code_margins = random.standard_normal(patterns.CODE_BITS).astype(np.float32)
        turned, spare = np.empty_like(self.signs[0]), np.empty_like(self.signs[0])
        patterns.margins_of(frozen(vector), self.rotation(), code_margins, turned, spare)
        pattern = np.empty((4, patterns.SKETCH_WORDS), np.uint64)
        patterns.pattern_of(turned, pattern)
        return Query(vector, borders, code_margins, pattern)

    def costs(self, query: Query) -> NDArray[np.float64]:
        """What each bucket costs a query, (tables, 2 ** bits)."""
        return query.borders.astype(np.float64) if self.shape.cells else twins.costs(query.borders)

    def rotation(self) -> Rotation:
        """What the kernels take to make sketches."""
        return Rotation(frozen(self.centre), frozen(self.signs))

    def tables(self) -> Tables:
        """What the kernels take for the covered rows."""
        sketches = self.sketches[: self.shape.covered].copy()
        built = buckets.build(self.keys, sketches, self.filled, self.shape.buckets)
        return Tables._make(frozen(array) for array in built)

    def stored(self) -> Stored:
        """What the kernels take for all rows."""
        first = self.shape.first
        rows = self.ids, self.vectors, self.alive
        main, later = (
            tuple(frozen(array[part]) for array in rows) for part in (slice(first), slice(first, None))
        )
        return Stored.of(main, later, frozen(self.sketches[self.shape.covered :]))

    def row_in(self, slot: int) -> int:
        """The row in a slot: those in the tables stand in the order of the first table's buckets."""
        hashed = np.flatnonzero(self.filled)
        in_order = hashed[np.argsort(self.keys[0, hashed], kind="stable")]
        return int(in_order[slot]) if slot < len(hashed) else self.shape.covered + slot - len(hashed)

    def met(self, visited: NDArray[np.bool_]) -> list[int]:
        """Rows in the buckets that are True in (tables, 2 ** bits), as often as they are met; no fresh."""
        rows = np.flatnonzero(self.filled)
        return [
            row
            for table in range(self.shape.tables)
            for row in rows[visited[table, self.keys[table, rows]]].tolist()
        ]

    def pass_codes(self, visited: NDArray[np.bool_], pattern: Words, keep: int) -> list[int]:
        """Rows whose codes are within the border of those met; several tables may meet, and count, a row.

        All fresh rows pass if they pass more than twice as often as those of the tables.
        """
        met, fresh = self.met(visited), list(range(self.shape.covered, len(self.ids)))
        scores = twins.differences(self.sketches[met], pattern, 2)
        border = twins.border(scores, keep * self.shape.tables)
        hashed = {row for row, score in zip(met, scores, strict=True) if score <= border}
        by_code = zip(fresh, twins.differences(self.sketches[fresh], pattern, 2), strict=True)
        passing = [row for row, score in by_code if score <= border]
        if len(passing) * int(self.filled.sum()) > 2 * len(hashed) * len(fresh):
            passing = fresh
        return sorted([*hashed, *passing])

    def pass_sketches(self, rows: list[int], pattern: Words) -> dict[int, int]:
        """The living among some rows, with their scores."""
        living = [row for row in rows if self.alive[row]]
        return dict(zip(living, twins.differences(self.sketches[living], pattern, 8), strict=True))

    def pass_vectors(self, scores: dict[int, int], keep: int) -> list[int]:
        """The rows within the border."""
        border = twins.border(list(scores.values()), keep)
        return [row for row, score in scores.items() if score <= border]

    def ranked(self, rows: list[int], vector: Floats, metric: Metric, k: int) -> list[tuple[float, int]]:
        """The k nearest of some rows, as (distance, id), padded with (infinity, -1)."""
        distances = metric.exact(vector, self.vectors[rows]).astype(np.float32)
        ranked = sorted(zip(distances.tolist(), self.ids[rows].tolist(), strict=True))[:k]
        return ranked + [(float("inf"), -1)] * (k - len(ranked))
