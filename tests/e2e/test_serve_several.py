"""One server of two collections: each has its routes, and what limits the server is shared."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from hostile import encoded
from lookalike import Client, Collection
from lookalike.errors import NotFoundError
from lookalike.images import is_public
from lookalike.settings import Settings
from lookalike.web.several import open_all
from pictures import draw, write
from program import Program
from served import Served, serving

validator = pytest.importorskip("openapi_spec_validator")

COUNTS = {"teapots": 3, "trees": 5}


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """With pictures 0 to 2 in one collection and 10 to 14 in the other."""
    made = Program(tmp_path_factory.mktemp("several"))
    for at, (name, count) in enumerate(COUNTS.items()):
        write(made.home / f"{name}-pictures", count, first_seed=10 * at)
        assert made.here("index", "--collection", name, f"{name}-pictures").code == 0
    return made


@pytest.fixture(scope="module")
def server(program: Program) -> Iterator[Served]:
    with serving(
        program, *(word for name in COUNTS for word in ("--collection", f"{name}={name}"))
    ) as running:
        yield running


def test_each_collection_answers_by_its_own_pictures(server: Served, program: Program) -> None:
    assert server.client.get("/v1/collections").json() == {
        "collections": [{"name": name, "images": count} for name, count in COUNTS.items()],
        "several": True,
    }
    for seed, own, other in ((0, "teapots", "trees"), (12, "trees", "teapots")):
        picture = (program.home / f"{own}-pictures" / f"picture-{seed:04}.png").read_bytes()
        files = {"file": ("a.png", picture)}
        found = server.client.post(f"/v1/collections/{own}/search", files=files).json()
        assert found["images"] == COUNTS[own]
        best = found["matches"][0]
        assert best["verdict"] == "identical"
        assert best["path"].endswith(f"{own}-pictures/picture-{seed:04}.png")
        assert best["thumbnail"] == f"/v1/collections/{own}/images/{best['image_id']}/thumbnail"
        assert server.client.get(best["thumbnail"]).headers["content-type"] == "image/webp"
        beside = server.client.post(f"/v1/collections/{other}/search", files=files).json()
        assert beside["images"] == COUNTS[other]
        assert {match["verdict"] for match in beside["matches"]}.isdisjoint({"identical", "copy"})
        stats = server.client.get(f"/v1/collections/{own}/stats").json()
        assert [folder["path"].rpartition("/")[2] for folder in stats["folders"]] == [f"{own}-pictures"]
        listed = server.client.get(f"/v1/collections/{own}/images").json()["images"]
        assert len(listed) == COUNTS[own]
        assert listed[0]["thumbnail"].startswith(f"/v1/collections/{own}/images/")


def test_a_route_of_a_single_collection_says_where_it_is(server: Served) -> None:
    missing = server.client.post("/v1/search", json={"image_id": 1})
    assert missing.status_code == 404
    assert "below /v1/collections/NAME/; GET /v1/collections lists their names" in missing.json()["detail"]
    nowhere = server.client.get("/nothing").json()["detail"]
    assert nowhere == "the server has no such path; GET /openapi.json lists all that it has"


def test_every_kind_of_body_is_taken(server: Served) -> None:
    place = "/v1/collections/trees/search"
    by_json = server.client.post(place, json={"image_id": 1, "k": 1}).json()["matches"]
    picture = {"content": encoded(draw(10), "PNG"), "headers": {"Content-Type": "image/png"}}
    by_bytes = server.client.post(f"{place}?k=1", **picture).json()["matches"]
    lines = {
        "content": b'{"id": 7, "image_id": 1, "k": 1}',
        "headers": {"Content-Type": "application/x-ndjson"},
    }
    by_line = server.client.post(place, **lines).json()
    assert by_line["id"] == 7
    assert by_json[0]["image_id"] == by_bytes[0]["image_id"] == by_line["matches"][0]["image_id"] == 1
    slip = server.client.post(place, data={"image_id": 1, "max_dist": 1})
    assert (slip.status_code, "did you mean max_distance?" in slip.text) == (422, True)


@pytest.mark.parametrize("name", ["nowhere", "TEAPOTS", "..", "teapots%2F..", "a" * 400, "%00", "caf\xe9"])
def test_another_name_is_not_found(name: str, server: Served) -> None:
    answer = httpx.get(f"{server.url}/v1/collections/{name}/stats")
    assert answer.status_code in (404, 422)
    assert answer.headers["content-type"] == "application/problem+json"


def test_nothing_is_asked_of_no_collection(server: Served) -> None:
    for method, path in (("POST", "/v1/search"), ("GET", "/v1/stats"), ("GET", "/m/index/status")):
        assert server.client.request(method, path).status_code == 404


def test_state_and_metrics_are_of_all(server: Served) -> None:
    assert server.client.get("/readyz").text == "ready\n"
    assert server.client.get("/v1/collections/trees/stats").status_code == 200
    shown = server.client.get("/metrics").text
    for name, count in COUNTS.items():
        assert f'lookalike_images{{collection="{name}"}} {count}.0' in shown
    assert 'route="GET /v1/collections/{collection}/stats"' in shown


def test_the_api_is_described_once(server: Served) -> None:
    described = server.client.get("/openapi.json").json()
    validator.validate(described)
    own = [path for path in described["paths"] if path.startswith("/v1/")]
    assert len(own) >= 15
    assert all(path.startswith("/v1/collections") for path in own)
    searching = described["paths"]["/v1/collections/{collection}/search"]["post"]
    assert searching["operationId"] == "search_images"
    assert "application/x-ndjson" in searching["requestBody"]["content"]
    assert searching["tags"] == ["search"]
    (named,) = [one for one in searching["parameters"] if one["in"] == "path"]
    assert named["name"] == "collection"


def test_clients_ask_one_of_them(server: Served, program: Program) -> None:
    with Client(f"{server.url}/v1/collections/trees") as client:
        assert client.search(draw(12), 1)[0].path.name == "picture-0012.png"
        assert len(list(client.images())) == COUNTS["trees"]
    with Client(f"{server.url}/v1/collections/none") as client, pytest.raises(NotFoundError, match="'none'"):
        client.search(draw(12), 1)
    place = f"{server.url}/v1/collections/teapots/"
    done = program.here(
        "search", program.home / "trees-pictures/picture-0012.png", "--server", place, "--json"
    )
    assert done.code == 0, done.err
    assert "teapots-pictures" in done.json["matches"][0]["path"]


def test_what_was_added_to_one_is_not_in_the_other(server: Served) -> None:
    picture = encoded(draw(30), "PNG")
    added = server.client.post("/v1/collections/teapots/images", files={"files": ("a.png", picture)}).json()
    image_id = added["added"][0]["image_id"]

    def best(name: str) -> str:
        files = {"file": ("a.png", picture)}
        found = server.client.post(f"/v1/collections/{name}/search", files=files).json()
        return str(found["matches"][0]["verdict"])

    assert best("teapots") == "identical"
    assert best("trees") not in ("identical", "copy")
    assert server.client.delete(f"/v1/collections/teapots/images/{image_id}").status_code == 204
    assert best("teapots") != "identical"


def test_a_server_of_one_answers_by_both_paths(program: Program) -> None:
    with serving(program, "--collection", "trees") as server:
        assert server.client.get("/v1/collections").json() == {
            "collections": [{"name": "default", "images": 5}], "several": False
        }  # fmt: skip
        plain, named = (
            server.client.get(f"/v1{place}/stats").json() for place in ("", "/collections/default")
        )
        assert plain == named
        assert not any("{collection}" in path for path in server.client.get("/openapi.json").json()["paths"])
    with serving(program, "--collection", "trees=trees", "--processes", "2") as server:
        assert server.client.get("/v1/collections/trees/stats").json()["images"] == COUNTS["trees"]
        assert server.client.get("/v1/stats").json()["images"] == COUNTS["trees"]


def test_room_and_embedder_are_shared(program: Program) -> None:
    folders = {name: program.home / name for name in COUNTS}
    with Collection.open(program.home / "empty", create=True, settings=Settings()):
        pass
    services = open_all({**folders, "empty": program.home / "empty"}, Settings(threads=1), 5, is_public)
    try:
        first, second, empty = services.values()
        assert first.collection.embedder is second.collection.embedder is empty.collection.embedder
        assert first.thumbnails is second.thumbnails
        with first.admission.place(5):
            assert second.admission.full
        assert not second.admission.full
    finally:
        for service in services.values():
            service.close()


def test_what_cannot_be_is_said_at_once(program: Program) -> None:
    for words, code, said in (
        (["trees", "teapots"], 2, "each of several collections needs a name: --collection NAME=trees"),
        (["a=trees", "teapots"], 2, "needs a name: --collection NAME=teapots"),
        (["a=trees", "a=teapots"], 2, "two collections cannot both be called 'a'"),
        (["a=trees", "b=none"], 3, "no collection at"),
    ):
        done = program.here("serve", *(word for given in words for word in ("--collection", given)))
        assert (done.code, said in done.err) == (code, True), done.err


def test_a_folder_with_an_equals_sign_can_be_named(program: Program) -> None:
    folder = Path(program.home / "a=b")
    assert program.here("index", "--collection", folder, "trees-pictures").code == 0
    with serving(program, "--collection", "./a=b") as server:
        assert server.client.get("/v1/stats").json()["images"] == COUNTS["trees"]
