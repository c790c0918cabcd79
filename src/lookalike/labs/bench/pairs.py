"""All pairs of rows within a radius, on one thread: ``LSHIndex.pairs`` against a search for each row.

    lookalike lab bench pairs [--sizes N …] [--radius R] [--vectors FILE] [--scratch FOLDER]

One row in twenty is a copy of another with a little noise; the rest are real, or made from real ones
(``grown``). ``LSHIndex.pairs`` finds all pairs. The others are asked for all rows within the radius of some
rows, drawn by chance, and their time is scaled to all rows: ``LSHIndex.within``, and faiss's ``range_search``
over a flat index, which is exact, and over the lists of k-means. The graph of hnswlib knows no radius: it is
asked for a row's 16 nearest, for twice as many as long as all of them lie within the radius, and the others
are left out. Recall is that of the pairs of these rows. A pair counts as found if it is found from either
side, since all rows would be asked for.

Times are processor time, since other programs may run beside.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lookalike.index import LSHIndex, Pairs, Ranges
from lookalike.kernels.arrays import Ids, Vectors, unit_rows
from lookalike.labs.bench.grown import write_grown
from lookalike.labs.bench.setting import write_result
from lookalike.labs.bench.vectors import add_vector_options, chosen_vectors

SIZES = (50_000, 200_000)
COPIES, NOISE = 20, 0.2  # one row of so many is a copy; its noise, in units of the rows' own spread
ASKED, SCANNED = 1000, 200  # rows that others are asked about, and those that a flat index is
RECALLS, PROBES = (0.95, 0.99), (1, 2, 4, 8)
WIDTHS, NEAREST = (16, 40, 80), 16  # of hnswlib: candidates that a search keeps, and rows asked for at first
_ROWS_A_LIST = 400

Links = set[tuple[int, int]]
Search = Callable[[Vectors], tuple[NDArray[np.int64], Ids]]
"""From queries, where the answers to each begin, and their ids."""


def main(arguments: Sequence[str]) -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description="All pairs of rows within a radius.")
    add_vector_options(parser, queries=1)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="rows [default: %(default)s]")
    parser.add_argument("--radius", type=float, default=0.1, help="cosine distance [default: %(default)s]")
    parser.add_argument("--scratch", type=Path, help="folder for the rows [default: the system's]")
    options = parser.parse_args(arguments)
    path, real, _ = chosen_vectors(options)
    sizes = []
    for size in options.sizes:
        with tempfile.TemporaryDirectory(dir=options.scratch) as folder:
            rows = planted(real, size, Path(folder) / "rows.npy")
            sizes.append({"rows": size, "programs": measure(rows, options.radius)})
        _show(sizes[-1], options.radius)
    write_result("pairs", vectors=path.name, radius=options.radius, noise=NOISE, threads=1, sizes=sizes)


def planted(real: Vectors, count: int, path: Path) -> Vectors:
    """Real rows, rows made from them, and copies of both; (count, dim) float32 of length 1, shuffled."""
    random = np.random.default_rng(0)
    copies = count // COPIES
    real = real[: count - copies]
    rows = np.asarray(write_grown(path, real, count - copies))
    variances, directions = np.linalg.eigh(np.cov(real, rowvar=False))
    spread = np.sqrt(variances.clip(min=0)).astype(np.float32)[:, None] * directions.T.astype(np.float32)
    noise = random.standard_normal((copies, rows.shape[1]), np.float32) @ spread
    copied = unit_rows(rows[random.integers(len(rows), size=copies)] + np.float32(NOISE) * noise)
    return np.concatenate([rows, copied])[random.permutation(count)]


def measure(rows: Vectors, radius: float) -> dict[str, dict[str, float]]:
    """For each program the processor seconds of its build and of all pairs, and its recall."""
    import faiss  # noqa: PLC0415  optional

    count = len(rows)
    asked = np.sort(np.random.default_rng(1).choice(count, min(ASKED, count), False))
    few = asked[:: max(1, len(asked) // SCANNED)]
    flat = faiss.IndexFlatIP(rows.shape[1])
    build = seconds_of(lambda: flat.add(rows))
    scan = ranges_of(flat, radius)
    truth = links(scan, rows, asked)
    others = np.setdiff1d(np.array([*truth], np.int64).reshape(-1), asked)

    def entry(build: float, search: Search) -> dict[str, float]:
        found: Links = set()
        seconds = seconds_of(lambda: found.update(links(search, rows, asked))) * count / len(asked)
        found |= links(search, rows, others)
        return {"build": build, "seconds": seconds, "recall": len(found & truth) / len(truth)}

    seconds = seconds_of(lambda: links(scan, rows, few)) * count / len(few)
    programs = {"faiss IndexFlat": {"build": build, "seconds": seconds, "recall": 1.0}}
    index: list[LSHIndex] = []
    build = seconds_of(lambda: index.append(LSHIndex.build(np.arange(count), rows)))
    next(index[0].pairs(radius, rows=(0, 1), threads=1), None)  # loads the kernels
    for recall in RECALLS:
        programs[f"LSHIndex.pairs, recall {recall}"] = _ours(index[0], radius, recall, truth) | {
            "build": build
        }
    programs["LSHIndex.within"] = entry(build, lambda queries: _ranges(index[0].within(queries, radius)))
    lists = max(1, count // _ROWS_A_LIST)
    cells = faiss.index_factory(rows.shape[1], f"IVF{lists},Flat", faiss.METRIC_INNER_PRODUCT)
    build = seconds_of(lambda: (cells.train(rows), cells.add(rows)))
    for probes in PROBES[: lists.bit_length()]:
        search = ranges_of(cells, radius, params=faiss.SearchParametersIVF(nprobe=probes))
        programs[f"faiss IVF-Flat, {probes} of {lists} lists"] = entry(build, search)
    if graph := _graph():
        build = seconds_of(lambda: graph.build(rows))
        for width in WIDTHS:
            programs[f"hnswlib, ef {width}, filtered"] = entry(build, filtered(graph.index, radius, width))
    return programs


def _graph() -> Any:
    """hnswlib, to be built; None, with a word about it, if it is not installed: it has to be compiled."""
    try:
        from lookalike.labs.bench.contenders.hnsw import Hnswlib  # noqa: PLC0415  optional
    except ImportError as error:
        print(f"hnswlib is left out: {error}")
        return None
    return Hnswlib()


def _ours(index: LSHIndex, radius: float, recall: float, truth: Links) -> dict[str, float]:
    """What all pairs of an index cost, and how many of the true pairs of some rows are among them."""
    given: list[Pairs] = []
    seconds = seconds_of(lambda: given.extend(index.pairs(radius, recall=recall, threads=1)))
    pairs = {link for some in given for link in zip(some.first.tolist(), some.second.tolist(), strict=True)}
    return {"seconds": seconds, "recall": len(pairs & truth) / len(truth), "pairs": len(pairs)}


def seconds_of(work: Callable[[], object]) -> float:
    """Processor seconds that some work takes."""
    started = time.process_time()
    work()
    return time.process_time() - started


def links(search: Search, rows: Vectors, places: NDArray[np.integer]) -> Links:
    """The pairs, the smaller number first, that a search for the rows at some places finds."""
    starts, ids = search(rows[places])
    own = np.repeat(places, np.diff(starts))
    other = ids != own
    first, second = np.minimum(own, ids)[other], np.maximum(own, ids)[other]
    return set(zip(first.tolist(), second.tolist(), strict=True))


def ranges_of(index: Any, radius: float, **way: Any) -> Search:
    """A search of a faiss index of inner products for all rows within a cosine distance."""

    def search(queries: Vectors) -> tuple[NDArray[np.int64], Ids]:
        starts, _, ids = index.range_search(queries, 1 - radius, **way)
        return starts.astype(np.int64), ids

    return search


def filtered(graph: Any, radius: float, width: int) -> Search:
    """A search of an hnswlib graph of inner products for all rows within a cosine distance."""

    def search(queries: Vectors) -> tuple[NDArray[np.int64], Ids]:
        none = np.empty(0, np.int64)
        within: list[Ids] = [none] * len(queries)
        asked, k = np.arange(len(queries)), min(NEAREST, graph.element_count)
        while len(asked):
            graph.set_ef(max(width, k))
            ids, distances = graph.knn_query(queries[asked], k, num_threads=1)
            near = distances <= radius
            for place, row, kept in zip(asked, ids, near, strict=True):
                within[place] = row[kept].astype(np.int64)
            asked = asked[near[:, -1]] if k < graph.element_count else asked[:0]
            k = min(2 * k, graph.element_count)
        return np.cumsum([0, *map(len, within)]), np.concatenate([none, *within])

    return search


def _ranges(found: Ranges) -> tuple[NDArray[np.int64], Ids]:
    return found.starts, found.ids


def _show(size: dict[str, Any], radius: float) -> None:
    programs = size["programs"]
    ours = programs[f"LSHIndex.pairs, recall {RECALLS[0]}"]
    print(f"{size['rows']:,} rows, radius {radius}: {ours['pairs']:,} pairs found; CPU seconds")
    print(f"  {'':34}{'build':>8}{'all pairs':>11}{'ratio':>8}{'recall':>8}")
    for name, entry in programs.items():
        ratio = entry["seconds"] / ours["seconds"]
        line = f"{entry['build']:8.1f}{entry['seconds']:11.1f}{ratio:8.1f}{entry['recall']:8.3f}"
        print(f"  {name:34}{line}", flush=True)
