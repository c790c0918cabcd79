"""Time of one whole ``lookalike search`` process, against merely importing what it must import.

lookalike lab bench search_start [--pictures FOLDER | --collection FOLDER]

Processor time, of all threads and of the kernel, says what a start costs also where other work runs beside.
The time that passes says how long a person waits, if a core is free for the second thread. Ratios of it are
taken round by round, so that work which comes and goes meets both commands.
"""

from __future__ import annotations

import argparse
import operator
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from lookalike import Collection
from lookalike.errors import NotFoundError
from lookalike.labs.bench.pictures import add_picture_option, chosen_folder, pictures_in
from lookalike.labs.bench.setting import collection_of, write_result

ROUNDS = 15


class Taken(NamedTuple):
    """What one run of a command took, in seconds.

    Attributes:
        processor: of all threads, in the program and in the kernel.
        passed: from its start to its end.
    """

    processor: float
    passed: float


def main(arguments: Sequence[str]) -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description="Time of a whole search process.")
    add_picture_option(parser)
    parser.add_argument("--collection", type=Path, help="search this collection, by one of its own pictures")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    given = parser.parse_args(arguments)
    images, folder, query = _there(given.collection) if given.collection else _made(given.pictures)
    program = [sys.executable, "-m", "lookalike"]
    commands = {
        "import numpy, onnxruntime": [sys.executable, "-c", "import numpy, onnxruntime"],
        "lookalike search": [*program, "search", str(query), "--collection", str(folder)],
        "import typer": [sys.executable, "-c", "import typer"],
        "lookalike --version": [*program, "--version"],
        "lookalike --help": [*program, "--help"],
    }
    taken = _measured(commands, given.rounds)
    load = os.getloadavg()[0]
    print(f"whole processes, {images:,} images, medians of {given.rounds} rounds, load {load:.0f}:")
    facts = {}
    for name, runs in taken.items():
        beside = "import typer" if name.startswith("lookalike --") else "import numpy, onnxruntime"
        processor, passed = (statistics.median(each) for each in zip(*runs, strict=True))
        pairs = [
            list(map(operator.truediv, run, other)) for run, other in zip(runs, taken[beside], strict=True)
        ]
        ratios = [statistics.median(each) for each in zip(*pairs, strict=True)]
        print(
            f"  {name:27}{1000 * processor:6.0f} ms of processor time, {ratios[0]:.2f}x {beside};"
            f" {1000 * passed:6.0f} ms passed, {ratios[1]:.2f}x"
        )
        facts[name] = {"processor": processor, "passed": passed, "ratios": ratios}
    write_result("search_start", images=images, rounds=given.rounds, load=load, seconds=facts)


def _made(pictures: Path | None) -> tuple[int, Path, Path]:
    """How many images a collection of some pictures has, its folder, and a picture to search for."""
    chosen = chosen_folder(pictures)
    with collection_of(chosen) as collection:
        return len(collection), collection.status().folder, pictures_in(chosen)[0]


def _there(folder: Path) -> tuple[int, Path, Path]:
    """As ``_made``, of a collection that is there already."""
    with Collection.open(folder) as collection:
        present = (path for path in collection.files() if path.exists())
        query = next(present, None)
        if query is None:
            raise NotFoundError(f"no file of the collection at {folder} is left to search for")
        return len(collection), folder, query


def _measured(commands: dict[str, list[str]], rounds: int) -> dict[str, list[Taken]]:
    """What each command took in each round; they take turns, and the first turn is not counted.

    Raises:
        subprocess.CalledProcessError: one failed.
    """
    environment = {**os.environ, "ORT_DISABLE_TELEMETRY": "1"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # else each process would compile every module again
    taken: dict[str, list[Taken]] = {name: [] for name in commands}
    for turn in range(rounds + 1):
        for name, command in commands.items():
            started = time.perf_counter()
            process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
            _, status, used = os.wait4(process.pid, 0)
            passed = time.perf_counter() - started
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode:
                raise subprocess.CalledProcessError(process.returncode, command)
            if turn:
                taken[name].append(Taken(used.ru_utime + used.ru_stime, passed))
    return taken
