"""LSH against k-nearest-neighbour search as the database grows: the reference's experiment, with more in it.

    lookalike lab bench growth [--pictures FOLDER | --random] [--sizes N …] [--out FOLDER]

On real data: a folder's pictures, embedded by ``resnet34``; some are held out as queries. Beyond as
many rows as there are pictures, rows are made from them (``grown``). On random data: Gaussian rows and
queries in 512 dimensions. One thread, one query per call, everything warm. A size that the result file has
already, from a run with the same settings, is not measured again.

This project's index is told to hash at every size; left to itself it scans small databases. It is asked once
for a recall, and once for a fixed number of probes, whatever recall that brings.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lookalike.embed import load_embedder
from lookalike.errors import UsageError
from lookalike.index.settings import choose_cells
from lookalike.kernels.arrays import Vectors, unit_rows
from lookalike.labs.bench.contenders import gather
from lookalike.labs.bench.contenders.base import Contender
from lookalike.labs.bench.contenders.ours import Exact, Hashing, lsh_index
from lookalike.labs.bench.fits import crossover, power_law
from lookalike.labs.bench.grown import NOISE, write_grown
from lookalike.labs.bench.memory import private_bytes
from lookalike.labs.bench.pictures import add_picture_option, chosen_folder
from lookalike.labs.bench.plots.growth import draw_growth
from lookalike.labs.bench.setting import RESULTS, median_seconds
from lookalike.labs.bench.truth import recall_of, true_neighbours
from lookalike.labs.shared.embedded import embed_folder
from lookalike.labs.shared.results import OTHER_VERSION, kept_facts, write_facts
from lookalike.paths import shown
from lookalike.settings import Settings

K = 10
RECALL = 0.95
PROBES = 5
SIZES = (250, 500, 1000, 2000, 4000, 9000, 20_000, 40_000, 80_000)
DIM = 512
CLEARLY = 1.1  # what is not faster by a tenth may be so by chance
LAW_FROM = 1000  # rows; with fewer, what a call costs besides the search hides its law
_SEED = 0
_FIELDS = ("rows", "build_seconds", "bytes_per_row", "recall", "query_seconds")
_FEWEST = 20  # pictures: with fewer there is nothing to make rows from

Point = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Entrant:
    """A contender at one setting.

    Attributes:
        name: in the result.
        kind: "exact" or "lsh".
        contender: builds and searches.
        setting: for every search.
    """

    name: str
    kind: str
    contender: Contender
    setting: dict[str, Any]


class Told(Hashing):
    """``LSHIndex`` with as many cells as it would choose, named so that it hashes at any size."""

    def build(self, vectors: Vectors) -> None:
        """Learn the cells, fill the tables and measure their recall."""
        self.index = lsh_index(vectors, cells=choose_cells(len(vectors)))

    def search(self, queries: Vectors, k: int, setting: Any) -> Any:
        """By a recall or by probes."""
        return self.index.search(queries, k, **setting).ids


def main(arguments: Sequence[str]) -> None:
    """Read the options, measure what the file lacks, write it anew and draw it."""
    options = _options(arguments)
    with _data(options) as (base, queries, real, name):
        facts = measure_all(base, queries, real, name, options)
    path = options.out / f"growth-{name}.png"
    draw_growth(facts).savefig(path)
    print(f"written: {path.with_suffix('.json')} and {path}")


def measure_all(
    base: Vectors, queries: Vectors, real: int | None, name: str, options: argparse.Namespace
) -> dict[str, Any]:
    """Measure every size that is not in the result file yet; the file grows with each.

    Args:
        base: (n, dim) rows, n the largest size.
        queries: (q, dim).
        real: how many rows are not made ones; None for all.
        name: of the data.
        options: the command line's.

    Returns:
        What the file holds in the end.
    """
    path = options.out / f"growth-{name}.json"
    settings = {
        "queries": len(queries),
        "rounds": options.rounds,
        "recall": RECALL,
        "probes": PROBES,
        "threads": 1,
        "seed": _SEED,
        "real_rows": real,
        "noise": NOISE,
        "law_from": LAW_FROM,
    }
    points = _kept_points(path, settings)
    print(f"{name}: one thread, one query per call; µs per query, recall@{K}, build seconds, bytes per row")
    for size in options.sizes:
        if any(point["rows"] == size for point in points):
            print(f"  {size:,} rows: measured before")
            continue
        points += measure(base[:size], queries, options.rounds)
        write_facts(path, **_facts(points, name, settings))
    write_facts(path, **_facts(points, name, settings))  # what is derived may be derived in another way now
    return _facts([point for point in points if point["rows"] in options.sizes], name, settings)


def _kept_points(path: Path, settings: dict[str, Any]) -> list[Point]:
    """The points of an earlier run with the same settings; none if its file is of another version."""
    facts = kept_facts(path, settings)
    if facts is None:
        return []
    try:
        points = [
            {**point, "name": each["name"], "kind": each["kind"]}
            for each in facts["series"]
            for point in each["points"]
        ]
        whole = all(set(_FIELDS) <= set(point) for point in points)
    except OTHER_VERSION:
        whole = False
    if not whole:
        print(f"  {path} is of another version: measuring again")
    return points if whole else []


def measure(rows: Vectors, queries: Vectors, rounds: int) -> list[Point]:
    """All entrants at one size, timed in turns."""
    truth = true_neighbours(rows, queries, K)
    entrants = _entrants(len(rows))
    points: list[Point] = []
    for entrant in entrants:
        entrant.contender.warm_up(rows)
        before, started = private_bytes(), time.perf_counter()
        entrant.contender.build(rows)
        seconds, after = time.perf_counter() - started, private_bytes()
        found = np.concatenate(
            [entrant.contender.search(query[None], K, entrant.setting) for query in queries]
        )
        points.append(
            {
                "name": entrant.name,
                "kind": entrant.kind,
                "rows": len(rows),
                "build_seconds": seconds,
                "bytes_per_row": None if before is None or after is None else (after - before) / len(rows),
                "recall": recall_of(found, truth),
            }
        )

    def asking(entrant: Entrant) -> Callable[[], object]:
        return lambda: [entrant.contender.search(query[None], K, entrant.setting) for query in queries]

    times = median_seconds([asking(entrant) for entrant in entrants], rounds)
    for point, taken in zip(points, times, strict=True):
        point["query_seconds"] = taken / len(queries)
        size = "?" if point["bytes_per_row"] is None else f"{point['bytes_per_row']:.0f}"
        print(
            f"  {point['rows']:8,}  {point['name']:34}{1e6 * point['query_seconds']:10.1f}"
            f"{point['recall']:8.3f}{point['build_seconds']:10.2f}{size:>10}",
            flush=True,
        )
    return points


def _entrants(rows: int) -> list[Entrant]:
    """Ours, and those of the others that are installed."""
    hashing = Told()
    found = [
        Entrant("this project, exact", "exact", Exact(), {}),
        Entrant(f"this project, LSH at recall {RECALL}", "lsh", hashing, {"recall": RECALL}),
        Entrant(f"this project, LSH with {PROBES} probes", "lsh", hashing, {"probes": PROBES}),
    ]
    others, left_out = gather(
        rows, ["lshashpy3 1 x 8", "lshashpy3 8 x 10", "scikit-learn", "faiss IndexFlat"]
    )
    for missing in left_out:
        print(f"  left out, not installed: {missing}")
    for other in others:
        exact = not other.key.startswith("lshashpy3")
        # As the reference called it; the others have nothing to set.
        setting = {} if exact else {"distance_func": "euclidean"}
        found.append(Entrant(other.key, "exact" if exact else "lsh", other, setting))
    return found


def _facts(points: list[Point], name: str, settings: dict[str, Any]) -> dict[str, Any]:
    """Points by series, with laws and crossovers."""
    series = []
    for each in dict.fromkeys(point["name"] for point in points):
        own = sorted((point for point in points if point["name"] == each), key=lambda point: point["rows"])
        large = [point for point in own if point["rows"] >= LAW_FROM]
        law = power_law([point["rows"] for point in large], [point["query_seconds"] for point in large])
        plain = [{key: value for key, value in point.items() if key not in ("name", "kind")} for point in own]
        series.append(
            {
                "name": each,
                "kind": own[0]["kind"],
                "exponent": None if law is None else law.exponent,
                "factor": None if law is None else law.factor,
                "points": plain,
            }
        )
    crossovers = [
        {"exact": exact["name"], "lsh": lsh["name"], "rows": _crossing(lsh["points"], exact["points"])}
        for exact in series
        for lsh in series
        if (exact["kind"], lsh["kind"]) == ("exact", "lsh")
    ]
    return {
        "benchmark": "growth",
        "data": name,
        "k": K,
        "sizes": sorted({point["rows"] for point in points}),
        "series": series,
        "crossovers": crossovers,
        "exact_name": series[0]["name"],
        "lsh_name": series[1]["name"],
        "settings": settings,
    }


def _crossing(fast: list[Point], slow: list[Point]) -> float | None:
    """The size from which on the first series takes clearly less time than the second."""
    quick, long = ({point["rows"]: point["query_seconds"] for point in points} for points in (fast, slow))
    both = sorted(set(quick) & set(long))  # an older run may have had other contenders
    return crossover(both, [CLEARLY * quick[rows] for rows in both], [long[rows] for rows in both])


@contextmanager
def _data(options: argparse.Namespace) -> Iterator[tuple[Vectors, Vectors, int | None, str]]:
    """Rows, queries, how many rows are not made from others (None: all), and the name of the data."""
    generator = np.random.default_rng(_SEED)
    most = max(options.sizes)
    if options.random:
        # Rows and queries each from a stream of their own: fewer are always the beginning of more.
        drawn = np.random.default_rng(_SEED + 1).standard_normal((options.queries, DIM), np.float32)
        yield unit_rows(generator.standard_normal((most, DIM), np.float32)), unit_rows(drawn), None, "random"
        return
    pictures = chosen_folder(options.pictures)
    vectors = embed_folder(pictures, load_embedder("resnet34"), options.out, Settings()).vectors
    if len(vectors) < _FEWEST:
        raise UsageError(
            f"{shown(pictures)} has {len(vectors)} pictures; this benchmark needs {_FEWEST} or more"
        )
    vectors = vectors[generator.permutation(len(vectors))]
    asked = min(options.queries, len(vectors) // 5)
    queries, real = vectors[:asked], vectors[asked:]
    with tempfile.TemporaryDirectory() as folder:
        base = real[:most]
        if len(real) < most:
            base = write_grown(Path(folder) / "rows.npy", real, most)
        yield base, queries, len(real), pictures.name


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="LSH against k-NN search as the database grows.")
    data = parser.add_mutually_exclusive_group()
    add_picture_option(data)
    data.add_argument("--random", action="store_true", help="Gaussian rows instead")
    parser.add_argument(
        "--sizes", type=int, nargs="+", default=list(SIZES), help="rows [default: 250 to 80,000]"
    )
    parser.add_argument(
        "--queries", type=int, default=50, help="at most, fewer of few pictures [default: %(default)s]"
    )
    parser.add_argument("--rounds", type=int, default=3, help="[default: %(default)s]")
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder for results [default: %(default)s]")
    options = parser.parse_args(arguments)
    options.sizes = sorted(set(options.sizes))
    if options.queries < 1 or options.sizes[0] < 10 * K:
        parser.error(f"sizes start at {10 * K} rows, and there must be a query")
    if options.pictures is not None and not options.pictures.is_dir():
        parser.error(f"no folder {options.pictures}; name one with --pictures, or use --random")
    return options
