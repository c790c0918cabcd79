"""Rows sorted into hash tables: built from rows by a plain function, and never changed afterwards."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from lookalike import kernels
from lookalike.errors import UsageError
from lookalike.index.cells import LEARNED_FROM, Cells, learn
from lookalike.index.hashing import HashFunctions, HashSpec, draw
from lookalike.index.rows import Block, rows_at
from lookalike.index.sharing import share
from lookalike.kernels.arrays import Vectors, frozen, on_lines, room_on_lines
from lookalike.kernels.bits import CODE_BYTES, CODES_END, SKETCH_WORDS
from lookalike.kernels.tables import Tables

_SAMPLE = 5_000  # rows that centre and directions are computed from
_ROWS_AT_ONCE = 1 << 13


class Hashed(NamedTuple):
    """Hash functions, and the tables that they fill.

    Attributes:
        functions: give a vector its keys and its sketch.
        tables: the rows in their buckets.
    """

    functions: HashFunctions
    tables: Tables

    @property
    def buckets(self) -> int:
        """Buckets over all tables."""
        return self.functions.tables * self.functions.buckets

    def check(self, rows: int, dim: int) -> None:
        """Make sure that arrays from a file fit each other, and that no number in them points outside.

        The compiled kernels do not look, and would read memory that is not theirs.

        Args:
            rows: how many rows there are for the tables to name.
            dim: length of a vector.

        Raises:
            UsageError: naming the array that does not fit.
        """
        functions, starts = self.functions, self.tables.starts
        HashSpec(len(starts), functions.bits, cells=len(functions.cells.centres))
        functions.check(len(starts), dim)
        _check_tables(self.tables, functions.buckets, rows)

    def laid_out(self) -> Self:
        """The same with its arrays as the kernels want them: read-only, and aligned where that saves time."""
        functions, tables = self
        return type(self)(
            HashFunctions(
                frozen(functions.centre),
                frozen(functions.planes),
                frozen(functions.signs),
                functions.bits,
                Cells.around(functions.cells.centres),
            ),
            Tables(
                frozen(tables.starts),
                frozen(on_lines(tables.codes)),
                frozen(tables.slots),
                frozen(tables.rows),
                frozen(on_lines(tables.sketches)),
            ),
        )


def fill(blocks: Sequence[Block], spec: HashSpec, go_on: Callable[[], None] = lambda: None) -> Hashed:
    """Make hash functions for rows and sort the living ones into buckets, on all cores.

    The rows are read once, in their order, but for the sample that hash functions are made for.

    Args:
        blocks: the rows, numbered through; at least one is alive.
        spec: how to hash.
        go_on: called now and then; what it raises ends the work.
    """
    random = np.random.default_rng(spec.seed)
    functions = draw(_sample(blocks, _SAMPLE, random), spec, random)
    if spec.cells:
        learned_from = functions.margins(_sample(blocks, LEARNED_FROM * spec.cells, random))
        functions = functions._replace(cells=learn(learned_from, spec.cells, random, go_on))
    keys, sketches = _hash(blocks, functions, go_on)
    alive = np.concatenate([block.alive for block in blocks])
    tables = kernels.buckets.build(keys, sketches, alive, functions.buckets)
    return Hashed(functions, Tables._make(frozen(array) for array in tables))


def _hash(
    blocks: Sequence[Block], functions: HashFunctions, go_on: Callable[[], None]
) -> tuple[NDArray[np.uint32], NDArray[np.uint64]]:
    """Compute the keys, (tables, n) uint32, and the sketches, (n, 8) uint64, of all rows."""
    first = np.cumsum([0, *(len(block.ids) for block in blocks)])
    keys = np.empty((functions.tables, first[-1]), np.uint32)
    sketches = room_on_lines((int(first[-1]), SKETCH_WORDS), np.uint64)

    def hash_some(piece: tuple[int, int]) -> None:
        number, start = piece
        vectors = blocks[number].some(start, start + _ROWS_AT_ONCE)
        margins = functions.margins(vectors)
        rows = slice(first[number] + start, first[number] + start + len(vectors))
        keys[:, rows] = functions.keys(margins)
        sketches[rows] = functions.sketch(vectors, margins)

    pieces = [
        (number, start)
        for number, block in enumerate(blocks)
        for start in range(0, len(block.ids), _ROWS_AT_ONCE)
    ]
    share(hash_some, pieces, go_on)
    return keys, sketches


def _check_tables(tables: Tables, buckets: int, rows: int) -> None:
    """Make sure that no number in tables points outside of an array: the compiled kernels do not look.

    Args:
        tables: from a file.
        buckets: how many buckets each table has.
        rows: how many rows there are for the tables to name.

    Raises:
        UsageError: naming the array that does not fit.
    """
    count, m = len(tables.starts), len(tables.rows)
    expected = {
        "starts": ((count, buckets + 1), "int64"),
        "codes": ((count, CODE_BYTES * m + CODES_END), "uint8"),
        "slots": ((count - 1, m), "int32"),
        "rows": ((m,), "int32"),
        "sketches": ((m, SKETCH_WORDS), "uint64"),
    }
    for name, (shape, kind) in expected.items():
        array = getattr(tables, name)
        if (array.shape, array.dtype) != (shape, kind):
            raise UsageError(f"{name} must be {kind} of shape {shape}")
    ordered = (tables.starts[:, 1:] >= tables.starts[:, :-1]).all()
    if not ordered or (tables.starts[:, 0] != 0).any() or (tables.starts[:, -1] != m).any():
        raise UsageError(f"starts must rise from 0 to {m}")
    for name, most in (("slots", m), ("rows", rows)):
        array = getattr(tables, name)
        if array.size and (array.min() < 0 or array.max() >= most):
            raise UsageError(f"{name} must be from 0 to {most - 1}")


def _sample(blocks: Sequence[Block], count: int, random: np.random.Generator) -> Vectors:
    """Vectors of so many living rows, or of ten for each dimension if that is more, or of all there are."""
    most = max(count, 10 * blocks[0].vectors.shape[1])
    alive = np.flatnonzero(np.concatenate([block.alive for block in blocks]))
    chosen = np.sort(random.choice(alive, min(most, len(alive)), replace=False))
    return rows_at(blocks, chosen)
