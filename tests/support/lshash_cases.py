"""Points, files and formulas for the tests of lshashpy3's interface."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

FUNCTIONS = ("hamming", "euclidean", "true_euclidean", "centred_euclidean", "cosine", "l1norm")
FORMULAS: dict[str, Callable[[Floats, Floats], float]] = {
    "euclidean": math.dist,
    "true_euclidean": math.dist,
    "centred_euclidean": lambda a, b: math.dist(a - a.mean(), b - b.mean()),
    "cosine": lambda a, b: (
        1 - sum(x * y for x, y in zip(a, b, strict=True)) / math.hypot(*a) / math.hypot(*b)
    ),
    "l1norm": lambda a, b: sum(abs(x - y) for x, y in zip(a, b, strict=True)),
}


def draw_points(count: int, dim: int, seed: int = 0) -> Floats:
    return np.random.default_rng(seed).standard_normal((count, dim))


def count_found(lsh: Any, points: Floats) -> int:
    """How many points are answered when they are asked for."""
    return sum(tuple(p.tolist()) in [point for (point, _), _ in lsh.query(p)] for p in points)


def write_matrices(path: Path, *tables: npt.ArrayLike) -> str:
    """A matrices file with chosen hyperplanes, as lshashpy3 writes it."""
    np.savez_compressed(path, *[np.asarray(normals, np.float64) for normals in tables])
    return str(path)
