"""A router's routes over shards of this process: what is answered, and what is refused in which words.

``test_served`` has the same app behind Ray Serve.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import lance
import numpy as np
import pytest
from fastapi.routing import iter_route_contexts
from prometheus_client import Gauge

from hostile import encoded
from local_shards import LocalShards, local_router
from lookalike.cluster import service
from lookalike.cluster.app import OF_BANKS, OWN, over
from lookalike.cluster.collection import TableCollection
from lookalike.cluster.copying import table_for
from lookalike.cluster.deployment import serving_of
from lookalike.cluster.ids import spans
from lookalike.cluster.refusing import refused
from lookalike.cluster.shard import Shard
from lookalike.cluster.table import Table
from lookalike.collection.questions import Question
from lookalike.embed import load_embedder
from lookalike.errors import Busy
from lookalike.images import is_public
from lookalike.index import LSHIndex
from lookalike.web import app as web_app
from lookalike.web import sampling
from lookalike.web.means import Means
from lookalike.web.pipeline import Pipeline
from pictures import draw
from waiting import HANG_GUARD

COUNT = 6


class Silencing(LocalShards):
    """Shards of which the first can be silenced, until it is let go or for good."""

    silent = False

    def __init__(self, shards: list[Shard]) -> None:
        super().__init__(shards)
        self.asked, self.let_go = threading.Event(), threading.Event()
        self.let_go.set()

    def ask(self, method: str, *arguments: Any, **named: Any) -> list[Any]:
        self.asked.set()
        assert self.let_go.wait(HANG_GUARD)
        answers = super().ask(method, *arguments, **named)
        return [None, *answers[1:]] if self.silent else answers


@pytest.fixture(scope="module")
def shards(tmp_path_factory: pytest.TempPathFactory) -> Silencing:
    table = table_for(
        str(tmp_path_factory.mktemp("routes") / "pictures.lance"), load_embedder("lite0"), "lite0"
    )
    return Silencing([Shard(table, span) for span in spans(2)])


@pytest.fixture(scope="module")
def client(shards: Silencing) -> Iterator[httpx.Client]:
    table = shards.shards[0]._table
    serving = serving_of(table.uri)
    app = over(TableCollection(Table.open(table.uri), shards, serving.settings), serving)  # type: ignore[arg-type]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sampling, "_EVERY", HANG_GUARD)  # it would read the table while a test counts who does
        with local_router(app) as address, httpx.Client(base_url=address, timeout=HANG_GUARD) as client:
            yield client


@pytest.fixture(scope="module")
def ids(client: httpx.Client) -> list[int]:
    """The images of drawn pictures, all but one of which are in the shard that is never silenced."""
    files = [("files", (f"{seed}.png", encoded(draw(seed), "PNG"))) for seed in range(COUNT)]
    added = client.post("/v1/images", files=files).json()["added"]
    return [image["image_id"] for image in added]


def test_several_pictures_at_once(client: httpx.Client, ids: list[int]) -> None:
    """As files of one request, one of which is no picture, and as lines, one of which asks for too much."""
    files = [("files", ("a.png", encoded(draw(1), "PNG"))), ("files", ("b.png", b"no picture"))]
    first, second = client.post("/v1/search/batch", files=files, data={"k": 1}).json()["results"]
    assert [match["image_id"] for match in first["matches"]] == [ids[1]]
    assert (second["matches"], second["problem"]["status"]) == (None, 422)
    asked = [{"id": "a", "image_id": ids[2], "k": 1}, {"id": "b", "image_id": ids[0], "folder": "/x"}]
    answer = client.post(
        "/v1/search",
        content="\n".join(map(json.dumps, asked)),
        headers={"Content-Type": "application/x-ndjson"},
    )
    first, second = map(json.loads, answer.text.splitlines())
    assert (first["id"], first["matches"][0]["image_id"], first["partial"]) == ("a", ids[2], False)
    assert "lies in the folder /x" in second["problem"]["detail"]


def test_filters_on_matches_hold(client: httpx.Client, ids: list[int]) -> None:
    everything = client.post("/v1/search", data={"image_id": ids[0], "k": COUNT}).json()["matches"]
    assert sorted(match["image_id"] for match in everything) == sorted(ids)
    border = sorted(match["distance"] for match in everything)[2]
    near = client.post("/v1/search", data={"image_id": ids[0], "max_distance": border}).json()["matches"]
    assert [m["image_id"] for m in near] == [m["image_id"] for m in everything if m["distance"] <= border]
    for verdict in ("identical", "copy,similar,different"):
        found = client.post("/v1/search", data={"image_id": ids[0], "verdict": verdict}).json()["matches"]
        assert [m["image_id"] for m in found] == [
            m["image_id"] for m in everything if m["verdict"] in verdict.split(",")
        ]


def test_what_is_said_of_uploads_is_kept_changed_and_asked_for(client: httpx.Client, ids: list[int]) -> None:
    new = encoded(draw(50), "PNG")
    said = {"metadata": '{"shop": 12}', "tags": ["sea", "it's"]}
    files = [("files", ("dune.png", new)), ("files", ("again.png", encoded(draw(0), "PNG")))]
    first, second = client.post("/v1/images", files=files, data=said).json()["added"]
    assert (first["new"], second["new"], second["image_id"]) == (True, False, ids[0])
    told = client.get(f"/v1/images/{first['image_id']}").json()
    assert (told["name"], told["metadata"], told["tags"]) == ("dune.png", {"shop": 12}, ["it's", "sea"])
    assert told["files_missing"] is False
    asked = {"image_id": ids[1], "k": 20}
    for fields, wanted in (
        ({"tag": "sea"}, {first["image_id"], ids[0]}),
        ({"meta.shop": "12"}, {first["image_id"], ids[0]}),
        ({"tag": "lake"}, set()),
    ):
        found = client.post("/v1/search", data={**asked, **fields}).json()["matches"]
        assert {match["image_id"] for match in found} == wanted
    change = {"metadata": {"shop": None, "sold": True}, "tags": ["lake"], "name": "Dune 7.png"}
    told = client.patch(f"/v1/images/{first['image_id']}", json=change).json()
    assert (told["name"], told["metadata"], told["tags"]) == ("Dune 7.png", {"sold": True}, ["lake"])
    (match,) = client.post("/v1/search", data={**asked, "tag": "lake"}).json()["matches"]
    assert (match["image_id"], match["name"], match["tags"]) == (first["image_id"], "Dune 7.png", ["lake"])
    listed = client.get("/v1/images", params={"tag": "sea"}).json()["images"]
    assert [image["image_id"] for image in listed] == [ids[0]]
    for nonsense in ({"metadata": "[1]"}, {"tags": " "}):
        assert client.post("/v1/images", files=files[:1], data=nonsense).status_code == 422
    assert client.patch("/v1/images/5", json={"tags": []}).status_code == 404
    for image_id in (first["image_id"], ids[0]):
        client.patch(f"/v1/images/{image_id}", json={"tags": [], "metadata": {"shop": None}})
    assert client.delete(f"/v1/images/{first['image_id']}").status_code == 204


def test_nothing_that_two_say_at_the_same_time_is_lost(client: httpx.Client, ids: list[int]) -> None:
    """Each change joins the metadata that are there: one read before another write would drop that."""
    keys = [f"key{number}" for number in range(12)]
    with ThreadPoolExecutor(4) as threads:
        answers = threads.map(
            lambda key: client.patch(f"/v1/images/{ids[2]}", json={"metadata": {key: 1}}).status_code, keys
        )
    assert set(answers) == {200}
    told = client.get(f"/v1/images/{ids[2]}").json()["metadata"]
    assert told == dict.fromkeys(keys, 1)


def test_folders_of_uploads_and_of_others(client: httpx.Client, shards: Silencing, ids: list[int]) -> None:
    table = shards.shards[0]._table
    folder = f"{table.uri}.uploads"
    asked = {"image_id": ids[0], "k": 20, "exact": True}
    inside = client.post("/v1/search", data={**asked, "folder": folder}).json()["matches"]
    assert sorted(match["image_id"] for match in inside) == sorted(ids)
    for answer in (
        client.post("/v1/search", data={**asked, "folder": "/nowhere"}),
        client.get("/v1/images", params={"folder": "/nowhere"}),
    ):
        assert (answer.status_code, answer.json()["type"]) == (422, "urn:lookalike:problem:usage-error")
        assert "no picture of the collection lies in the folder /nowhere" in answer.json()["detail"]
    first = client.get("/v1/images", params={"folder": folder, "limit": 4}).json()
    second = client.get("/v1/images", params={"folder": folder, "cursor": first["next"]}).json()
    listed = [image["image_id"] for page in (first, second) for image in page["images"]]
    assert (listed, second["next"]) == (sorted(ids), None)
    assert client.get("/v1/stats").json()["folders"] == []
    table.remember([Path(folder), Path("/from/where/nothing/came")])
    assert client.get("/v1/stats").json()["folders"] == [{"path": folder, "files": COUNT}]


@pytest.mark.parametrize(
    ("method", "path", "given"),
    [
        ("GET", "/v1/map", {}),
        ("GET", "/v1/duplicates?similar=true", {}),
        ("POST", "/v1/duplicates/decisions", {"data": {"images": [1, 2], "decision": "keep all"}}),
        ("POST", "/v1/check", {"files": {"file": ("a.png", b"bytes")}}),
        ("POST", "/v1/banks", {"json": {"name": "known"}}),
        ("GET", "/v1/collections/default/banks", {}),
        ("GET", "/v1/reviews?limit=1", {}),
        ("GET", "/review", {}),
        ("GET", "/h/hash?url=x", {}),
        ("POST", "/c/banks", {"json": {"name": "known"}}),
    ],
)
def test_what_a_table_lacks_is_one_refusal(
    client: httpx.Client, method: str, path: str, given: dict[str, Any]
) -> None:
    answer = client.request(method, path, **given)
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:lookalike:problem:usage-error")
    what, how = ("a table on a cluster", "cluster export URI --collection DIR")
    if not path.startswith(("/v1/map", "/v1/duplicates")):
        what, how = ("this router", "cluster serve URI --banks COLLECTION")
    detail = answer.json()["detail"]
    assert detail.startswith(f"{what} has no ")
    assert detail.endswith(f"lookalike {how}")


@pytest.mark.parametrize("own", [OWN, (*OWN, *OF_BANKS, *web_app.OTHERS)])
def test_every_route_of_a_collection_is_answered_or_refused(own: tuple[Any, ...]) -> None:
    def operations(routers: Any) -> set[tuple[str, str]]:
        contexts = [one for router in routers for one in iter_route_contexts(router.routes)]
        return {(method, one.path) for one in contexts for method in one.methods}

    wanted = operations((*web_app.OWN, *web_app.OTHERS))
    assert len(wanted) > 40
    assert wanted == operations(own) | operations(refused(own)[:1])
    assert not operations(own) & operations(refused(own))


def test_without_a_shard(client: httpx.Client, shards: Silencing, ids: list[int]) -> None:
    """It is 503, unless the answer may be partial; then it says so, and lacks nothing of the others."""
    there = {i for i in ids if i >= spans(2)[1].start}
    assert 0 < len(there) < COUNT
    shards.silent = True
    try:
        asked = {"image_id": ids[0], "k": COUNT}
        refusal = client.post("/v1/search", data=asked)
        assert (refusal.status_code, "1 of 2 shards" in refusal.text) == (503, True)
        assert refusal.headers["Retry-After"]
        partial = client.post("/v1/search", data={**asked, "allow_partial": True}).json()
        assert partial["partial"] is True
        assert {match["image_id"] for match in partial["matches"]} == there
        files = [("files", ("a.png", encoded(draw(1), "PNG")))]
        assert client.post("/v1/search/batch", files=files).status_code == 503
    finally:
        shards.silent = False
    whole = client.post("/v1/search", data={**asked, "allow_partial": True}).json()
    assert whole["partial"] is False
    assert len(whole["matches"]) == COUNT


def test_a_search_that_waits_for_a_shard_holds_up_nothing_else(
    client: httpx.Client, shards: Silencing, ids: list[int]
) -> None:
    shards.asked.clear()
    shards.let_go.clear()
    found: list[int] = []
    waiting = threading.Thread(
        target=lambda: found.append(client.post("/v1/search", data={"image_id": ids[0]}).status_code)
    )
    waiting.start()
    try:
        assert shards.asked.wait(HANG_GUARD)
        assert client.get(f"/v1/images/{ids[1]}").json()["image_id"] == ids[1]
        assert client.get("/readyz").status_code == 200
        assert not found
    finally:
        shards.let_go.set()
        waiting.join()
    assert found == [200]


def test_a_search_reads_the_table_once(
    client: httpx.Client, ids: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each read of an object store takes its time and costs money, and so does asking for the version."""
    asked: list[str] = []
    read, version = lance.LanceDataset.to_table, lance.LanceDataset.latest_version.fget

    def counted(dataset: lance.LanceDataset, *arguments: Any, **named: Any) -> Any:
        asked.append("rows")
        return read(dataset, *arguments, **named)

    def looked(dataset: lance.LanceDataset) -> Any:
        asked.append("version")
        return version(dataset)

    picture = encoded(draw(2).resize((60, 45)), "JPEG")
    monkeypatch.setattr(lance.LanceDataset, "to_table", counted)
    monkeypatch.setattr(lance.LanceDataset, "latest_version", property(looked))
    found = client.post("/v1/search", files={"file": ("small.jpg", picture)}).json()["matches"]
    assert (found[0]["image_id"], found[0]["verdict"]) == (ids[2], "copy")
    assert sum(match["evidence"] is not None for match in found) > 1
    assert sorted(asked) == ["rows", "version"]


