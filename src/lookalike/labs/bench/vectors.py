"""The vectors that the benchmarks of the index run on."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lookalike.kernels.arrays import Vectors, unit_rows

EMBEDDINGS = Path("../shared/data/embeddings/caltech101-crops-80k.npz")
K = 10


def add_vector_options(parser: argparse.ArgumentParser, queries: int = 1000) -> None:
    """Let the command line say which vectors to use, and how many."""
    parser.add_argument(
        "--vectors",
        type=Path,
        default=EMBEDDINGS,
        help=".npz with codes and scale, or .npy; the last rows are the queries [default: %(default)s]",
    )
    parser.add_argument("--rows", type=int, help="use so many rows, from the start [default: all]")
    parser.add_argument("--queries", type=int, default=queries, help="[default: %(default)s]")


def read_vectors(path: Path, rows: int | None, queries: int) -> tuple[Vectors, Vectors]:
    """Read rows to search among, and queries.

    Args:
        path: ``.npy`` with (n, dim) numbers, or ``.npz`` with (n, dim) ``codes`` and (dim,) ``scale``, whose
            product is the vectors.
        rows: how many from the start; None for all but the queries.
        queries: how many from the end.

    Returns:
        ``(base, queries)``, (rows, dim) and (queries, dim) float32, each row of length 1.

    Raises:
        ValueError: the file has too few rows.
    """
    with np.load(path) if path.suffix == ".npz" else _Single(path) as file:
        values, scale = file["codes"], file["scale"] if "scale" in file else np.float32(1)
    rows = len(values) - queries if rows is None else rows
    if not 0 < rows <= len(values) - queries:
        raise ValueError(f"{path} has {len(values)} rows: not {rows} and {queries} queries besides")
    base, asked = values[:rows], values[len(values) - queries :]
    return _unit(base, scale), _unit(asked, scale)


def _unit(values: NDArray[np.number], scale: NDArray[np.float32] | np.float32) -> Vectors:
    return unit_rows(np.asarray(values.astype(np.float32) * scale, np.float32))


class _Single(dict[str, np.ndarray]):
    """A ``.npy`` file read as if it were an ``.npz`` without a scale."""

    def __init__(self, path: Path) -> None:
        super().__init__(codes=np.load(path, mmap_mode="r"))

    def __enter__(self) -> _Single:
        return self

    def __exit__(self, *_: object) -> None: ...
