"""A real Ray cluster: processes and nodes are killed while clients search and one adds."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from lookalike.cluster.copying import table_for
from lookalike.cluster.rows import Row
from lookalike.cluster.table import Table
from lookalike.embed import load_embedder
from lookalike.labs.bench.cluster_load import Load, picture_of
from lookalike.settings import Settings
from lookalike.store import FileStamp
from ray_nodes import children, kill, nodes, wait_for
from waiting import HANG_GUARD

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore"),  # of Ray and Lance, about themselves
]

IMAGES = 400
PORT = 18_731
WANTED = {"shard-0": 2, "shard-1": 2, "router": 1}
"""Processes of each deployment."""

IMPORT = """
import sys
from pathlib import Path
from lookalike.cluster import importing, starting
from lookalike.cluster.table import Table
from lookalike.settings import Settings
starting.join(sys.argv[1], 2)
settings = Settings(collection=Path("unused"))
importing.import_pictures([sys.argv[3]], Table.open(sys.argv[2]), settings, commit=64)
"""


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    with nodes(3, 2) as running:
        yield running


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cluster")


@pytest.fixture(scope="module")
def served_table(folder: Path) -> Table:
    """Images of random embeddings."""
    embedder = load_embedder("lite0")
    table = table_for(str(folder / "served.lance"), embedder, "lite0")
    drawn = np.random.default_rng(3)
    vectors = drawn.standard_normal((IMAGES, table.dim)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    facts = FileStamp(1, 1), "JPEG", 8, 8
    table.add(Row(drawn.bytes(32), (Path(f"/none/{i}.jpg"),), *facts, row) for i, row in enumerate(vectors))
    return table


@pytest.fixture(scope="module")
def nearest(served_table: Table) -> dict[int, list[int]]:
    """For each image the five nearest, by definition; made before any test adds pictures."""
    part = served_table.at().to_table(columns=["image_id", "vector"])
    ids = part["image_id"].to_numpy()
    vectors = np.array(part["vector"].to_pylist(), np.float64)
    order = np.argsort(-(vectors @ vectors.T), axis=1)
    return {int(i): ids[row[:5]].tolist() for i, row in zip(ids, order, strict=True)}


def digests(table: Table) -> list[bytes]:
    return sorted(table.at().to_table(columns=["sha256"])["sha256"].to_pylist())


def pictures(folder: Path, count: int) -> Path:
    folder.mkdir()
    drawn = np.random.default_rng(5)
    for number in range(count):
        (folder / f"{number}.png").write_bytes(picture_of(drawn))
    (folder / "copy.png").write_bytes((folder / "0.png").read_bytes())
    (folder / "broken.png").write_bytes(b"no picture")
    return folder


def replicas(name: str) -> int:
    return sum(f"ServeReplica:lookalike:{name}" in line for line in children().values())


def test_an_import_survives_its_driver_and_a_node(cluster: Any, folder: Path) -> None:
    """The driver is killed after its first commit, and a node after the first commit of the second run."""
    from lookalike.cluster.importing import import_pictures

    count = 200
    place = pictures(folder / "pictures", count)
    table = table_for(str(folder / "imported.lance"), load_embedder("lite0"), "lite0")
    driver = subprocess.Popen([sys.executable, "-c", IMPORT, cluster.address, table.uri, str(place)])
    try:
        wait_for(lambda: len(table) > 0 or driver.poll() is not None)
    finally:
        driver.send_signal(signal.SIGKILL)
        driver.wait(HANG_GUARD)
    before = len(table)
    assert 0 < before < count

    def kill_a_node() -> None:
        wait_for(lambda: len(table) > before)
        cluster.remove_node(next(iter(cluster.worker_nodes)), allow_graceful=False)

    killer = threading.Thread(target=kill_a_node)
    killer.start()
    report = import_pictures([str(place)], table, Settings(collection=folder), commit=64)
    killer.join()
    cluster.add_node(num_cpus=2, object_store_memory=100 << 20, node_ip_address="127.0.0.1")
    assert report.added == count - before
    assert [str(item.path) for item in report.rejected] == [str(place / "broken.png")]
    held = digests(table)
    assert len(held) == len(set(held)) == count
    again = import_pictures([str(place)], table, Settings(collection=folder))
    assert (again.added, again.known + again.linked) == (0, count + 1)


def all_run() -> bool:
    """Whether as many processes serve as should: they are there, and Serve has found them ready."""
    from ray import serve

    told = serve.status().applications["lookalike"].deployments
    return all(
        replicas(name) >= count and told[name].replica_states.get("RUNNING", 0) >= count
        for name, count in WANTED.items()
    )


def busiest(cluster: Any) -> Any:
    """The worker node with the most of those processes."""

    def serving(node: Any) -> int:
        (raylet,) = node.all_processes["raylet"]
        return sum(
            "ServeReplica:lookalike" in line and parent_of(number) == raylet.process.pid
            for number, line in children().items()
        )

    return max(cluster.worker_nodes, key=serving)


def parent_of(number: int) -> int:
    with suppress(OSError):
        return int(Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[1])
    return 0


def see_it_back(load: Load, name: str, die: Callable[[], object]) -> None:
    """Let something die, wait until everything runs and 20 more searches are answered, and tell the cost."""
    failed, refused, started = len(load.outcome.failed), load.outcome.refused, time.monotonic()
    die()
    wait_for(all_run)
    searched, added = len(load.outcome.waits), len(load.outcome.added)
    seconds = time.monotonic() - started
    wait_for(lambda: len(load.outcome.waits) > searched + 20 and len(load.outcome.added) > added)
    print(
        f"{name}: back in {seconds:.1f} s, searches failed: {dict(Counter(load.outcome.failed[failed:]))}, "
        f"{load.outcome.refused - refused} additions not acknowledged"
    )


def killed(name: str) -> Callable[[], object]:
    def die() -> None:
        dead = kill(f"ServeReplica:lookalike:{name}")
        wait_for(lambda: dead not in children())

    return die


def test_no_answer_is_wrong_and_no_addition_lost_whatever_dies(
    cluster: Any, served_table: Table, nearest: dict[int, list[int]]
) -> None:
    """A replica of each shard, the router, a node, the head; then a new cluster serves the same table."""
    import ray

    from lookalike.cluster import deployment

    size = deployment.Size(shards=2, replicas=2, routers=1, cores=0.5)
    serving = deployment.serving_of(served_table.uri)
    deployment.run(serving, size, PORT)
    with Load(f"http://127.0.0.1:{PORT}", nearest) as load:
        wait_for(lambda: len(load.outcome.added) > 2)
        for name in ("shard-0", "shard-1", "router"):
            see_it_back(load, name, killed(name))
        see_it_back(load, "node", lambda: cluster.remove_node(busiest(cluster), allow_graceful=False))
        failed, started = len(load.outcome.failed), time.monotonic()
        kill("gcs_server")
        ray.shutdown()
        cluster.shutdown()
        with nodes(2, 2):
            deployment.run(serving, size, PORT)
            searched, added = len(load.outcome.waits), len(load.outcome.added)
            wait_for(lambda: len(load.outcome.waits) > searched)
            print(
                f"head: a new cluster answers after {time.monotonic() - started:.1f} s, "
                f"searches failed: {dict(Counter(load.outcome.failed[failed:]))}"
            )
            wait_for(lambda: len(load.outcome.waits) > searched + 50 and len(load.outcome.added) > added + 3)
            load.stop()
            found_again(load.outcome.added)
            deployment.stop()
    outcome = load.outcome
    print(
        f"{len(outcome.waits)} searches, {len(outcome.failed)} failed, {len(outcome.added)} added, "
        f"{outcome.refused} refused; "
        f"p50 {outcome.percentile(0.5):.3f} s, p99 {outcome.percentile(0.99):.3f} s"
    )
    assert not outcome.wrong, "\n".join(outcome.wrong[:5])
    assert len(set(outcome.added)) == len(outcome.added)
    assert set(outcome.added) <= set(served_table.holders(outcome.added))


def found_again(added: list[int]) -> None:
    """Each addition that was acknowledged is the nearest to itself."""
    with httpx.Client(base_url=f"http://127.0.0.1:{PORT}", timeout=60) as client:
        for image_id in [*added]:
            answers: list[httpx.Response] = []

            def answered(image_id: int = image_id, answers: list[httpx.Response] = answers) -> bool:
                asked = {"image_id": image_id, "k": 3, "exact": True}
                answers.append(client.post("/v1/search", data=asked))
                return answers[-1].status_code != 503  # the other clients may leave no room

            wait_for(answered)
            assert answers[-1].json()["matches"][0]["image_id"] == image_id
