"""A server that is asked more than it can do: how many useful answers are left at up to four times as much.

Whoever asks is a process of its own with few connections, at low priority: on this machine it uses the same
cores, and what it takes is not there for answers. Its processor time is told beside the answers.
"""

from __future__ import annotations

import math
import multiprocessing
import os
import resource
import statistics
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any

from lookalike.labs.bench.load import Outcome, Request, ask

QUEUE = 16
TIMES = (1, 2, 4)
_CONNECTIONS = 3 * QUEUE
_ROUNDS, _SECONDS = 3, 10.0
_IN_TIME = 2.0  # seconds within which an answer is of use: a person waits no longer
_PRIORITY = 10

Asked = tuple[Outcome, float]
"""What came of many requests, and the processor time that asking took, seconds."""


def overloaded(port: int, requests: Sequence[Request]) -> dict[str, Any]:
    """Measure a server's capacity, then ask for multiples of it in turns, print what came and return it.

    Args:
        port: of a server with the queue ``QUEUE``, on this machine.
        requests: taken in turn.
    """
    spawn = multiprocessing.get_context("spawn")
    found: dict[int, list[Asked]] = {times: [] for times in TIMES}
    with ProcessPoolExecutor(1, spawn, os.nice, (_PRIORITY,)) as pool:

        def run(connections: int, rate: float = math.inf) -> Asked:
            return pool.submit(_asked, port, list(requests), connections, rate).result()

        run(8)  # what comes first is slower
        capacity = run(8)[0].rate
        for _ in range(_ROUNDS):
            for times in TIMES:
                found[times].append(run(_CONNECTIONS, times * capacity))
    print(f"capacity {capacity:.1f} requests/s (8 connections); then {_CONNECTIONS} connections:")
    facts = {str(times): _told(times, outcomes) for times, outcomes in found.items()}
    least, most = (facts[str(times)]["useful_per_second"] for times in (TIMES[-1], TIMES[0]))
    print(f"  useful answers at {TIMES[-1]}x: {least / most:.2f} of those at {TIMES[0]}x")
    return {"capacity_per_second": capacity, "connections": _CONNECTIONS, "queue": QUEUE, "times": facts}


def _asked(port: int, requests: list[Request], connections: int, rate: float) -> Asked:
    """Ask, in the process that does nothing else."""
    before = _processor_seconds()
    outcome = ask(port, requests, connections, seconds=_SECONDS, rate=rate)
    return outcome, _processor_seconds() - before


def _processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _told(times: int, outcomes: list[Asked]) -> dict[str, Any]:
    """Print medians over the rounds at one load, and return them with the rounds."""
    asked = statistics.median(sum(each.statuses.values()) / each.seconds for each, _ in outcomes)
    useful = statistics.median(
        sum(wait <= _IN_TIME for wait in each.waits) / each.seconds for each, _ in outcomes
    )
    cores = statistics.median(seconds / each.seconds for each, seconds in outcomes)
    slowest = max(each.percentile(0.99) for each, _ in outcomes)
    print(
        f"  {times}x: {asked:6.1f} asked/s, {useful:5.1f} useful/s (within {_IN_TIME:g} s), "
        f"worst p99 {1000 * slowest:.0f} ms; asking took {cores:.2f} cores"
    )
    return {
        "asked_per_second": asked,
        "useful_per_second": useful,
        "asking_cores": cores,
        "rounds": [each.facts() for each, _ in outcomes],
    }
