"""A router with banks: checks and reviews are a collection's, the look back finds pictures of the table.

Shards are in this process; ``test_cluster`` of the browser has banks behind Ray Serve.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from fastapi.routing import iter_route_contexts

from hostile import encoded
from local_shards import LocalShards, local_router
from lookalike import Collection
from lookalike.banks import Banks
from lookalike.cluster.app import Serving, over
from lookalike.cluster.banking import opened
from lookalike.cluster.collection import TableCollection
from lookalike.cluster.copying import table_for
from lookalike.cluster.deployment import Size, app, application, serving_of
from lookalike.cluster.ids import spans
from lookalike.cluster.shard import Shard
from lookalike.cluster.table import Table
from lookalike.embed import load_embedder
from lookalike.errors import EmbedderMismatch, NotFoundError
from lookalike.settings import Settings
from lookalike.web import app as web_app
from pictures import draw
from waiting import HANG_GUARD

pytestmark = pytest.mark.slow

ORIGINAL = encoded(draw(1, 320, 240), "PNG")
COPY = encoded(draw(1, 320, 240).crop((10, 8, 310, 230)), "JPEG")


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Serving:
    """A table, and a collection that has no bank yet."""
    folder = tmp_path_factory.mktemp("banks")
    table = table_for(str(folder / "pictures.lance"), load_embedder("lite0"), "lite0")
    Collection.open(folder / "known", create=True).close()
    return serving_of(table.uri, banks=folder / "known")


@pytest.fixture(scope="module")
def collection(serving: Serving) -> TableCollection:
    table = Table.open(serving.uri)
    shards = LocalShards([Shard(table, span) for span in spans(2)])
    return TableCollection(table, shards, serving.settings)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def routers(serving: Serving, collection: TableCollection) -> Iterator[tuple[httpx.Client, httpx.Client]]:
    """Two routers, which share nothing but the table and the banks' folder."""
    with (
        local_router(over(collection, serving)) as first,
        local_router(over(collection, serving)) as second,
        httpx.Client(base_url=first, timeout=HANG_GUARD) as one,
        httpx.Client(base_url=second, timeout=HANG_GUARD) as other,
    ):
        yield one, other


@pytest.fixture(scope="module")
def ids(routers: tuple[httpx.Client, httpx.Client]) -> list[int]:
    """The images of the table: three pictures, of which a bank will know a copy of the second."""
    files = [("files", (f"{seed}.png", encoded(draw(seed, 320, 240), "PNG"))) for seed in range(3)]
    return [image["image_id"] for image in routers[0].post("/v1/images", files=files).json()["added"]]


@pytest.fixture(scope="module")
def bank(routers: tuple[httpx.Client, httpx.Client], ids: list[int]) -> str:
    """A bank, to which a copy of a picture of the table and the hash of another one are added."""
    one, _ = routers
    assert one.post("/v1/banks", json={"name": "stolen"}).status_code == 201
    digest = hashlib.sha256(encoded(draw(2, 320, 240), "PNG")).hexdigest()
    answer = one.post(
        "/v1/banks/stolen/entries",
        files=[("files", ("copy.jpg", COPY)), ("files", ("new.png", encoded(draw(70), "PNG")))],
        data={"hashes": [f"sha256:{digest}", f"sha256:{'00' * 32}", f"pdq:{'f8' * 32}"]},
    )
    by_hash, unknown, pdq, copy, new = answer.json()["added"]
    assert [[match["image_id"] for match in one["had"]] for one in (by_hash, copy)] == [[ids[2]], [ids[1]]]
    assert [one["known"] for one in (by_hash, unknown, pdq, copy, new)] == [True, False, None, False, False]
    assert (copy["had"][0]["verdict"], new["had"]) == ("copy", [])
    return "stolen"


def test_a_bank_finds_the_tables_copies_and_stays_out_of_the_table(
    routers: tuple[httpx.Client, httpx.Client], bank: str, ids: list[int], collection: TableCollection
) -> None:
    assert sorted(collection.table.ids().tolist()) == sorted(ids)
    again = routers[1].post(f"/v1/banks/{bank}/entries", files={"files": ("1.png", ORIGINAL)}).json()
    (known,) = again["added"]
    assert (known["known"], known["had"][0]["image_id"], known["had"][0]["verdict"]) == (
        True,
        ids[1],
        "identical",
    )


