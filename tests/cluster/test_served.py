"""``lookalike cluster serve`` serves a table by a real Ray cluster, with banks beside it, whoever dies.

All tests share one cluster, which takes most of their time to start, and go on where the one before ended.
``failures.py`` kills everything in turn, on more nodes, and takes minutes: ``make break-cluster``.
"""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from hostile import encoded
from lookalike import Client
from lookalike.cluster.copying import table_for
from lookalike.cluster.ids import spans
from lookalike.cluster.importing import import_pictures
from lookalike.cluster.table import Table
from lookalike.embed import load_embedder
from lookalike.settings import Settings
from pictures import draw
from program import Program
from ray_nodes import LOOPBACK, children, listening, nodes, wait_for
from served import Served, serving

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore"),  # of Ray and Lance, about themselves
]

REPLICA = "ServeReplica:lookalike:shard-0"
DRAWN = [draw(seed, 320, 240) for seed in range(4)]


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Table:
    return table_for(str(tmp_path_factory.mktemp("served") / "rows.lance"), load_embedder("lite0"), "lite0")


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """Has a bank, in which is the last of the drawn pictures."""
    made = Program(tmp_path_factory.mktemp("router"))
    DRAWN[3].save(made.home / "stolen.png")
    assert made.here("bank", "create", "stolen").code == 0
    assert made.here("bank", "add", "stolen", made.home / "stolen.png").code == 0
    return made


@pytest.fixture(scope="module")
def router(table: Table, program: Program) -> Iterator[Served]:
    """Two routers of two shards, each of which two processes serve."""
    size = ("--shards", "2", "--replicas", "2", "--routers", "2", "--cores", "0.1")
    with nodes(0, 4) as cluster:
        options = (table.uri, *size, "--banks", program.collection, "--ray", cluster.address)
        with serving(program, *options, command=("cluster", "serve")) as running:
            yield running


@pytest.fixture(scope="module")
def client(router: Served) -> httpx.Client:
    return router.client


@pytest.fixture(scope="module")
def ids(client: httpx.Client) -> list[int]:
    """Ids of the drawn pictures, of which the first is deleted before others ask for them."""
    files = [("files", (f"{place}.png", encoded(one, "PNG"))) for place, one in enumerate(DRAWN)]
    one_by_one = [client.post("/v1/images", files=[file], data={"tags": "drawn"}).json() for file in files]
    return [answer["added"][0]["image_id"] for answer in one_by_one]


def nearest(client: httpx.Client, image_id: int) -> int:
    answer = client.post("/v1/search", data={"image_id": image_id, "k": 1})
    answer.raise_for_status()
    return int(answer.json()["matches"][0]["image_id"])


def test_additions_and_deletions_are_seen_at_once(client: httpx.Client, ids: list[int]) -> None:
    assert len(set(ids)) == 4
    assert [nearest(client, image_id) for image_id in ids] == ids
    halved = encoded(DRAWN[0].resize((160, 120)), "JPEG", quality=90)
    seen = client.post("/v1/search", files={"file": ("half.jpg", halved)}).json()["matches"][0]
    assert (seen["image_id"], seen["verdict"], seen["name"]) == (ids[0], "copy", "0.png")
    slip = client.post("/v1/search", data={"image_id": ids[0], "max_dist": 1})
    assert (slip.status_code, "max_distance" in slip.text) == (422, True)
    assert client.delete(f"/v1/images/{ids[0]}").status_code == 204
    assert client.post("/v1/search", data={"image_id": ids[0]}).status_code == 404
    assert [nearest(client, image_id) for image_id in ids[1:]] == ids[1:]


def test_each_router_has_the_page_and_the_banks(client: httpx.Client, ids: list[int]) -> None:
    """Requests on connections of their own reach both."""
    copy = encoded(DRAWN[3].crop((10, 8, 310, 230)), "JPEG")
    for _ in range(6):
        with httpx.Client(base_url=client.base_url, timeout=120) as asking:
            page = asking.get("/").text
            (script, *_) = re.findall(r'"(static/[^"]+\.js)"', page)
            assert asking.get(f"/{script}").headers["content-type"].startswith("text/javascript")
            assert asking.get(f"/v1/images/{ids[1]}/thumbnail").headers["content-type"] == "image/webp"
            checked = asking.post("/v1/check", files={"file": ("copy.jpg", copy)}, data={"keep": True}).json()
            assert (checked["reported"], [one["bank"] for one in checked["results"]]) == (True, ["stolen"])
    (case,) = client.get("/v1/reviews").json()["cases"]
    assert (case["name"], case["state"]) == ("copy.jpg", "waiting")


