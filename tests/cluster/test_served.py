"""A real Ray cluster serves a table: what is added is found, what is deleted is not, even if a shard dies.

``failures.py`` kills everything in turn and takes minutes: ``make break-cluster``.
"""

from __future__ import annotations

import socket

import pytest

from hostile import encoded
from lookalike.cluster.copying import table_for
from lookalike.embed import load_embedder
from pictures import draw
from ray_nodes import children, kill, nodes, wait_for

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore"),  # of Ray and Lance, about themselves
]


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
        size = deployment.Size(shards=2, replicas=1, routers=1, cores=0.5)
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
            dead = kill("ServeReplica:lookalike:shard-0")
            wait_for(lambda: dead not in children())
            # Until the shard is back it is 503, never an answer that lacks its rows.
            wait_for(lambda: client.post("/v1/search", data={"image_id": ids[1]}).status_code == 200)
            assert [nearest(image_id) for image_id in ids[1:]] == ids[1:]
        deployment.stop()
    assert sorted(table.holders(ids)) == sorted(ids[1:])
