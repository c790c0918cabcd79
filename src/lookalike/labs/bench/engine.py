"""Recall against time per query: this project's index and those that people use, in one run, on one thread.

    lookalike lab bench engine [--vectors FILE] [--rows N] [--queries N] [--rounds N] [--only NAME]

Every contender is built twice: once in a process of its own, where its costs are measured (``costs``), and
once here. Then all of them take turns at all their settings, so that a drifting machine favours none: a
round is one call per setting with all queries, and for some contenders also one call per query. Recall is
computed from the ids that came back, against exact search by numpy (``truth``).
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from lookalike.kernels.arrays import Ids, Vectors
from lookalike.labs.bench.contenders import Contender, Setting, gather
from lookalike.labs.bench.costs import measure_apart
from lookalike.labs.bench.engine_tables import engine_tables
from lookalike.labs.bench.setting import median_seconds, write_result
from lookalike.labs.bench.truth import recall_of, true_neighbours
from lookalike.labs.bench.vectors import K, add_vector_options, chosen_vectors

ALONE_QUERIES = 200
PACKAGES = ("numpy", "numba", "faiss-cpu", "hnswlib", "usearch", "annoy", "scikit-learn", "lshashpy3")


def main(arguments: Sequence[str]) -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description="Recall against time per query.")
    add_vector_options(parser)
    parser.add_argument("--rounds", type=int, default=5, help="[default: %(default)s]")
    parser.add_argument(
        "--only", action="append", default=[], metavar="NAME", help="part of a contender's name; may repeat"
    )
    options = parser.parse_args(arguments)
    vectors, base, queries = chosen_vectors(options)
    contenders, left_out = gather(len(base), options.only)
    for package in left_out:
        print(f"left out, not installed: {package} (pip install 'lookalike[bench]')")
    if not contenders:
        parser.error(f"no contender is called {' or '.join(options.only)}")
    records = []
    for contender in contenders:
        costs = measure_apart(contender, vectors, len(base), len(queries))
        print(f"  {contender.key:50} built in {costs.build_cpu_seconds:8.2f} CPU seconds", flush=True)
        records.append({"name": contender.name, "variant": contender.variant, **asdict(costs)})
    for contender, record in zip(contenders, records, strict=True):
        contender.warm_up(base)
        contender.build(base)
        record["settings"] = [{"setting": dict(setting)} for setting in contender.settings()]
    _measure(contenders, records, queries, true_neighbours(base, queries, K), options.rounds)
    result = {
        "vectors": vectors.name,
        "rows": len(base),
        "dim": base.shape[1],
        "queries": len(queries),
        "k": K,
        "rounds": options.rounds,
        "threads": 1,
        "left_out": left_out,
        "versions": {package: _version(package) for package in PACKAGES},
        "contenders": records,
    }
    print("\n".join(engine_tables(result)))
    write_result("engine", **result)


def _measure(
    contenders: list[Contender], records: list[dict[str, Any]], queries: Vectors, truth: Ids, rounds: int
) -> None:
    """Fill in recalls and times of all settings."""
    calls: list[Callable[[], object]] = []
    takers: list[tuple[dict[str, Any], str, int]] = []
    for contender, record in zip(contenders, records, strict=True):
        asked = queries[: contender.most_queries]
        record["queries"] = len(asked)
        for entry in record["settings"]:
            setting = entry["setting"]
            entry["recall"] = recall_of(contender.search(asked, K, setting), truth[: len(asked)])
            calls.append(partial(contender.search, asked, K, setting))
            takers.append((entry, "seconds", len(asked)))
            if contender.alone:
                few = asked[:ALONE_QUERIES]
                calls.append(partial(_one_at_a_time, contender, few, setting))
                takers.append((entry, "alone_seconds", len(few)))
    print(f"{len(calls)} calls take turns, {rounds} rounds …", flush=True)
    for (entry, name, count), seconds in zip(takers, median_seconds(calls, rounds), strict=True):
        entry[name] = seconds / count


def _one_at_a_time(contender: Contender, queries: Vectors, setting: Setting) -> None:
    for place in range(len(queries)):
        contender.search(queries[place : place + 1], K, setting)


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
