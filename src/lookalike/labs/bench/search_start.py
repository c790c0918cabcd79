"""Processor time of one whole ``lookalike search`` process, against merely importing what it must import.

lookalike lab bench search_start [--pictures FOLDER | --collection FOLDER]

Processor time, of all threads and of the kernel, says what a start costs also where other work runs beside;
the time that passes does not.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from lookalike import Collection
from lookalike.errors import NotFoundError
from lookalike.labs.bench.pictures import add_picture_option, chosen_folder, pictures_in
from lookalike.labs.bench.setting import collection_of, write_result

ROUNDS = 15


def main(arguments: Sequence[str]) -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description="Processor time of a whole search process.")
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
    taken = _processor_seconds(commands, given.rounds)
    print(f"whole processes, {images:,} images, processor time, medians of {given.rounds} rounds:")
    for name, seconds in taken.items():
        beside = "import typer" if name.startswith("lookalike --") else "import numpy, onnxruntime"
        print(f"  {name:27}{1000 * seconds:6.0f} ms   {seconds / taken[beside]:.2f}x {beside}")
    write_result("search_start", images=images, rounds=given.rounds, processor_seconds=taken)


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


def _processor_seconds(commands: dict[str, list[str]], rounds: int) -> dict[str, float]:
    """Median processor time of each command; they take turns, and the first turn is not counted.

    Raises:
        subprocess.CalledProcessError: one failed.
    """
    environment = {**os.environ, "ORT_DISABLE_TELEMETRY": "1"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # else each process would compile every module again
    times: dict[str, list[float]] = {name: [] for name in commands}
    for turn in range(rounds + 1):
        for name, command in commands.items():
            process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode:
                raise subprocess.CalledProcessError(process.returncode, command)
            if turn:
                times[name].append(used.ru_utime + used.ru_stime)
    return {name: statistics.median(taken) for name, taken in times.items()}
