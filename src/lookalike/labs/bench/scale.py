"""How time, build and memory grow with the number of rows, on one thread; and from where hashing pays.

    lookalike lab bench scale [--most N] [--scratch FOLDER] [--vectors FILE] [--queries N]

Up to the number of real rows these are real; beyond, rows are made from them (``grown``), in a file under
``--scratch`` that is mapped, never read as a whole: 10 million rows take 20 GB there. Queries are real
throughout. Where an index left to itself would scan, it is told to hash, so that there is something to
compare: with one table, or with four where one does not reach the recall. Where four do not either, it
scans, and that size does not count for laws and crossover. The kernels are warm. Both ways of searching are
timed one query at a time, hashing also in one call with all queries.
"""

from __future__ import annotations

import argparse
import math
import tempfile
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, Unpack

import numpy as np

from lookalike.index import LSHIndex
from lookalike.index.settings import Settings
from lookalike.kernels.arrays import Vectors
from lookalike.labs.bench import single_thread
from lookalike.labs.bench.contenders.ours import Hashing, lsh_index
from lookalike.labs.bench.fits import crossover, power_law
from lookalike.labs.bench.grown import NOISE, write_grown
from lookalike.labs.bench.memory import private_bytes
from lookalike.labs.bench.pictures import GALLERY
from lookalike.labs.bench.setting import median_seconds, write_result
from lookalike.labs.bench.truth import recall_of, true_neighbours
from lookalike.labs.bench.vectors import K, add_vector_options, chosen_vectors, gallery_embeddings

RECALL = 0.95
FEW = 10_000  # fewer rows only show where hashing starts to pay; laws are fitted from here on
SIZES = tuple(250 << step for step in range(6)) + tuple(
    1000 * thousands for thousands in (10, 20, 40, 160, 320, 640, 1000, 2000, 4000, 8000)
)
FEWEST = 250  # rows; what is made from fewer real ones begins here
_ROWS_SCANNED = 20_000_000  # by the exact queries of one round, but 5 at least
_ROWS_A_BUCKET = 32

