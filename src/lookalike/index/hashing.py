"""Hash functions and the tables they fill: built from rows by a plain function, never changed afterwards."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lookalike import kernels
from lookalike.errors import UsageError
from lookalike.index.rows import Block
from lookalike.kernels import hyperplanes
from lookalike.kernels.arrays import Vectors, frozen, on_lines
from lookalike.kernels.bits import CODE_BITS, CODE_WORDS, SKETCH_BITS, SKETCH_WORDS

if TYPE_CHECKING:
    from lookalike.kernels.buckets import Tables

Planes = Literal["principal", "gaussian"]

_SAMPLE = 5_000  # rows, at least, that centre and directions are computed from; or ten for each direction
_ROWS_AT_ONCE = 1 << 13


@dataclass(frozen=True, slots=True)
class HashSpec:
    """What decides a row's keys, apart from the data.

    Attributes:
        tables: number of hash tables, 1 to 64.
        bits: bits of a key, 1 to 20.
        seed: draws the hyperplanes; 0 or more.
        planes: "principal" draws hyperplanes, orthogonal within a table, inside the leading principal
            directions of the data; "gaussian" is the textbook's independent hyperplanes in the whole space.
    """

    tables: int
    bits: int
    seed: int = 0
    planes: Planes = "principal"

    def __post_init__(self) -> None:
        for name, value, most in (("tables", self.tables, 64), ("bits", self.bits, 20)):
            if not isinstance(value, int) or not 1 <= value <= most:
                raise UsageError(f"{name} must be a whole number from 1 to {most}, not {value!r}")
        if not isinstance(self.seed, int) or self.seed < 0:
            raise UsageError(f"seed must be a whole number, 0 or more, not {self.seed!r}")
        if self.planes not in ("principal", "gaussian"):
            raise UsageError(f'planes must be "principal" or "gaussian", not {self.planes!r}')


class Hashing(NamedTuple):
    """Hash functions, and tables over some rows.

    Attributes:
        centre: (dim,) float32, subtracted before hashing.
        planes: (tables * bits + 128, dim) float32 unit normals: of the keys, then of the codes.
        signs: (2, size) float32, the rest of the sketches; see ``kernels.patterns.margins_of``.
        starts: (tables, 2 ** bits + 1) int64; this and what follows: see ``kernels.buckets.Tables``.
        codes: (tables, 2, m) uint64.
        slots: (tables - 1, m) int32.
        rows: (m,) int32.
        sketches: (m, 8) uint64.
    """

    centre: Vectors
    planes: Vectors
    signs: Vectors
    starts: NDArray[np.int64]
    codes: NDArray[np.uint64]
    slots: NDArray[np.int32]
    rows: NDArray[np.int32]
    sketches: NDArray[np.uint64]

    @property
    def shape(self) -> tuple[int, int]:
        """``(tables, bits)``."""
        return len(self.starts), (self.starts.shape[1] - 1).bit_length() - 1

    @property
    def buckets(self) -> int:
        """Buckets over all tables."""
        tables, bits = self.shape
        return tables << bits

    @property
    def tables(self) -> Tables:
        """The tables, as the kernels take them."""
        return kernels.buckets.Tables(*self[3:])

    def margins(self, vectors: Vectors) -> Vectors:
        """Margins of (n, dim) float32 vectors, (n, tables * bits + 128) float32."""
        return np.asarray((vectors - self.centre) @ self.planes.T)

    def key_margins(self, margins: Vectors) -> Vectors:
        """Of (n, any) margins those of the keys, (n, tables, bits)."""
        tables, bits = self.shape
        return np.ascontiguousarray(margins[:, : tables * bits]).reshape(-1, tables, bits)

    def sketch(self, vectors: Vectors, margins: Vectors | None = None) -> NDArray[np.uint64]:
        """Sketches of vectors, (n, dim) float32, as (n, 8) uint64; ``margins`` of them if known."""
        margins = self.margins(vectors) if margins is None else margins
        codes = np.ascontiguousarray(margins[:, -CODE_BITS:])
        return kernels.patterns.sketch_rows(
            frozen(np.ascontiguousarray(vectors)), self.centre, codes, self.signs
        )

    def check(self, n: int, dim: int) -> None:
        """Make sure that nothing points outside of the arrays: the compiled kernels do not look.

        Args:
            n: rows that the tables may name.
            dim: length of a vector.

        Raises:
            UsageError: naming the array that does not fit.
        """
        if self.starts.ndim != 2 or self.starts.shape[1] < 3:
            raise UsageError("starts must be int64 of shape (tables, 2 ** bits + 1)")
        tables, bits = self.shape
        HashSpec(tables, bits)
        m = len(self.rows)
        expected = {
            "centre": ((dim,), "float32"),
            "planes": ((tables * bits + CODE_BITS, dim), "float32"),
            "signs": ((2, _rotated(dim)), "float32"),
            "starts": ((tables, (1 << bits) + 1), "int64"),
            "codes": ((tables, CODE_WORDS, m), "uint64"),
            "slots": ((tables - 1, m), "int32"),
            "rows": ((m,), "int32"),
            "sketches": ((m, SKETCH_WORDS), "uint64"),
        }
        for name, (shape, kind) in expected.items():
            array = getattr(self, name)
            if (array.shape, array.dtype) != (shape, kind):
                raise UsageError(f"{name} must be {kind} of shape {shape}")
        ordered = (self.starts[:, 1:] >= self.starts[:, :-1]).all()
        if not ordered or (self.starts[:, 0] != 0).any() or (self.starts[:, -1] != m).any():
            raise UsageError(f"starts must rise from 0 to {m}")
        for name, most in (("slots", m), ("rows", n)):
            array = getattr(self, name)
            if array.size and (array.min() < 0 or array.max() >= most):
                raise UsageError(f"{name} must be from 0 to {most - 1}")


def fill(blocks: Sequence[Block], spec: HashSpec, go_on: Callable[[], None] = lambda: None) -> Hashing:
    """Draw hyperplanes for the data and sort its living rows into buckets.

    Args:
        blocks: the rows, numbered through; at least one is alive.
        spec: how to hash.
        go_on: called now and then; what it raises ends the work.
    """
    dim = blocks[0].vectors.shape[1]
    random = np.random.default_rng(spec.seed)
    sample = _sample(blocks, max(_SAMPLE, 10 * dim), random)
    centre = sample.mean(axis=0, dtype=np.float64).astype(np.float32)
    key_planes, code_planes = _draw_planes(sample - centre, spec, random)
    size = _rotated(dim)
    signs = np.where(random.random((2, size)) < 0.5, np.float32(-1), np.float32(1))
    signs[0] /= size
    planes = np.concatenate([key_planes, code_planes])
    nothing = kernels.buckets.build(
        np.empty((spec.tables, 0), np.uint32),
        np.empty((0, SKETCH_WORDS), np.uint64),
        np.empty(0, np.bool_),
        spec.bits,
    )
    unfilled = Hashing(*map(frozen, (centre, planes, signs, *nothing)))
    n = sum(len(block.ids) for block in blocks)
    keys, sketches = np.empty((spec.tables, n), np.uint32), np.empty((n, SKETCH_WORDS), np.uint64)
    row = 0
    for block in blocks:
        for start in range(0, len(block.ids), _ROWS_AT_ONCE):
            go_on()
            vectors = np.asarray(block.vectors[start : start + _ROWS_AT_ONCE])
            margins = unfilled.margins(vectors)
            keys[:, row : row + len(vectors)] = kernels.buckets.keys_of(unfilled.key_margins(margins))
            sketches[row : row + len(vectors)] = unfilled.sketch(vectors, margins)
            row += len(vectors)
    alive = np.concatenate([block.alive for block in blocks])
    filled = kernels.buckets.build(keys, sketches, alive, spec.bits)
    filled = filled._replace(codes=on_lines(filled.codes), sketches=on_lines(filled.sketches))
    return Hashing(*map(frozen, (centre, planes, signs, *filled)))


def _rotated(dim: int) -> int:
    """Length of a vector in the rotation that gives most of a sketch: a power of two."""
    return max(SKETCH_BITS, 1 << (dim - 1).bit_length())


def _sample(blocks: Sequence[Block], most: int, random: np.random.Generator) -> Vectors:
    """Vectors of up to ``most`` living rows."""
    alive = np.flatnonzero(np.concatenate([block.alive for block in blocks]))
    chosen = np.sort(random.choice(alive, min(most, len(alive)), replace=False))
    return rows_at(blocks, chosen)


def rows_at(blocks: Sequence[Block], rows: NDArray[np.integer]) -> Vectors:
    """Vectors of rows of blocks that are numbered through."""
    vectors = np.empty((len(rows), blocks[0].vectors.shape[1]), np.float32)
    start = 0
    for block in blocks:
        here = (rows >= start) & (rows < start + len(block.ids))
        vectors[here] = block.vectors[rows[here] - start]
        start += len(block.ids)
    return vectors


def _draw_planes(sample: Vectors, spec: HashSpec, random: np.random.Generator) -> tuple[Vectors, Vectors]:
    """Hyperplanes of the keys of all tables, (tables * bits, dim), and of the codes, (128, dim).

    In the leading directions a bit tells most. For one table the best measured is a subspace hardly larger
    than the key is long; several tables need room to differ in. The codes' hyperplanes lie in the 128 leading
    directions; the rest of a sketch sees the whole space.
    """
    dim = sample.shape[1]
    if spec.planes == "gaussian":
        drawn = hyperplanes.gaussian(dim, spec.tables * spec.bits + CODE_BITS, random)
        return drawn[:-CODE_BITS], drawn[-CODE_BITS:]
    basis = hyperplanes.principal_directions(sample, dim)
    room = spec.bits + 1 if spec.tables == 1 else max(32, spec.bits)
    keys = [
        hyperplanes.orthogonal(min(room, dim), spec.bits, random) @ basis[:room] for _ in range(spec.tables)
    ]
    codes = hyperplanes.orthogonal(min(CODE_BITS, dim), CODE_BITS, random) @ basis[:CODE_BITS]
    return np.concatenate(keys).astype(np.float32), codes.astype(np.float32)