def test_no_recall_is_sampled_of_a_table_that_is_too_large(
    shards: Silencing, ids: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By an exact search, every ten seconds in every router: all shards would do little else."""
    serving = serving_of(shards.shards[0]._table.uri)
    collection = TableCollection(Table.open(serving.uri), shards, serving.settings)  # type: ignore[arg-type]
    asked = service.ClusterService("one", collection, Means(serving.settings, 8), is_public)
    try:
        for most, remembered in ((COUNT - 1, 0), (COUNT, 1)):
            monkeypatch.setattr(service, "_SAMPLED", most)
            asyncio.run(asked.search_shards(ids[0], Question(), allow_partial=False))
            assert len(asked.sampler._queries) == remembered
    finally:
        asked.close()


def test_recall_is_sampled_on_after_a_shard_was_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sampler is told that a shard did not answer; its next query is compared all the same."""
    monkeypatch.setattr(sampling, "_EVERY", 0.01)
    index = LSHIndex(2)
    index.add([1, 2], np.eye(2, dtype=np.float32))
    answers: Iterator[LSHIndex | None] = iter([None, index])
    told: list[float] = []

    def current() -> LSHIndex:
        found = next(answers)
        if found is None:
            raise Busy("1 of 2 shards did not answer")
        return found

    async def sample() -> None:
        pipeline = Pipeline(1)
        sampler = sampling.RecallSampler(pipeline, current, Gauge("recall", "", registry=None))
        for vector in np.eye(2, dtype=np.float32):
            sampler.remember(vector)
        running = asyncio.create_task(sampler.run())
        while sampler.recall is None and not running.done():
            await asyncio.sleep(0.01)
        running.cancel()
        told.append(sampler.recall or 0)
        pipeline.close()

    asyncio.run(asyncio.wait_for(sample(), HANG_GUARD))
    assert told == [1.0]
