"""What an index costs besides the time of a search, each contender in a fresh process of its own.

    python -m lookalike.labs.bench.costs FAMILY KEY [--vectors FILE] [--rows N] [--queries N]

Run by ``engine``; prints one line of JSON. Before anything is measured, the vectors are in memory and the
contender has warmed up, so that neither the loading of libraries, nor compilation, nor the work space of
matrix products is charged to it.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lookalike.kernels.arrays import Vectors
from lookalike.labs.bench import single_thread
from lookalike.labs.bench.contenders import FAMILIES, Contender, of_family
from lookalike.labs.bench.memory import private_bytes
from lookalike.labs.bench.vectors import add_vector_options, chosen_vectors

CHANGES = 200


@dataclass(frozen=True, slots=True)
class Costs:
    """What one contender cost.

    Attributes:
        build_cpu_seconds: processor time of the build.
        build_seconds: wall time of the build.
        grown_bytes: growth of the process's private resident memory over the build; None where the system
            does not tell. Memory that the build freed has been given back before.
        extra_bytes_per_vector: the growth, less the contender's own copy of the vectors, for each of them.
        add_seconds: median wall time to add one row; None where that cannot be done.
        add_mean_seconds: the mean, in which a merge now and then shows.
        remove_seconds: median wall time to remove one row; None where that cannot be done.
        remove_mean_seconds: the mean.
    """

    build_cpu_seconds: float
    build_seconds: float
    grown_bytes: int | None
    extra_bytes_per_vector: float | None
    add_seconds: float | None
    add_mean_seconds: float | None
    remove_seconds: float | None
    remove_mean_seconds: float | None


def measure(contender: Contender, base: Vectors, more: Vectors) -> Costs:
    """Build, then add and remove one by one, in this process.

    Args:
        contender: not built yet.
        base: (n, dim) rows to build from.
        more: rows to add.
    """
    contender.warm_up(base)
    before = private_bytes()
    cpu, wall = time.process_time(), time.perf_counter()
    contender.build(base)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    after = private_bytes()
    grown = None if before is None or after is None else after - before
    extra = None if grown is None else grown / len(base) - contender.copied_bytes * base.shape[1]
    new = [(len(base) + place, row.reshape(1, -1)) for place, row in enumerate(more[:CHANGES])]
    added = _one_by_one(lambda pair: contender.add(*pair), new)
    step = max(1, len(base) // CHANGES)
    removed = _one_by_one(contender.remove, range(0, len(base), step))
    return Costs(cpu, wall, grown, extra, *added, *removed)


def _one_by_one(change: Callable[[Any], None], values: Iterable[Any]) -> tuple[float | None, float | None]:
    """Median and mean wall time of a change; None twice where it is not offered."""
    seconds = []
    for value in values:
        started = time.perf_counter()
        try:
            change(value)
        except NotImplementedError:
            return None, None
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds), statistics.fmean(seconds)


def measure_apart(contender: Contender, vectors: Path, rows: int, queries: int) -> Costs:
    """Measure one contender in a process of its own, which imports no packages of others.

    Raises:
        subprocess.CalledProcessError: it failed; what it said is on stderr.
    """
    family = type(contender).__module__.rpartition(".")[2]
    command = [sys.executable, "-m", "lookalike.labs.bench.costs", family, contender.key]
    command += ["--vectors", str(vectors), "--rows", str(rows), "--queries", str(queries)]
    printed = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return Costs(**json.loads(printed.splitlines()[-1]))


def main() -> None:
    """Measure one contender and print."""
    parser = argparse.ArgumentParser(description="Costs of one contender.")
    parser.add_argument("family", choices=FAMILIES, help="the module that the contender is in")
    parser.add_argument("key", help="its name and variant")
    add_vector_options(parser)
    options = parser.parse_args()
    _, base, queries = chosen_vectors(options)
    chosen = [each for each in of_family(options.family, len(base)) if each.key == options.key]
    if not chosen:
        parser.error(f"there is no contender {options.key!r} in {options.family}")
    print(json.dumps(asdict(measure(chosen[0], base, queries))))


if __name__ == "__main__":
    single_thread.require()
    main()
