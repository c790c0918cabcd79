"""A table on Ray and Lance: import rate, searches at 1, 2 and 4 shards, bytes per row.

    lookalike lab bench cluster [--vectors FILE] [--pictures FOLDER]

It starts a Ray node of its own on this machine's loopback; shards, router and clients use the same cores. So
times say little beside processor time, which depends less on what else the machine does.
A shard of fewer than 25,000 rows scans: to compare shards that all have tables, give 100,000 rows or more.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lookalike.cluster import copying, deployment, importing, starting
from lookalike.cluster.handles import Handles
from lookalike.cluster.ids import Span
from lookalike.cluster.index import ClusterIndex
from lookalike.cluster.rows import Row
from lookalike.cluster.shard import Shard
from lookalike.cluster.table import COMMIT_ROWS, Table
from lookalike.embed import load_embedder
from lookalike.kernels.arrays import Vectors
from lookalike.labs.bench.memory import private_bytes
from lookalike.labs.bench.pictures import add_picture_option, chosen_folder, pictures_in
from lookalike.labs.bench.setting import RESULTS, write_result
from lookalike.labs.bench.vectors import add_vector_options, chosen_vectors
from lookalike.settings import Settings
from lookalike.store import FileStamp

SHARDS = (1, 2, 4)
CLIENTS = (1, 8)
SEARCHES = 200
PICTURES = 400
_MODEL = "lite0"


def filled(vectors: Vectors) -> tuple[Table, float]:
    """A new table of rows without pictures, and how many seconds it took to write."""
    place = (RESULTS / "cluster" / "rows.lance").absolute()
    shutil.rmtree(place, ignore_errors=True)
    table = Table.create(str(place), "none", "0" * 64, vectors.shape[1])
    drawn = np.random.default_rng(0)
    started = time.perf_counter()
    for start in range(0, len(vectors), COMMIT_ROWS):
        part = vectors[start : start + COMMIT_ROWS]
        facts = (Path("/none"),), FileStamp(0, 0), "JPEG", 0, 0
        table.add(Row(drawn.bytes(32), *facts, vector) for vector in part)
    return table, time.perf_counter() - started


def loaded(table: Table) -> dict[str, float]:
    """Bytes of memory per row and seconds, to load the whole table as one shard into this process."""
    Shard(table, Span())  # loads the compiled kernels, whose size does not depend on the rows
    before, started = private_bytes(), time.perf_counter()
    shard = Shard(table, Span())
    facts = {
        "seconds": time.perf_counter() - started,
        "bytes_per_row": ((private_bytes() or 0) - (before or 0)) / len(shard),
        "bytes_per_row_on_disk": table.bytes_of_data() / len(shard),
    }
    del shard
    return facts


def asked(table: Table, queries: Vectors, shards: int) -> dict[str, Any]:
    """Serve a table by so many shards, and search it by handles, as a router does."""
    started = time.perf_counter()
    handles = Handles(deployment.run_shards(table.uri, deployment.Size(shards=shards, cores=0.1)))
    ready = time.perf_counter() - started
    index = ClusterIndex(table, handles)
    for query in queries:  # until shards have loaded their compiled kernels
        index.search(query, 10)
    facts: dict[str, Any] = {"ready_seconds": ready, "hashed": index.hashed}
    for clients in CLIENTS:
        waits: list[float] = []

        def ask(number: int, clients: int = clients, waits: list[float] = waits) -> None:
            for turn in range(number, SEARCHES, clients):
                begun = time.perf_counter()
                index.search(queries[turn % len(queries)], 10)
                waits.append(time.perf_counter() - begun)

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(clients)]
        begun, busy = time.perf_counter(), _busy(handles)
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        seconds = time.perf_counter() - begun
        taken = [now - then for now, then in zip(_busy(handles), busy, strict=True)]
        of_shards, of_asker = (each / SEARCHES for each in taken)
        p50, p99 = statistics.median(waits), float(np.quantile(waits, 0.99))
        facts[f"{clients} clients"] = {
            "p50": p50,
            "p99": p99,
            "searches_per_second": SEARCHES / seconds,
            "processor_seconds_of_all_shards": of_shards,
            "processor_seconds_of_asker": of_asker,
        }
        print(
            f"{shards} shards, {clients} clients: p50 {1000 * p50:.1f} ms, p99 {1000 * p99:.1f} ms, "
            f"{SEARCHES / seconds:.0f} searches/s; processor time per search: "
            f"{1000 * of_shards:.1f} ms of all shards, {1000 * of_asker:.1f} ms of who asks"
        )
    deployment.stop()
    return facts


def _busy(handles: Handles) -> tuple[float, float]:
    """Seconds on a core, of all shards' processes and of this one."""
    return sum(facts["processor_seconds"] for facts in handles.ask("facts")), time.process_time()


def imported(folder: Path, cores: int) -> dict[str, float]:
    """Import pictures twice: the first time starts the workers, the second finds everything known."""
    place = (RESULTS / "cluster" / "pictures.lance").absolute()
    shutil.rmtree(place, ignore_errors=True)
    table = copying.table_for(str(place), load_embedder(_MODEL), _MODEL)
    paths = [str(path.absolute()) for path in pictures_in(folder, fewest=2)[:PICTURES]]
    taken = []
    for _ in range(2):
        started = time.perf_counter()
        report = importing.import_pictures(paths, table, Settings(collection=RESULTS))
        taken.append(time.perf_counter() - started)
    print(
        f"import: {len(table)} images in {taken[0]:.1f} s on {cores} cores; "
        f"again, {report.known} known: {taken[1]:.1f} s"
    )
    return {
        "images": len(table),
        "seconds": taken[0],
        "images_per_second_per_core": len(table) / taken[0] / cores,
        "seconds_again": taken[1],
        "bytes_per_row_with_small_pictures": table.bytes_of_data() / len(table),
    }


def main(arguments: Sequence[str]) -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description="A table on Ray and Lance.")
    add_vector_options(parser, queries=200)
    add_picture_option(parser)
    options = parser.parse_args(arguments)
    chosen = chosen_vectors(options)
    cores = Settings(collection=RESULTS).threads
    table, seconds = filled(chosen.base)
    print(f"{len(table):,} rows written in {seconds:.1f} s")
    memory = loaded(table)
    print(
        f"one shard, bytes per row: {memory['bytes_per_row']:.0f} in memory, "
        f"{memory['bytes_per_row_on_disk']:.0f} on disk; loaded in {memory['seconds']:.1f} s"
    )
    starting.join(None, cores)
    imports = imported(chosen_folder(options.pictures), cores)
    searches = {str(shards): asked(table, chosen.queries, shards) for shards in SHARDS}
    write_result(
        "cluster",
        settings={"rows": len(table), "dim": table.dim, "searches": SEARCHES, "cores": cores},
        write_seconds=seconds,
        shard=memory,
        imports=imports,
        searches=searches,
    )
