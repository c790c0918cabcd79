"""Hash functions: hyperplanes and cells made for the data, and the keys and sketches that vectors have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lookalike import kernels
from lookalike.errors import UsageError
from lookalike.index.cells import Cells
from lookalike.kernels import hyperplanes
from lookalike.kernels.arrays import Vectors, frozen, shortened
from lookalike.kernels.bits import CODE_BITS, SKETCH_BITS

if TYPE_CHECKING:
    from lookalike.kernels.patterns import Rotation

Planes = Literal["principal", "gaussian"]
MOST_CELLS = 1 << 12


@dataclass(frozen=True, slots=True)
class HashSpec:
    """Everything but the data that decides a row's keys.

    Attributes:
        tables: number of hash tables, 1 to 64; 1 if buckets are cells.
        bits: bits of a key, 1 to 20; 0 if buckets are cells.
        seed: draws the hyperplanes, and the rows that centres are learned from; 0 or more.
        planes: "principal" draws hyperplanes, orthogonal within a table, inside the leading principal
            directions of the data; "gaussian" draws the textbook's independent ones in the whole space.
        cells: number of cells, 1 to 4096; 0 if keys are signs.
    """

    tables: int
    bits: int
    seed: int = 0
    planes: Planes = "principal"
    cells: int = 0

    def __post_init__(self) -> None:
        by_signs = self.cells == 0
        ranges = {
            "cells": (self.cells, int(not by_signs), MOST_CELLS),
            "tables": (self.tables, 1, 64 if by_signs else 1),
            "bits": (self.bits, int(by_signs), 20 if by_signs else 0),
        }
        for name, (value, least, most) in ranges.items():
            if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
                raise UsageError(f"{name} must be a whole number from {least} to {most}, not {value!r}")
        if not isinstance(self.seed, int) or self.seed < 0:
            raise UsageError(f"seed must be a whole number, 0 or more, not {self.seed!r}")
        if self.planes not in ("principal", "gaussian"):
            raise UsageError(f'planes must be "principal" or "gaussian", not {self.planes!r}')


class HashFunctions(NamedTuple):
    """Hyperplanes or cells for keys, and hyperplanes for sketches. They never change once they are made.

    Attributes:
        centre: (dim,) float32, the mean of the rows, subtracted from a vector before it is hashed.
        planes: (tables * bits + 128, dim) float32 normals, of length 1 but for rounding (see
            ``arrays.shortened``): those of the keys, table after table, if keys are signs; then those of the
            code, the first 128 bits of a sketch.
        signs: (2, size) float32, which give the other bits of a sketch; see ``kernels.patterns.Rotation``.
        bits: length of a key; 0 if buckets are cells.
        cells: of no centres if keys are signs.
    """

    centre: Vectors
    planes: Vectors
    signs: Vectors
    bits: int
    cells: Cells

    @property
    def tables(self) -> int:
        """For how many tables there are keys."""
        return (len(self.planes) - CODE_BITS) // self.bits if self.bits else 1

    @property
    def buckets(self) -> int:
        """How many buckets each table has."""
        return 1 << self.bits if self.bits else len(self.cells.centres)

    @property
    def rotation(self) -> Rotation:
        """The rotation of the sketches, as the compiled functions take it."""
        return kernels.patterns.Rotation(self.centre, self.signs)

    def margins(self, vectors: Vectors) -> Vectors:
        """Compute margins, the signed distances from all hyperplanes.

        Args:
            vectors: (n, dim) float32.

        Returns:
            (n, tables * bits + 128) float32, in the order of ``planes``.
        """
        return np.asarray((vectors - self.centre) @ self.planes.T)

    def borders(self, margins: Vectors) -> Vectors:
        """Compute what tells a query the costs of buckets from what ``margins`` returned.

        Returns:
            (n, tables, bits or cells) float32; see ``kernels.costs``.
        """
        if not self.bits:
            return self.cells.costs(self.codes(margins))
        shape = (len(margins), self.tables, self.bits)
        return np.ascontiguousarray(margins[:, : self.tables * self.bits]).reshape(shape)

    def codes(self, margins: Vectors) -> Vectors:
        """Take the margins of the code out of those that ``margins`` returned: (n, 128) float32."""
        return np.ascontiguousarray(margins[:, -CODE_BITS:])

    def keys(self, margins: Vectors) -> NDArray[np.uint32]:
        """Compute the keys, (tables, n) uint32, of rows from what ``margins`` returned."""
        if not self.bits:
            return self.cells.keys(self.codes(margins))
        return kernels.buckets.keys_of(self.borders(margins), self.buckets)

    def sketch(self, vectors: Vectors, margins: Vectors | None = None) -> NDArray[np.uint64]:
        """Compute sketches.

        Args:
            vectors: (n, dim) float32.
            margins: what ``margins`` returns for them, if that is known already.

        Returns:
            (n, 8) uint64; see ``kernels.patterns.sketch_rows``.
        """
        margins = self.margins(vectors) if margins is None else margins
        codes = self.codes(margins)
        return kernels.patterns.sketch_rows(frozen(np.ascontiguousarray(vectors)), self.rotation, codes)

    def check(self, tables: int, dim: int) -> None:
        """Make sure that hash functions from a file fit tables: the compiled kernels do not look.

        Args:
            tables: how many tables there are.
            dim: length of a vector.

        Raises:
            UsageError: naming the array that does not fit.
        """
        expected = {
            "centre": (dim,),
            "planes": (tables * self.bits + CODE_BITS, dim),
            "signs": (2, _rotated(dim)),
            "centres": (0 if self.bits else self.buckets, CODE_BITS),
        }
        for name, shape in expected.items():
            array = self.cells.centres if name == "centres" else getattr(self, name)
            if (array.shape, array.dtype) != (shape, "float32"):
                raise UsageError(f"{name} must be float32 of shape {shape}")
        if not np.isfinite(self.cells.squares).all():
            raise UsageError("centres must be finite")


def draw(sample: Vectors, spec: HashSpec, random: np.random.Generator) -> HashFunctions:
    """Draw hash functions for data; cells are still to be learned.

    Args:
        sample: (n, dim) float32, some of the rows, n >= 1.
        spec: how many hyperplanes, and of which kind.
        random: draws them.
    """
    centre = sample.mean(axis=0, dtype=np.float64).astype(np.float32)
    planes = shortened(np.concatenate(_draw_planes(sample - centre, spec, random)))
    size = _rotated(sample.shape[1])
    signs = np.where(random.random((2, size)) < 0.5, np.float32(-1), np.float32(1))
    signs[0] /= size
    return HashFunctions(frozen(centre), frozen(planes), frozen(signs), spec.bits, Cells.none())


def _rotated(dim: int) -> int:
    """Length of a vector in the rotation that gives most of a sketch: a power of two."""
    return max(SKETCH_BITS, 1 << (dim - 1).bit_length())


def _draw_planes(sample: Vectors, spec: HashSpec, random: np.random.Generator) -> tuple[Vectors, Vectors]:
    """Draw the hyperplanes of the keys, (tables * bits, dim), and those of the code, (128, dim).

    The directions in which the data varies most tell most per bit. For a single table, a subspace hardly
    larger than the key is long was the best that we measured; several tables need a larger one, in which
    they can differ. The hyperplanes of the code lie in the 128 leading directions. The other bits of a sketch
    see the whole space.
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
