"""Rows and the tables over them, for tests of what hashes rows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lookalike.index.hashed import Hashed, fill
from lookalike.index.hashing import HashSpec
from lookalike.index.rows import Block

Vectors = NDArray[np.float32]


def some_vectors(count: int, dim: int, seed: int = 0) -> Vectors:
    """Off centre, as the features of a network are, and spread unequally."""
    random = np.random.default_rng(seed)
    return (random.standard_normal((count, dim)) * np.linspace(3, 0.3, dim) + 5).astype(np.float32)


def blocks_of(vectors: Vectors, *cuts: int, dead: NDArray[np.integer] | None = None) -> list[Block]:
    """Vectors cut into blocks, some rows dead."""
    alive = np.ones(len(vectors), np.bool_)
    alive[np.array([], np.int64) if dead is None else dead] = False
    ids = np.arange(len(vectors)) * 3
    return [
        Block(*parts) for parts in zip(*(np.split(of, cuts) for of in (ids, vectors, alive)), strict=True)
    ]


def filled(vectors: Vectors, spec: HashSpec) -> Hashed:
    """Tables over rows that are all alive, in one block."""
    return fill(blocks_of(vectors), spec)