def test_each_router_checks_by_what_another_one_was_told(
    routers: tuple[httpx.Client, httpx.Client], bank: str
) -> None:
    one, other = routers
    small = encoded(draw(1, 320, 240).resize((200, 150)), "JPEG")
    for client, picture, reported in ((other, small, True), (other, encoded(draw(71), "PNG"), False)):
        answer = client.post("/v1/check", files={"file": ("a.jpg", picture)}).json()
        assert (answer["reported"], [result["bank"] for result in answer["results"]]) == (reported, [bank])
    assert one.patch(f"/v1/banks/{bank}", json={"enabled": False}).status_code == 200
    refusal = other.post("/v1/check", files={"file": ("a.jpg", small)})
    assert (refusal.status_code, "no bank is enabled" in refusal.text) == (422, True)
    assert other.patch("/v1/collections/default/banks/stolen", json={"enabled": True}).status_code == 200
    assert one.post("/v1/check", files={"file": ("a.jpg", small)}).json()["reported"] is True
    found = other.get("/m/lookup", params={"signal": "f8" * 32, "signal_type": "pdq"}).json()
    assert [*found] == [bank]


def test_a_reported_upload_waits_for_a_reviewer_of_any_router(
    routers: tuple[httpx.Client, httpx.Client], bank: str
) -> None:
    one, other = routers
    upload = encoded(draw(1, 320, 240).resize((240, 180)), "JPEG")
    answer = one.post("/v1/check", files={"file": ("upload.jpg", upload)}, data={"keep": True}).json()
    case_id = answer["cases"][0]
    (case,) = [case for case in other.get("/v1/reviews").json()["cases"] if case["case_id"] == case_id]
    assert (case["name"], case["bank"], case["state"]) == ("upload.jpg", bank, "waiting")
    for side in ("picture", "known"):
        assert other.get(f"/v1/reviews/{case_id}/{side}").headers["content-type"].startswith("image/")
    decision = {"decision": "not a match", "who": "Ada"}
    for case_id in answer["cases"]:
        assert other.post(f"/v1/reviews/{case_id}/decision", data=decision).status_code == 200
    again = one.post("/v1/check", files={"file": ("upload.jpg", upload)}, data={"keep": True}).json()
    assert (again["reported"], again["cases"]) == (False, [])
    assert one.get("/review").status_code == 200
    assert one.get("/readyz").status_code == 200


def test_without_a_shard_an_entry_is_kept_all_the_same(
    routers: tuple[httpx.Client, httpx.Client],
    bank: str,
    collection: TableCollection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The look back fails, and checks ask no shard."""
    one, _ = routers
    picture = encoded(draw(72), "PNG")
    with monkeypatch.context() as patch:
        patch.setattr(collection._shards, "ask", lambda *_, **__: [None, None])
        answer = one.post(f"/v1/banks/{bank}/entries", files={"files": ("72.png", picture)})
        assert (answer.status_code, "shards" in answer.text) == (503, True)
        assert one.post("/v1/check", files={"file": ("72.png", picture)}).json()["reported"] is True
    (entry,) = one.post(f"/v1/banks/{bank}/entries", files={"files": ("72.png", picture)}).json()["added"]
    assert (entry["known"], entry["had"]) == (False, [])


def test_what_is_still_lacking_is_said(routers: tuple[httpx.Client, httpx.Client], bank: str) -> None:
    one, _ = routers
    assert one.get("/v1/stats").json()["lacks"] == ["duplicates", "map"]
    for path in ("/v1/duplicates", "/v1/collections/default/duplicates", "/v1/map"):
        refusal = one.get(path)
        assert (refusal.status_code, "cluster export" in refusal.json()["detail"]) == (422, True)
    described = one.get("/openapi.json").json()["paths"]
    wanted = {c.path for r in web_app.OWN for c in iter_route_contexts(r.routes) if c.path.startswith("/v1/")}
    assert wanted - described.keys() == {"/v1/duplicates", "/v1/duplicates/decisions"}


def test_routers_stay_where_the_banks_are(serving: Serving) -> None:
    """Any number fits on a node, which has 1 of what binds them to it."""
    routers = application(serving, Size(shards=2, routers=100), "10.0.0.7")._bound_deployment
    (resource,) = routers.ray_actor_options["resources"].items()
    assert resource[0] == "node:10.0.0.7"
    assert 0 < 100 * resource[1] < 1
    assert not application(serving, Size())._bound_deployment.ray_actor_options["resources"]
    described = app({"uri": serving.uri, "banks": str(serving.banks)})._bound_deployment
    assert described.init_args[0].banks == serving.banks


def test_banks_that_cannot_be_used(serving: Serving, tmp_path: Path) -> None:
    table = Table.open(serving.uri)
    with pytest.raises(NotFoundError):
        opened(tmp_path / "none", table, serving.settings)
    with Collection.open(tmp_path / "one", create=True, settings=Settings(tmp_path / "one")) as one:
        Banks(one).create("bank")
        one.bases.own.claim()
    opened(tmp_path / "one", table, replace(serving.settings, threads=1)).close()
    other = Table.create(str(tmp_path / "other.lance"), "tiny", "f" * 64, table.dim)
    with pytest.raises(EmbedderMismatch, match="tiny"):
        opened(tmp_path / "one", other, serving.settings)