Entry = dict[str, Any]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description="Growth of time, build and memory with the number of rows.")
    add_vector_options(parser, queries=200)
    parser.add_argument("--most", type=int, default=1_000_000, help="rows at the end [default: %(default)s]")
    parser.add_argument("--scratch", type=Path, help="folder for the rows [default: the system's]")
    parser.add_argument("--rounds", type=int, default=5, help="[default: %(default)s]")
    options = parser.parse_args(arguments)
    if options.vectors is None:
        name, vectors = GALLERY, gallery_embeddings()
        asked = min(options.queries, len(vectors) // 5)
        real, queries = vectors[asked:][: options.rows], vectors[:asked]
    else:
        path, real, queries = chosen_vectors(options)
        name = path.name
    sizes = sorted({size for size in (*SIZES, len(real)) if FEWEST <= size < options.most} | {options.most})
    print(f"real rows up to {len(real):,}; beyond, real rows plus noise of {NOISE} times their spread,")
    print("drawn in their own principal directions. One thread; µs per query.")
    print(
        f"  {'rows':>12}{'recall':>8}{'LSH alone':>11}{'in a call':>11}{'exact alone':>13}"
        f"{'build CPU s':>13}{'bytes/row':>11}{'10th neighbour at':>19}"
    )
    Hashing().warm_up(real)
    entries = []
    with tempfile.TemporaryDirectory(dir=options.scratch) as folder:
        rows = write_grown(Path(folder) / "rows.npy", real[: options.most], options.most)
        for size in sizes:
            entry = measure(rows[:size], queries, options.rounds) | {"real": size <= len(real)}
            print(_line(entry), flush=True)
            entries.append(entry)
    laws = _laws(entries)
    hashed = [entry for entry in entries if entry["hashes"]]
    pays_from = crossover(*_columns(hashed, "rows", "alone_seconds", "exact_alone_seconds"))
    for what, law in laws.items():
        print(f"{what} grows as N^{law['exponent']:.2f} (fit from {law['from']:,} to {law['to']:,} rows)")
    if pays_from is None:
        print("hashing is not faster than a scan at the last size that hashes")
    else:
        fewer = " or fewer" if pays_from == hashed[0]["rows"] else ""
        print(f"hashing is faster than a scan from about {pays_from:,.0f} rows{fewer} (a call a query, warm)")
    write_result(
        "scale",
        vectors=name,
        real_rows=len(real),
        noise=NOISE,
        queries=len(queries),
        k=K,
        recall=RECALL,
        rounds=options.rounds,
        threads=1,
        sizes=entries,
        laws=laws,
        crossover_rows=pays_from,
    )


def measure(rows: Vectors, queries: Vectors, rounds: int) -> Entry:
    """Build an index and measure it.

    Args:
        rows: (n, dim), possibly mapped.
        queries: (q, dim).
        rounds: turns of each call that is timed.
    """
    count = len(rows)
    truth = true_neighbours(rows, queries, K)
    index, costs = _built(rows)
    found = index.search(queries, K, recall=RECALL)
    told: Entry = {}
    for tables in () if found.work.probes else (1, 4):
        told = {"tables": tables, "bits": max(2, round(math.log2(count / _ROWS_A_BUCKET)))}
        index, costs = _built(rows, **told)
        found = index.search(queries, K, recall=RECALL)
        if found.work.probes:
            break
    few = queries[: max(5, _ROWS_SCANNED // count)]
    alone, together, exact = median_seconds(
        [
            lambda: [index.search(query, K, recall=RECALL) for query in queries],
            partial(index.search, queries, K, recall=RECALL),
            lambda: [index.search(query, K, exact=True) for query in few],
        ],
        rounds,
    )
    distances = np.linalg.norm(rows[truth[:, [0, -1]]] - queries[:, None], axis=2).mean(axis=0)
    return {
        "rows": count,
        "told": told,
        "hashes": found.work.probes > 0,
        "recall": recall_of(found.ids, truth),
        "probes": found.work.probes / len(queries),
        "candidates": found.work.candidates / len(queries),
        "distances": found.work.distances / len(queries),
        "alone_seconds": alone / len(queries),
        "seconds": together / len(queries),
        "exact_alone_seconds": exact / len(few),
        "first_neighbour_distance": float(distances[0]),
        "last_neighbour_distance": float(distances[1]),
        **costs,
    }


def _built(rows: Vectors, **settings: Unpack[Settings]) -> tuple[LSHIndex, Entry]:
    """An index, and what its build took."""
    before, started = private_bytes(), time.process_time()
    index = lsh_index(rows, **settings)
    seconds, after = time.process_time() - started, private_bytes()
    grown = None if before is None or after is None else (after - before) / len(rows)
    return index, {"build_cpu_seconds": seconds, "grown_bytes_per_row": grown}


def _columns(entries: list[Entry], *names: str) -> list[list[float]]:
    return [[entry[name] for entry in entries] for name in names]


def _laws(entries: list[Entry]) -> dict[str, Entry]:
    """Power laws over all sizes that are not few, where there are two."""
    large = [entry for entry in entries if entry["rows"] >= FEW and entry["hashes"]]
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
    return laws


def _line(entry: Entry) -> str:
    grown = entry["grown_bytes_per_row"]
    told = "".join(f", {name} {count}" for name, count in entry["told"].items())
    remark = f"  told to hash{told}" if told else ""
    if not entry["hashes"]:
        remark += ": scans all the same"
    return (
        f"  {entry['rows']:12,}{entry['recall']:8.3f}{1e6 * entry['alone_seconds']:11.1f}"
        f"{1e6 * entry['seconds']:11.1f}{1e6 * entry['exact_alone_seconds']:13.1f}"
        f"{entry['build_cpu_seconds']:13.2f}{'?' if grown is None else f'{grown:.0f}':>11}"
        f"{entry['last_neighbour_distance']:19.3f}{remark}"
    )


if __name__ == "__main__":
    single_thread.require()
    main()
