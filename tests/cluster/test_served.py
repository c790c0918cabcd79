"""A real Ray cluster serves a table: what is added is found, what is deleted is not, whichever replica dies.

``failures.py`` kills everything in turn and takes minutes: ``make break-cluster``.
"""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import pytest

from hostile import encoded
from lookalike.cluster.copying import table_for
from lookalike.cluster.ids import spans
from lookalike.cluster.rows import Row
from lookalike.cluster.table import Table
from lookalike.embed import load_embedder
from lookalike.store import FileStamp
from pictures import draw
from ray_nodes import children, nodes, wait_for

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore"),  # of Ray and Lance, about themselves
]

REPLICA = "ServeReplica:lookalike:shard-0"


def test_additions_and_deletions_are_seen_at_once(uri: str) -> None:
    import httpx

    from lookalike.cluster import deployment

    table = table_for(uri, load_embedder("lite0"), "lite0")
    pictures = [draw(seed, 320, 240) for seed in range(4)]
    halved = encoded(pictures[0].resize((160, 120)), "JPEG", quality=90)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with nodes(1, 4):
        size = deployment.Size(shards=2, replicas=2, routers=1, cores=0.5)
        deployment.run(deployment.serving_of(table.uri), size, port)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=120) as client:
            ids = [
                client.post("/v1/images", files={"files": ("drawn.png", encoded(drawn, "PNG"))}).json()[
                    "added"
                ][0]["image_id"]
                for drawn in pictures
            ]
            assert len(set(ids)) == 4

            def nearest(image_id: int) -> int:
                answer = client.post("/v1/search", data={"image_id": image_id, "k": 1})
                answer.raise_for_status()
                return int(answer.json()["matches"][0]["image_id"])

            assert [nearest(image_id) for image_id in ids] == ids
            slip = client.post("/v1/search", data={"image_id": ids[0], "max_dist": 1})
            assert (slip.status_code, "max_distance" in slip.text) == (422, True)
            listing = client.get("/v1/images")
            assert (listing.status_code, "cluster export" in listing.text) == (422, True)
            seen = client.post("/v1/search", files={"file": ("half.jpg", halved)}).json()["matches"][0]
            assert (seen["image_id"], seen["verdict"]) == (ids[0], "copy")
            assert client.delete(f"/v1/images/{ids[0]}").status_code in {200, 204}
            assert client.post("/v1/search", data={"image_id": ids[0]}).status_code == 404
            # What somebody else writes shows unasked.
            ((foreign, _),) = Table.open(uri).add([row_of(table)]).values()
            wait_for(lambda: nearest(foreign) == foreign)
            assert [nearest(image_id) for image_id in ids[1:]] == ids[1:]

            slow = replicas()[0]
            with stopped([slow]):  # which Serve takes for alive for a while
                assert [nearest(image_id) for image_id in ids[1:] * 4] == ids[1:] * 4
            with suppress(ProcessLookupError):  # Serve has given it up
                os.kill(slow, signal.SIGKILL)
            wait_for(lambda: slow not in children())
            wait_for(lambda: len(replicas()) == 2)  # which Serve sees to
            assert [nearest(image_id) for image_id in [*ids[1:], foreign]] == [*ids[1:], foreign]
            with stopped(replicas()):
                asked = {"image_id": ids[1], "k": 10}
                assert client.post("/v1/search", data=asked).status_code == 503
                partial = client.post("/v1/search", data={**asked, "allow_partial": True}).json()
                assert partial["partial"] is True
                there = {i for i in [*ids[1:], foreign] if i >= spans(2)[1].start}
                assert {match["image_id"] for match in partial["matches"]} == there

            def whole() -> bool:
                return client.post("/v1/search", data=asked).status_code == 200

            wait_for(whole)
        deployment.stop()
    assert sorted(table.holders(ids)) == sorted(ids[1:])


def replicas() -> list[int]:
    """The processes of the first shard."""
    return [number for number, line in sorted(children().items()) if REPLICA in line]


@contextmanager
def stopped(numbers: list[int]) -> Iterator[None]:
    """Processes that are alive and do nothing."""
    for number in numbers:
        os.kill(number, signal.SIGSTOP)
    try:
        yield
    finally:
        for number in numbers:
            with suppress(ProcessLookupError):  # Serve has given it up and started another
                os.kill(number, signal.SIGCONT)


def row_of(table: Table) -> Row:
    """A row as another writer adds it."""
    vector = np.zeros(table.dim, np.float32)
    vector[0] = 1
    return Row(b"\0" * 32, (Path("/none.jpg"),), FileStamp(1, 1), "JPEG", 8, 8, vector)