def test_every_socket_is_on_the_loopback(client: httpx.Client) -> None:
    found = listening()
    assert found
    assert found <= LOOPBACK


def test_programs_ask_a_router_as_they_ask_a_server(
    client: httpx.Client, ids: list[int], tmp_path: Path
) -> None:
    copy = tmp_path / "copy.jpg"
    DRAWN[2].resize((200, 150)).save(copy, quality=85)
    url = str(client.base_url)
    with Client(url) as asking:
        (match,) = asking.search(copy, 10, verdicts={"copy"}, tag="drawn")
        assert (match.image_id, match.name, match.tags) == (ids[2], "2.png", ("drawn",))
        assert [image.image_id for image in asking.images(tag="drawn")] == sorted(ids[1:])
    told = Program(tmp_path / "home").here("search", copy, "--server", url, "--copies-only", "--json").json
    assert [match["image_id"] for match in told["matches"]] == [ids[2]]


def test_what_all_nodes_import_shows_unasked(
    client: httpx.Client, ids: list[int], table: Table, tmp_path: Path
) -> None:
    folder = tmp_path / "shared"
    folder.mkdir()
    draw(10).save(folder / "10.png")
    draw(11).save(folder / "11.jpg")
    (folder / "11.jpg").write_bytes((folder / "11.jpg").read_bytes()[:-20])
    (folder / "broken.png").write_bytes(b"no picture")
    report = import_pictures([str(folder)], Table.open(table.uri), Settings(collection=folder))
    assert (report.added, [item.path.name for item in report.rejected]) == (2, ["broken.png"])
    ((cut, doubt),) = [(item.path.name, item.reason) for item in report.doubtful]
    assert (cut, doubt[:9]) == ("11.jpg", "cut short")
    listed = client.get("/v1/images", params={"folder": str(folder)}).json()["images"]
    assert [image["name"] for image in sorted(listed, key=lambda one: str(one["name"]))] == [
        "10.png",
        "11.jpg",
    ]
    for image in listed:
        wait_for(lambda image_id=image["image_id"]: nearest(client, image_id) == image_id)  # type: ignore[misc]
    assert client.get("/v1/stats").json()["folders"] == [{"path": str(folder), "files": 2}]
    known = (folder / "10.png").read_bytes()
    (upload,) = client.post("/v1/images", files={"files": ("again.png", known)}).json()["added"]
    assert upload["new"] is False
    assert not list(Path(f"{table.uri}.uploads").glob(f"{upload['sha256']}*"))  # it lies in its folder
    (folder / "broken.png").unlink()
    again = import_pictures([str(folder)], Table.open(table.uri), Settings(collection=folder))
    assert (again.added, again.known) == (0, 2)


def test_a_replica_that_stops_or_dies_costs_no_search(
    client: httpx.Client, ids: list[int], table: Table
) -> None:
    wait_for(lambda: len(replicas()) == 2)
    slow = replicas()[0]
    with stopped([slow]):  # which Serve takes for alive for a while
        assert [nearest(client, image_id) for image_id in ids[1:] * 4] == ids[1:] * 4
    with suppress(ProcessLookupError):  # Serve has given it up
        os.kill(slow, signal.SIGKILL)
    wait_for(lambda: slow not in children())
    wait_for(lambda: len(replicas()) == 2)  # which Serve sees to
    every = sorted(table.ids().tolist())
    assert len(every) == 5
    assert [nearest(client, image_id) for image_id in every] == every
    asked = {"image_id": ids[1], "k": 10}
    with stopped(replicas()):
        assert client.post("/v1/search", data=asked).status_code == 503
        partial = client.post("/v1/search", data={**asked, "allow_partial": True}).json()
        assert partial["partial"] is True
        there = {i for i in every if i >= spans(2)[1].start}
        assert {match["image_id"] for match in partial["matches"]} == there
    wait_for(lambda: client.post("/v1/search", data=asked).status_code == 200)


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
