"""A server under load: its rate beside the embedder alone, its delays, and four times what it can do.

    lookalike lab bench serve [--pictures FOLDER]

It starts a server of its own on this machine's loopback and asks nobody else. The embedder alone is called in
a loop with one decoded picture at a time, on one core and on all of them; a request is a search by an
uploaded file, so the server also parses, decodes, searches and answers, and the clients use the same cores.
"""

from __future__ import annotations

import argparse
import random
import re
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from PIL import Image

from lookalike import Collection
from lookalike.embed import Embedder, load_embedder
from lookalike.images import decode
from lookalike.labs.bench import overload
from lookalike.labs.bench.load import HOST, Outcome, Request, ask, gauge, search_form
from lookalike.labs.bench.pictures import add_picture_option, chosen_folder, pictures_in
from lookalike.labs.bench.setting import RESULTS, write_result
from lookalike.settings import Settings

IMAGES, QUERIES = 2000, 64
CLIENTS = (1, 8, 32)
ROUNDS, SECONDS = 3, 5.0
QUEUE = 64
SOAK_REQUESTS, UPLOADS_IN = 10_000, 4  # every fourth request uploads its picture, the others name an image


@contextmanager
def served(collection: Path, queue: int) -> Iterator[int]:
    """A server over a collection with a queue of so many pictures; its port."""
    command = [sys.executable, "-m", "lookalike", "serve", "--port", "0", "--no-token"]
    command += ["--queue", str(queue), "--collection", str(collection)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        line = process.stdout.readline() if process.stdout else ""
        found = re.search(rf"http://{re.escape(HOST)}:(\d+)/", line)
        if found is None:
            raise RuntimeError("the server did not start")
        yield int(found[1])
    finally:
        process.terminate()
        process.wait(60)


def alone(embedder: Embedder, pictures: list[Image.Image], threads: int) -> float:
    """Pictures per second that the embedder takes one at a time, on so many threads."""
    counts = [0] * threads
    started = time.perf_counter()

    def loop(place: int) -> None:
        while time.perf_counter() - started < SECONDS:
            embedder.embed([pictures[counts[place] % len(pictures)]])
            counts[place] += 1

    running = [threading.Thread(target=loop, args=(place,)) for place in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    return sum(counts) / (time.perf_counter() - started)


def resident(port: int) -> int:
    """Bytes of memory that the server uses."""
    return int(gauge(port, "process_resident_memory_bytes"))


def soak(port: int, uploads: list[Request], ids: list[int]) -> tuple[Outcome, list[int]]:
    """Many requests, and the server's memory before them and after each fifth of them."""
    by_id = [search_form(image_id=str(image_id)) for image_id in ids]
    mixed = [
        uploads[turn // UPLOADS_IN % len(uploads)] if turn % UPLOADS_IN == 0 else by_id[turn % len(by_id)]
        for turn in range(UPLOADS_IN * len(uploads))
    ]
    total, memory = Outcome(), [resident(port)]
    for _ in range(5):
        part = ask(port, mixed, 8, most=SOAK_REQUESTS // 5)
        total.seconds += part.seconds
        total.statuses += part.statuses
        total.waits += part.waits
        memory.append(resident(port))
    return total, memory


def main(arguments: Sequence[str]) -> None:
    """Measure, print and write."""
    folder, known, asked = drawn(arguments)
    settings = replace(Settings(), collection=(RESULTS / "collections" / f"serve-{folder.name}").absolute())
    with Collection.open(create=True, settings=settings) as collection:
        print(f"indexing {len(known):,} of {folder} (skips what is indexed already) …")
        collection.add(known)
        ids = [match.image_id for match in collection.search(known[0], 100)]
    data = [path.read_bytes() for path in asked]
    uploads = [search_form(file=each) for each in data]
    embedder, cores = load_embedder(settings.model), settings.threads
    pictures = [decode(each, at_least=embedder.card.side).image for each in data]
    with served(settings.collection, QUEUE) as port:
        ask(port, uploads, 8, most=100)  # what comes first is slower
        rates: dict[str, list[float]] = {}
        outcomes: dict[int, list[Outcome]] = {clients: [] for clients in CLIENTS}
        for _ in range(ROUNDS):
            for name, threads in (("one core", 1), ("all cores", cores)):
                rates.setdefault(name, []).append(alone(embedder, pictures, threads))
            for clients in CLIENTS:
                outcomes[clients].append(ask(port, uploads, clients, seconds=SECONDS))
        one, every = (statistics.median(rates[name]) for name in ("one core", "all cores"))
        print(f"the embedder alone, medians of {ROUNDS} rounds of {SECONDS:g} s, pictures per second:")
        print(f"  one core {one:.1f}, {cores} cores {every:.1f}")
        loads = _told(outcomes, one, every)
        soaked, memory = soak(port, uploads, ids)
        print(
            f"{SOAK_REQUESTS:,} requests: {dict(soaked.statuses)}; "
            f"memory {', '.join(f'{each / 1e6:.0f}' for each in memory)} MB"
        )
    with served(settings.collection, overload.QUEUE) as port:
        beyond = overload.overloaded(port, uploads)
    write_result(
        "serve",
        settings={
            "pictures": folder.name,
            "images": len(known),
            "queue": QUEUE,
            "cores": cores,
            "rounds": ROUNDS,
            "seconds": SECONDS,
        },
        alone_pictures_per_second={"one_core": one, "all_cores": every},
        clients=loads,
        overload=beyond,
        soak={"uploads_in": UPLOADS_IN, "memory_bytes": memory, **soaked.facts()},
    )


def drawn(arguments: Sequence[str]) -> tuple[Path, list[Path], list[Path]]:
    """The folder that the command line names, pictures of it to index, and others to ask with."""
    parser = argparse.ArgumentParser(description="A server under load.")
    add_picture_option(parser)
    folder = chosen_folder(parser.parse_args(arguments).pictures)
    paths = pictures_in(folder, fewest=2)
    queries = max(1, min(QUERIES, len(paths) // 5))
    sample = random.Random(0).sample(paths, min(IMAGES + queries, len(paths)))
    return folder, sample[queries:], sample[:queries]


def _told(outcomes: dict[int, list[Outcome]], one: float, every: float) -> dict[str, dict[str, Any]]:
    """Print what each number of clients got, and return it for the result file.

    Args:
        outcomes: rounds, by the number of clients.
        one: pictures per second that the embedder alone takes on one core.
        every: the same on all cores.
    """
    loads = {}
    for clients, found in outcomes.items():
        rate = statistics.median(outcome.rate for outcome in found)
        p99 = max(outcome.percentile(0.99) for outcome in found)
        loads[str(clients)] = {
            "answers_per_second": rate,
            "of_all_cores": rate / every,
            "of_one_core": rate / one,
            "worst_p99_seconds": p99,
            "rounds": [outcome.facts() for outcome in found],
        }
        print(
            f"  {clients:2} clients: {rate:6.1f} answers/s, {rate / every:.2f}x all cores, "
            f"{rate / one:.2f}x one core; p99 {1000 * p99:.0f} ms"
        )
    return loads
