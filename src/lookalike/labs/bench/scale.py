"""How time, recall, build and memory grow with the number of rows; and from where hashing pays.

    lookalike lab bench scale [--most N] [--half] [--scratch FOLDER] [--vectors FILE] [--queries N]

Up to the number of real rows these are real; beyond, rows are made from them (``grown``), in a file under
``--scratch`` that is mapped, never read as a whole: 10 million rows of 512 numbers take 20 GB there, or 10 GB
as float16. Queries are like the rows: as many of them are real as of the rows, the others are made.

Where an index left to itself would scan, it is told to hash, so that there is something to compare. If it
scans all the same, that size does not count for laws and crossover. The kernels are warm. Both ways of
searching are timed one query at a time, hashing also in one call with all queries. Times of queries are
processor time, of one thread; what was waited for is told by the pages that were read from disk meanwhile.
"""

from __future__ import annotations

import argparse
import math
import resource
import tempfile
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, Unpack

import numpy as np

from lookalike.index import LSHIndex
from lookalike.index.settings import Settings, choose_cells
from lookalike.kernels.arrays import Ids, Vectors
from lookalike.labs.bench.contenders.ours import Hashing, lsh_index
from lookalike.labs.bench.fits import crossover, power_law
from lookalike.labs.bench.grown import NOISE, Grown, write_grown
from lookalike.labs.bench.memory import Peak, private_bytes
from lookalike.labs.bench.pictures import GALLERY
from lookalike.labs.bench.setting import median_seconds, result_file
from lookalike.labs.bench.truth import Nearest, shares_of
from lookalike.labs.bench.vectors import K, add_vector_options, chosen_vectors, gallery_embeddings
from lookalike.labs.shared.results import write_facts

RECALLS = (0.90, 0.95, 0.99)
RECALL = 0.95  # that of laws and crossover
FEW = 10_000  # fewer rows only show where hashing starts to pay; laws are fitted from here on
SIZES = tuple(250 << step for step in range(6)) + tuple(
    10_000 << step for step in (0, 1, 2, 4, 5, 6, 7, 8, 9)
)
FEWEST = 250  # rows; what is made from fewer real ones begins here
_ROWS_SCANNED = 2_000_000  # by the exact queries of one round, but one query at least
_ROUNDS_SCANNED = 2
_QUERY_SEED = 1  # rows are made with seed 0

Entry = dict[str, Any]


