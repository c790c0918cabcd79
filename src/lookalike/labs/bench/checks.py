"""Checks under load: what holding a picture against three banks costs, beside a search by the same picture.

    lookalike lab bench checks [--pictures FOLDER]

One bank has half of the collection's pictures, one 100,000 PDQ hashes drawn at random, one is negative and
has a hundred pictures. Searches and checks take turns on one server, with the same uploads and clients.
"""

from __future__ import annotations

import hashlib
import io
import statistics
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from lookalike import Collection
from lookalike.banks import Banks
from lookalike.labs.bench.load import Outcome, ask, form, gauge, search_form
from lookalike.labs.bench.serve import QUEUE, ROUNDS, SECONDS, drawn, served
from lookalike.labs.bench.setting import RESULTS, write_result
from lookalike.settings import Settings

CLIENTS = (1, 8)
HASHES, CLEARED = 100_000, 100


def fill(collection: Collection, known: Sequence[Path]) -> None:
    """Make the three banks; by lists, since adding pictures looks back for each of them."""
    banks = Banks(collection)
    there = {bank.name for bank in banks.all()}
    digests = [hashlib.sha256(path.read_bytes()).hexdigest() for path in known]
    values = np.random.default_rng(0).integers(0, 256, (HASHES, 32), np.uint8)
    lists = {
        "pictures": [f"picture {digest}\n" for digest in digests[: len(known) // 2]],
        "hashes": [f"pdq {value.tobytes().hex()}\n" for value in values],
        "harmless": [f"picture {digest}\n" for digest in digests[-CLEARED:]],
    }
    for name, lines in lists.items():
        if name not in there:
            banks.create(name, negative=name == "harmless")
        banks.import_list(name, io.BytesIO("".join(lines).encode()), "lines")


def processor_seconds(port: int) -> float:
    """Processor time of the server so far, without that of its decoders, which are processes of their own."""
    return gauge(port, "process_cpu_seconds_total")


def main(arguments: Sequence[str]) -> None:
    """Measure, print and write."""
    folder, known, asked = drawn(arguments)
    settings = replace(Settings(), collection=(RESULTS / "collections" / f"checks-{folder.name}").absolute())
    with Collection.open(create=True, settings=settings) as collection:
        print(f"indexing {len(known):,} of {folder}, and filling banks (skips what is done already) …")
        collection.add(known)
        fill(collection, known)
    data = [path.read_bytes() for path in asked]
    kinds = {
        "search": [search_form(file=each) for each in data],
        "check": [form("/v1/check", file=each) for each in data],
    }
    loads: dict[str, dict[str, Any]] = {}
    with served(settings.collection, QUEUE) as port:
        for requests in kinds.values():
            ask(port, requests, 8, most=100)  # what comes first is slower
        for clients in CLIENTS:
            taken: dict[str, list[tuple[Outcome, float]]] = {kind: [] for kind in kinds}
            for _ in range(ROUNDS):
                for kind, requests in kinds.items():
                    before = processor_seconds(port)
                    outcome = ask(port, requests, clients, seconds=SECONDS)
                    taken[kind].append((outcome, processor_seconds(port) - before))
            loads[str(clients)] = _told(clients, taken)
    write_result(
        "checks",
        settings={"pictures": folder.name, "images": len(known), "hashes": HASHES, "rounds": ROUNDS},
        clients=loads,
    )


def _told(clients: int, taken: dict[str, list[tuple[Outcome, float]]]) -> dict[str, Any]:
    """Print what so many clients got, and return it for the result file.

    Args:
        clients: how many asked at a time.
        taken: rounds of each kind, with the server's seconds of processor time.
    """
    facts: dict[str, Any] = {}
    for kind, rounds in taken.items():
        facts[kind] = {
            "answers_per_second": statistics.median(outcome.rate for outcome, _ in rounds),
            "processor_ms": statistics.median(
                1000 * spent / outcome.statuses[200] for outcome, spent in rounds
            ),
            "worst_p99_seconds": max(outcome.percentile(0.99) for outcome, _ in rounds),
            "rounds": [outcome.facts() for outcome, _ in rounds],
        }
        print(
            f"  {clients} clients, {kind}: {facts[kind]['answers_per_second']:.1f} answers/s, "
            f"{facts[kind]['processor_ms']:.1f} ms of processor time each; "
            f"p99 {1000 * facts[kind]['worst_p99_seconds']:.0f} ms"
        )
    for name in ("answers_per_second", "processor_ms"):
        facts[f"check_of_search_{name}"] = facts["check"][name] / facts["search"][name]
    print(
        f"  check to search: {facts['check_of_search_answers_per_second']:.2f} of the answers, "
        f"{facts['check_of_search_processor_ms']:.2f} of the processor time"
    )
    return facts
