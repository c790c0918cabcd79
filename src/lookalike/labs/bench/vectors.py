"""The vectors that a benchmark of the index runs on: those of a file, or made from the demo's pictures."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lookalike.disk import replacing
from lookalike.embed import load_embedder
from lookalike.errors import DamagedError, NotFoundError, UsageError
from lookalike.kernels.arrays import Vectors, unit_rows
from lookalike.labs.bench.grown import write_grown
from lookalike.labs.bench.pictures import chosen_folder
from lookalike.labs.bench.setting import RESULTS
from lookalike.labs.shared.arrays import DAMAGED
from lookalike.labs.shared.embedded import embed_folder
from lookalike.paths import shown
from lookalike.settings import Settings

K = 10
MADE = 40_000
"""Rows that are made from the gallery's embeddings: enough for an index to hash by itself."""

_QUERY_SHARE = 5  # at most one row of so many is a query


class Chosen(NamedTuple):
    """Rows to search among, and queries.

    Attributes:
        path: the file that they are from.
        base: (n, dim) float32 rows of length 1.
        queries: (q, dim) float32 rows of length 1, none of them in ``base``.
    """

    path: Path
    base: Vectors
    queries: Vectors


def add_vector_options(parser: argparse.ArgumentParser, queries: int = 1000) -> None:
    """Let the command line say which vectors to use, and how many."""
    parser.add_argument(
        "--vectors",
        type=Path,
        metavar="FILE",
        help=".npy with a vector per row, or .npz with codes and scale; the last rows are the queries "
        f"[default: {MADE:,} rows made from the embeddings of the demo's pictures]",
    )
    parser.add_argument("--rows", type=int, help="use so many rows, from the start [default: all]")
    parser.add_argument(
        "--queries", type=int, default=queries, help="at most, fewer of few rows [default: %(default)s]"
    )


def chosen_vectors(options: argparse.Namespace) -> Chosen:
    """The vectors that the command line asks for.

    Args:
        options: from a parser that ``add_vector_options`` was called with.

    Raises:
        NotFoundError: there is no such file.
        DamagedError: it is not such a file.
        UsageError: it has too few rows for those that are asked for.
    """
    path = _made_from_gallery() if options.vectors is None else options.vectors
    count = len(_opened(path)["codes"])
    queries = max(1, min(options.queries, count // _QUERY_SHARE))
    return Chosen(path, *read_vectors(path, options.rows, queries))


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
        NotFoundError: there is no such file.
        DamagedError: it is not such a file.
        UsageError: the file has too few rows.
    """
    arrays = _opened(path)
    values, scale = arrays["codes"], arrays.get("scale", np.float32(1))
    rows = len(values) - queries if rows is None else rows
    if not 0 < rows <= len(values) - queries:
        raise UsageError(f"{shown(path)} has {len(values)} rows: not {rows} and {queries} queries besides")
    base, asked = values[:rows], values[len(values) - queries :]
    return _unit(base, scale), _unit(asked, scale)


def gallery_embeddings() -> Vectors:
    """The embeddings of the demo's pictures by ``resnet34``, (n, 512) float32 in an order drawn by chance."""
    embedder = load_embedder("resnet34")
    vectors = embed_folder(chosen_folder(None), embedder, RESULTS, Settings()).vectors
    return vectors[np.random.default_rng(0).permutation(len(vectors))]


def _made_from_gallery() -> Path:
    """A file of rows: the embeddings of the demo's pictures, and rows made from these (``grown``)."""
    path = RESULTS / "gallery-vectors.npy"
    if not path.exists():
        real = gallery_embeddings()
        with tempfile.TemporaryDirectory() as folder, replacing(path) as file:
            np.save(file, write_grown(Path(folder) / "rows.npy", real, MADE))
    print(f"{MADE:,} rows made from the embeddings of drawn pictures ({path}): they say little of photos")
    return path


def _unit(values: NDArray[np.number], scale: NDArray[np.number] | np.float32) -> Vectors:
    return unit_rows(np.asarray(values.astype(np.float32) * scale, np.float32))


def _opened(path: Path) -> dict[str, NDArray[np.number]]:
    """The arrays of a file of vectors: ``codes``, and ``scale`` if it has one."""
    try:
        if path.suffix == ".npz":
            with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
                arrays = {name: archive[name] for name in ("codes", "scale") if name in archive}
        else:
            arrays = {"codes": np.lib.format.open_memmap(path, mode="r")}
    except FileNotFoundError as error:
        raise NotFoundError(f"there is no file {shown(path)}; without --vectors rows are made") from error
    except DAMAGED as error:
        raise DamagedError(f"{shown(path)} does not hold vectors: {error}") from error
    if "codes" not in arrays or arrays["codes"].ndim != 2:
        raise DamagedError(f"{shown(path)} does not hold vectors, one per row")
    return arrays
