"""Random data with planted neighbours: the experiment that hashing libraries show, and what it hides.

    lookalike lab bench random [--rows N …] [--queries N]

Rows are independent Gaussians in 512 dimensions. Each query has one planted row, itself plus noise of some
share of its own length, and recall@1 says how often that is found first. All other rows lie at almost the
same distance, 90 degrees, from every query: the second to tenth neighbours are accidents that no structure
leads to. Any index must look at nearly everything to find those, so recall@10 shows what i.i.d. noise does to
hashing, and says nothing of real pictures, which lie in far fewer directions and have neighbours.

``LSHIndex`` is told to hash, and measured twice: asked for recall 0.95 of all ten, for which it scans where
hashing does not get there; and with a fixed number of probes, whatever the outcome.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from lookalike.index import ExactIndex
from lookalike.kernels.arrays import Ids, Vectors, unit_rows
from lookalike.labs.bench.contenders import gather
from lookalike.labs.bench.contenders.ours import Hashing, lsh_index
from lookalike.labs.bench.setting import median_seconds, write_result
from lookalike.labs.bench.truth import recall_of, true_neighbours
from lookalike.labs.bench.vectors import K

DIM = 512
NOISES = (0.1, 0.3, 0.5, 1.0)
RECALL = 0.95
PROBES = 100
TABLES = 4
_ROWS_A_BUCKET = 32
_SLOW_UP_TO = 10_000  # rows that are put into contenders written in Python

Search = Callable[[Vectors], Ids]


def planted(rows: int, queries: int, random: np.random.Generator) -> tuple[Vectors, list[Vectors], list[Ids]]:
    """Random rows with planted neighbours.

    Args:
        rows: how many in all.
        queries: how many for each of ``NOISES``.
        random: where all numbers come from.

    Returns:
        ``(rows, queries, places)``: (rows, DIM) rows of length 1; and for each noise its queries, and where
        the row planted for each of them is.
    """
    base = random.standard_normal((rows, DIM), np.float32)
    asked, places = [], []
    free = random.permutation(rows)
    for step, noise in enumerate(NOISES):
        some = random.standard_normal((queries, DIM), np.float32)
        where = free[step * queries : (step + 1) * queries]
        base[where] = some + noise * random.standard_normal(some.shape, np.float32)
        asked.append(unit_rows(some))
        places.append(where.astype(np.int64))
    return unit_rows(base), asked, places


def main(arguments: Sequence[str]) -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description="Random data with planted neighbours.")
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 20_000, 40_000, 80_000])
    parser.add_argument("--queries", type=int, default=100, help="for each noise [default: %(default)s]")
    parser.add_argument("--rounds", type=int, default=5, help="[default: %(default)s]")
    options = parser.parse_args(arguments)
    if min(options.rows) < len(NOISES) * options.queries or options.queries < 1:
        parser.error(f"{min(options.rows)} rows cannot hold {len(NOISES)} x {options.queries} planted ones")
    print(f"i.i.d. Gaussian rows in {DIM} dimensions, one thread; recall@1 of the planted row by its noise:")
    print(
        f"  {'rows':>8}  {'':36}" + "".join(f"{noise:>8}" for noise in NOISES) + f"{'all ten':>9}{'µs':>10}"
    )
    entries = [entry for rows in options.rows for entry in _measure(rows, options.queries, options.rounds)]
    print("all ten: recall@10 of the true ten nearest, nine of which are accidents of chance")
    write_result(
        "random",
        dim=DIM,
        queries_a_noise=options.queries,
        noises=NOISES,
        k=K,
        rounds=options.rounds,
        threads=1,
        measured=entries,
    )


def _measure(rows: int, queries: int, rounds: int) -> list[dict[str, Any]]:
    base, asked, places = planted(rows, queries, np.random.default_rng(rows))
    together, planted_rows = np.concatenate(asked), np.concatenate(places)
    truth = true_neighbours(base, together, K)
    searches = _searches(base)
    found = {name: search(together) for name, search in searches.items()}
    calls = [lambda search=search: search(together) for search in searches.values()]
    entries = []
    for (name, ids), seconds in zip(found.items(), median_seconds(calls, rounds), strict=True):
        first = (ids[:, 0] == planted_rows).reshape(len(NOISES), queries).mean(axis=1).tolist()
        entry = {
            "rows": rows,
            "name": name,
            "recall_1": first,
            "recall_10": recall_of(ids, truth),
            "seconds": seconds / len(together),
        }
        shares = "".join(f"{share:8.2f}" for share in first)
        print(
            f"  {rows:8,}  {name:36}{shares}{entry['recall_10']:9.3f}{1e6 * entry['seconds']:10.1f}",
            flush=True,
        )
        entries.append(entry)
    return entries


def _searches(base: Vectors) -> dict[str, Search]:
    """The searches to measure, by name, each of a built index."""
    rows = len(base)
    Hashing().warm_up(base)
    hashing = lsh_index(base, tables=TABLES, bits=max(2, round(np.log2(rows / _ROWS_A_BUCKET))))
    exact = ExactIndex(DIM)
    exact.add(np.arange(rows), base)
    searches: dict[str, Search] = {
        f"LSHIndex, recall {RECALL}": lambda queries: hashing.search(queries, K, recall=RECALL).ids,
        f"LSHIndex, {PROBES} probes": lambda queries: hashing.search(queries, K, probes=PROBES).ids,
        "ExactIndex": lambda queries: exact.search(queries, K).ids,
    }
    if rows <= _SLOW_UP_TO:
        for contender in gather(rows, ["lshashpy3"])[0]:
            contender.build(base)
            searches[contender.key] = lambda queries, of=contender: of.search(queries, K, {})  # type: ignore[misc]
    return searches