def main(arguments: Sequence[str]) -> None:
    """Measure, print and write."""
    options = _options(arguments)
    if options.vectors is None:
        name, vectors = GALLERY, gallery_embeddings()
        asked = min(options.queries, len(vectors) // 5)
        real, queries = vectors[asked:][: options.rows], vectors[:asked]
    else:
        path, real, queries = chosen_vectors(options)
        name = path.name
    real = real[: options.most]
    sizes = sorted({size for size in (*SIZES, len(real)) if FEWEST <= size < options.most} | {options.most})
    kind = np.float16 if options.half else np.float32
    print(f"real rows up to {len(real):,}; beyond, real rows plus noise of {NOISE} times their spread,")
    print(f"drawn in their own principal directions. {np.dtype(kind)}, one thread, µs of CPU time per query.")
    print(
        f"  {'rows':>12}{'recall for':>11}{RECALLS[0]:6.2f}{RECALLS[1]:6.2f}{RECALLS[2]:6.2f}"
        f"{'LSH alone':>11}{'in a call':>11}{'exact alone':>13}"
        f"{'build CPU s':>13}{'bytes/row':>11}{'10th neighbour at':>19}"
    )
    Hashing().warm_up(real)
    facts = {
        "benchmark": "scale",
        "vectors": name,
        "real_rows": len(real),
        "noise": NOISE,
        "kind": np.dtype(kind).name,
        "queries": len(queries),
        "k": K,
        "recall": RECALL,
        "rounds": options.rounds,
        "threads": 1,
    }
    entries: list[Entry] = []
    with tempfile.TemporaryDirectory(dir=options.scratch) as folder:
        rows = write_grown(Path(folder) / "rows.npy", real, options.most, kind=kind)
        asking = Asking(real, queries)
        for size in sizes:
            entry = measure(rows[:size], *asking.about(rows, size), options.rounds)
            entries.append({"real": size <= len(real), **entry})
            print(_line(entries[-1]), flush=True)
            # After each size, since the last ones take long.
            write_facts(result_file("scale"), **facts, **_conclusions(entries), sizes=entries)
    _tell(entries)
    print(f"written: {result_file('scale')}")


class Asking:
    """Queries like the rows of each size, one size after the other, and their true neighbours."""

    def __init__(self, real: Vectors, queries: Vectors) -> None:
        """Make as many queries as there are real ones.

        Args:
            real: (n, dim) float32, the real rows.
            queries: (q, dim) float32, real ones.
        """
        made = Grown(real).made(len(queries), (_QUERY_SEED, 0))
        self._real_rows, self._met = len(real), 0
        self._queries = queries, made
        self._nearest = Nearest(queries, K), Nearest(made, K)

    def about(self, rows: Vectors, size: int) -> tuple[Vectors, Ids, int]:
        """The queries about the first rows, no fewer than those of the last call.

        Returns:
            ``(queries, truth, real)``: (q, dim) float32; (q, k) int64; how many of them, the first, are real.
        """
        (queries, made), (among, among_made) = self._queries, self._nearest
        real = round(len(queries) * min(1.0, self._real_rows / size))
        among.forget(real)
        for nearest in self._nearest:
            nearest.meet(rows, self._met, size)
        self._met = size
        truth = np.concatenate([among.found(rows), among_made.found(rows)[real:]])
        return np.concatenate([queries[:real], made[real:]]), truth, real


def measure(rows: Vectors, queries: Vectors, truth: Ids, real: int, rounds: int) -> Entry:
    """Build an index and measure it.

    Args:
        rows: (n, dim), possibly mapped.
        queries: (q, dim).
        truth: (q, k), their true neighbours.
        real: how many of them are real.
        rounds: turns of each call that is timed.
    """
    count = len(rows)
    index, costs = _built(rows)
    told: Settings = {}
    if not index.hashed:
        told = {"cells": choose_cells(count)}
        index, costs = _built(rows, **told)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_majflt
    asked = [_asked(index, queries, truth, recall, rounds) for recall in RECALLS]
    pages = resource.getrusage(resource.RUSAGE_SELF).ru_majflt - before
    own = asked[RECALLS.index(RECALL)]
    few = queries[: max(1, _ROWS_SCANNED // count)]
    scan = [lambda: [index.search(query, K, exact=True) for query in few]]
    [exact] = median_seconds(scan, min(rounds, _ROUNDS_SCANNED), time.process_time)
    near = rows[truth[:, [0, -1]]].astype(np.float32)
    distances = np.linalg.norm(near - queries[:, None], axis=2).mean(axis=0)
    return {
        "rows": count,
        "real_queries": real,
        "told": told,
        "hashes": own["probes"] > 0,
        "recall": own["recall"],
        "seconds": own["seconds"],
        "alone_seconds": own["alone_seconds"],
        "asked": asked,
        "pages_read": pages,
        "exact_alone_seconds": exact / len(few),
        "first_neighbour_distance": float(distances[0]),
        "last_neighbour_distance": float(distances[1]),
        **costs,
    }


def _asked(index: LSHIndex, queries: Vectors, truth: Ids, recall: float, rounds: int) -> Entry:
    """What a search finds that is asked for a recall, and what it takes."""
    found = index.search(queries, K, recall=recall)
    shares = shares_of(found.ids, truth)
    alone, together = median_seconds(
        [
            lambda: [index.search(query, K, recall=recall) for query in queries],
            partial(index.search, queries, K, recall=recall),
        ],
        rounds,
        time.process_time,
    )
    return {
        "asked": recall,
        "recall": float(shares.mean()),
        "error": float(shares.std(ddof=1) / math.sqrt(len(shares))),
        "probes": found.work.probes / len(queries),
        "candidates": found.work.candidates / len(queries),
        "distances": found.work.distances / len(queries),
        "alone_seconds": alone / len(queries),
        "seconds": together / len(queries),
    }


def _built(rows: Vectors, **settings: Unpack[Settings]) -> tuple[LSHIndex, Entry]:
    """An index, and what its build took."""
    before, cpu, wall = private_bytes(), time.process_time(), time.perf_counter()
    with Peak() as peak:
        index = lsh_index(rows, **settings)
    cpu, wall, after = time.process_time() - cpu, time.perf_counter() - wall, private_bytes()

    def per_row(held: int | None) -> float | None:
        return None if before is None or held is None else (held - before) / len(rows)

    return index, {
        "build_cpu_seconds": cpu,
        "build_seconds": wall,
        "grown_bytes_per_row": per_row(after),
        "peak_bytes_per_row": per_row(peak.bytes),
    }


def _columns(entries: list[Entry], *names: str) -> list[list[float]]:
    return [[entry[name] for entry in entries] for name in names]


def _conclusions(entries: list[Entry]) -> Entry:
    """Power laws over all sizes that are not few, where there are two, and where hashing pays."""
    hashed = [entry for entry in entries if entry["hashes"]]
    large = [entry for entry in hashed if entry["rows"] >= FEW]
    measured = {
        "LSH, one query per call": "alone_seconds",
        "LSH, all queries in a call": "seconds",
        "exact scan, one query per call": "exact_alone_seconds",
        "LSH build": "build_cpu_seconds",
    }
    laws = {}
    for what, name in measured.items():
        law = power_law(*_columns(large, "rows", name))
        if law is not None:
            ends = {"from": large[0]["rows"], "to": large[-1]["rows"]}
            laws[what] = {"of": name, **law._asdict(), **ends}
    pays_from = crossover(*_columns(hashed, "rows", "alone_seconds", "exact_alone_seconds"))
    return {"laws": laws, "crossover_rows": pays_from}


def _tell(entries: list[Entry]) -> None:
    """Print how the times grow, and from which size on hashing pays."""
    found = _conclusions(entries)
    for what, law in found["laws"].items():
        print(f"{what} grows as N^{law['exponent']:.2f} (fit from {law['from']:,} to {law['to']:,} rows)")
    pays_from = found["crossover_rows"]
    if pays_from is None:
        print("hashing is not faster than a scan at the last size that hashes")
        return
    first = next(entry["rows"] for entry in entries if entry["hashes"])
    fewer = " or fewer" if pays_from == first else ""
    print(f"hashing is faster than a scan from about {pays_from:,.0f} rows{fewer} (one query per call, warm)")


def _line(entry: Entry) -> str:
    grown = entry["grown_bytes_per_row"]
    told = "".join(f", {name} {count}" for name, count in entry["told"].items())
    remark = f"  told to hash{told}" if told else ""
    if not entry["hashes"]:
        remark += ": scans all the same"
    recalls = "".join(f"{asked['recall']:6.3f}" for asked in entry["asked"])
    return (
        f"  {entry['rows']:12,}{'':11}{recalls}{1e6 * entry['alone_seconds']:11.1f}"
        f"{1e6 * entry['seconds']:11.1f}{1e6 * entry['exact_alone_seconds']:13.1f}"
        f"{entry['build_cpu_seconds']:13.2f}{'?' if grown is None else f'{grown:.0f}':>11}"
        f"{entry['last_neighbour_distance']:19.3f}{remark}"
    )


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Growth of time, build and memory with the number of rows.")
    add_vector_options(parser)
    parser.add_argument("--most", type=int, default=1_000_000, help="rows at the end [default: %(default)s]")
    parser.add_argument("--half", action="store_true", help="keep rows as float16: half the memory")
    parser.add_argument("--scratch", type=Path, help="folder for the rows [default: the system's]")
    parser.add_argument("--rounds", type=int, default=5, help="[default: %(default)s]")
    return parser.parse_args(arguments)
