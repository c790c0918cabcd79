"""What the benchmarks share: where results go, and how a time is taken."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from lookalike import Collection
from lookalike.labs.shared.results import write_facts
from lookalike.settings import Settings

RESULTS = Path("results")


def collection_of(pictures: Path) -> Collection:
    """A collection of all the pictures, indexed once and kept beside the results."""
    settings = replace(Settings(), collection=RESULTS / "collections" / pictures.name)
    collection = Collection.open(create=True, settings=settings)
    print(f"indexing {pictures} (skips what is indexed already) …")
    collection.add([pictures])
    return collection


def median_seconds(
    calls: Sequence[Callable[[], object]], rounds: int, clock: Callable[[], float] = time.perf_counter
) -> list[float]:
    """Median time of each call; the calls take turns, so that a drifting machine favours none.

    Args:
        calls: what to time.
        rounds: turns, after one that is not counted.
        clock: tells the time; wall time unless another is given.
    """
    times: list[list[float]] = [[] for _ in calls]
    for turn in range(rounds + 1):
        for place, call in enumerate(calls):
            started = clock()
            call()
            if turn:
                times[place].append(clock() - started)
    return [statistics.median(taken) for taken in times]


def write_result(name: str, **facts: Any) -> None:
    """Write a result file, with the machine it was measured on."""
    path = result_file(name)
    write_facts(path, benchmark=name, **facts)
    print(f"written: {path}")


def result_file(name: str) -> Path:
    """The file that a benchmark writes its result to."""
    return RESULTS / f"{name}.json"
