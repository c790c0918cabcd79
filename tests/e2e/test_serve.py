"""What the HTTP API answers, held against the same questions to the collection itself."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageEnhance

import lookalike
from hostile import encoded
from lookalike import Collection, Hasher, Settings
from pictures import draw, write
from program import Program
from served import Served, serving

COUNT = 12
PROBLEM = "application/problem+json"


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """Two folders indexed; nothing may change them."""
    made = Program(tmp_path_factory.mktemp("served"))
    write(made.home / "old", COUNT - 4)
    write(made.home / "new" / "deeper", 4, first_seed=COUNT - 4)
    assert made.here("index", "old", "new").code == 0
    return made


@pytest.fixture(scope="module")
def server(program: Program) -> Iterator[Served]:
    with serving(program) as running:
        yield running


@pytest.fixture(scope="module")
def collection(program: Program) -> Iterator[Collection]:
    with closing(Collection.open(program.collection)) as opened:
        yield opened


def files(program: Program) -> list[Path]:
    return sorted([*(program.home / "old").iterdir(), *(program.home / "new" / "deeper").iterdir()])


def altered(seed: int) -> bytes:
    """A picture of the collection, darker, as JPEG."""
    return encoded(ImageEnhance.Brightness(draw(seed)).enhance(0.7), "JPEG", quality=70)


class TestSearch:
    @pytest.mark.parametrize("exact", [False, True])
    @pytest.mark.parametrize("metric", ["cosine", "euclidean", "manhattan", "hamming", "minkowski:2.5"])
    def test_it_finds_what_the_collection_finds(
        self, metric: str, exact: bool, server: Served, collection: Collection
    ) -> None:
        picture = altered(5)
        expected = collection.search(picture, 4, metric=metric, exact=exact)
        answer = server.search(picture, k=4, metric=metric, exact=exact)
        assert [match["image_id"] for match in answer["matches"]] == [match.image_id for match in expected]
        for match, wanted in zip(answer["matches"], expected, strict=True):
            assert match["rank"] == wanted.rank
            assert match["similarity"] == pytest.approx(wanted.similarity, abs=1e-5)
            assert match["distance"] == pytest.approx(wanted.distance, rel=1e-4, abs=1e-5)
            assert match["paths"] == [str(path) for path in wanted.paths]
            with Image.open(wanted.path) as file:
                assert (match["width"], match["height"]) == file.size
        assert (answer["metric"], answer["exact"], answer["images"]) == (metric, exact, COUNT)
        assert answer["work"] == {"probes": 0, "candidates": 0, "distances": COUNT}
        assert answer["took"]["embed_ms"] > 0
        assert answer["took"]["search_ms"] > 0

    def test_an_image_of_the_collection_finds_itself(self, server: Served, program: Program) -> None:
        for path in files(program):
            first = server.search(path.read_bytes(), k=1)["matches"][0]
            assert first["paths"] == [str(path)]
            again = server.search(first["image_id"], k=2)["matches"]
            assert again[0]["image_id"] == first["image_id"]
            assert again[0]["distance"] == 0

    def test_only_what_is_near_enough(self, server: Served) -> None:
        every = server.search(altered(5), k=COUNT)["matches"]
        border = (every[2]["distance"] + every[3]["distance"]) / 2
        assert server.search(altered(5), k=COUNT, max_distance=border)["matches"] == every[:3]
        assert server.search(altered(5), k=2, max_distance=border)["matches"] == every[:2]

    @pytest.mark.parametrize("place", ["new", "new/deeper"])
    def test_only_what_lies_in_a_folder(self, place: str, server: Served, program: Program) -> None:
        every = server.search(altered(1), k=COUNT)["matches"]
        inside = [match for match in every if match["paths"][0].startswith(str(program.home / "new"))]
        found = server.search(altered(1), k=COUNT, folder=program.home / place)["matches"]
        assert len(found) == 4
        assert [match["image_id"] for match in found] == [match["image_id"] for match in inside]

    def test_several_at_once(self, server: Served) -> None:
        sent = [(f"{seed}.jpg", altered(seed)) for seed in range(6)] + [("notes.txt", b"no picture")]
        answer = server.client.post(
            "/v1/search/batch", data={"k": "3"}, files=[("files", each) for each in sent]
        ).json()
        assert [result["name"] for result in answer["results"]] == [name for name, _ in sent]
        for result, (_, picture) in zip(answer["results"][:-1], sent, strict=False):
            alone = server.search(picture, k=3)["matches"]
            found = result["matches"]
            assert [match["image_id"] for match in found] == [match["image_id"] for match in alone]
            np.testing.assert_allclose(
                [match["distance"] for match in found], [match["distance"] for match in alone], atol=1e-5
            )
        assert answer["results"][-1]["matches"] is None
        assert answer["results"][-1]["problem"]["type"] == "urn:lookalike:problem:unreadable-image"


class TestCompare:
    def test_it_says_what_the_hasher_says(self, server: Served) -> None:
        hasher = Hasher()
        for other in (altered(3), encoded(draw(4), "PNG")):
            first = encoded(draw(3), "PNG")
            wanted = hasher.compare(first, other)
            answer = server.client.post("/v1/compare", files={"a": first, "b": other}).json()
            assert answer.pop("hash_a") == hasher.hash(first)
            assert answer.pop("hash_b") == hasher.hash(other)
            for name in ("distance", "similarity"):
                assert answer.pop(name) == pytest.approx(getattr(wanted, name), abs=1e-6)
            assert wanted.evidence is not None
            evidence = answer.pop("evidence")
            assert evidence["verified"] == wanted.evidence.verified
            assert evidence["words"] == list(wanted.evidence.words)
            assert answer == {
                "verdict": wanted.verdict,
                "p": pytest.approx(wanted.p, rel=1e-3),
                "differing_bits": wanted.differing_bits,
                "bits": 256,
                "same": wanted.same,
                "max_distance": wanted.max_distance,
                "remark": "",
            }

    def test_an_upload_with_an_image_of_the_collection(self, server: Served, program: Program) -> None:
        picture = files(program)[2].read_bytes()
        image_id = server.search(picture, k=1)["matches"][0]["image_id"]
        same = server.client.post("/v1/compare", files={"a": picture}, data={"b_id": image_id}).json()
        assert same["distance"] == pytest.approx(0, abs=1e-6)
        assert same["same"]
        other = server.client.post("/v1/compare", data={"a_id": image_id, "b_id": 1}).json()
        assert other["hash_a"] == same["hash_b"]


class TestImages:
    def test_facts_are_those_of_the_file(self, server: Served, program: Program) -> None:
        for path in files(program)[::4]:
            image_id = server.search(path.read_bytes(), k=1)["matches"][0]["image_id"]
            answer = server.client.get(f"/v1/images/{image_id}").json()
            with Image.open(path) as file:
                assert answer == {
                    "image_id": image_id,
                    "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
                    "format": file.format,
                    "width": file.width,
                    "height": file.height,
                    "paths": [str(path)],
                    "missing": [],
                    "name": path.name,
                    "metadata": {},
                    "tags": [],
                    "files_missing": False,
                }

    def test_a_thumbnail_is_the_picture_made_small(self, server: Served, program: Program) -> None:
        picture = draw(1, 640, 480)
        (program.home / "large.png").write_bytes(encoded(picture, "PNG"))
        assert program.here("index", "large.png").code == 0
        image_id = server.search(encoded(picture, "PNG"), k=1)["matches"][0]["image_id"]
        try:
            for side, size in ((160, (160, 120)), (320, (320, 240))):
                answer = server.client.get(f"/v1/images/{image_id}/thumbnail", params={"size": side})
                assert answer.headers["content-type"] == "image/webp"
                shown = Image.open(io.BytesIO(answer.content))
                assert shown.size == size
                wanted = picture.resize(size, Image.Resampling.LANCZOS)
                difference = np.abs(np.asarray(shown, float) - np.asarray(wanted, float))
                assert difference.mean() < 8
                again = server.client.get(
                    f"/v1/images/{image_id}/thumbnail",
                    params={"size": side},
                    headers={"If-None-Match": answer.headers["etag"]},
                )
                assert (again.status_code, again.content) == (304, b"")
        finally:
            assert program.here("remove", "large.png").code == 0

    def test_the_original_is_the_file_to_the_byte(self, server: Served, program: Program) -> None:
        types = {".png": "image/png", ".jpg": "image/jpeg", ".webp": "image/webp"}
        for path in files(program)[:3]:
            image_id = server.search(path.read_bytes(), k=1)["matches"][0]["image_id"]
            answer = server.client.get(f"/v1/images/{image_id}/file")
            assert answer.content == path.read_bytes()
            assert answer.headers["content-type"] == types[path.suffix]
            assert answer.headers["content-disposition"] == f"inline; filename*=UTF-8''{path.name}"
            policy = answer.headers["content-security-policy"].split("; ")
            assert policy[0] == "default-src 'none'"
            assert policy[-1] == "sandbox"
            again = server.client.get(
                f"/v1/images/{image_id}/file", headers={"If-None-Match": answer.headers["etag"]}
            )
            assert (again.status_code, again.content) == (304, b"")


class TestState:
    def test_stats(self, server: Served, program: Program, collection: Collection) -> None:
        answer = server.client.get("/v1/stats").json()
        assert answer.pop("recall_sampled") in (None, 1.0)  # by now an earlier search may have been sampled
        assert answer.pop("bytes_on_disk") >= (program.collection / "catalog.sqlite").stat().st_size
        assert answer == {
            "images": COUNT,
            "files": COUNT,
            "folders": [
                {"path": str(program.home / "new"), "files": 4},
                {"path": str(program.home / "old"), "files": COUNT - 4},
            ],
            "embedder": Settings().model,
            "dim": 512,
            "index": "scan",
            "version": lookalike.__version__,
            "metrics": ["cosine", "euclidean", "manhattan", "minkowski", "hamming"],
            "map": False,
            "lacks": [],
        }

    def test_health(self, server: Served) -> None:
        assert server.client.get("/livez").text == "alive\n"
        assert server.client.get("/readyz").text == "ready\n"

    def test_metrics_count(self, server: Served) -> None:
        def counted() -> float:
            return server.metric(r"lookalike_requests_total\{route=\"POST /v1/search\",status=\"200\"\}")

        server.search(altered(1))
        before = counted()
        for _ in range(3):
            server.search(altered(1))
        assert counted() == before + 3
        assert server.metric("lookalike_images") == COUNT
        assert server.metric("lookalike_pictures_in_work") == 0
        assert server.metric("lookalike_request_seconds_count") > 3

    def test_the_log_says_nothing_of_what_was_asked(self, server: Served) -> None:
        server.client.get("/v1/secret-name", params={"secret": "secret-value"})
        server.client.post("/v1/search", data={"url": "http://secret-host.example/secret"})
        server.client.get("/v1/images/7", headers={"User-Agent": "secret-agent"})
        server.client.get("/static/main.js", params={"secret": "secret-value"})
        server.expect_log("GET /v1/images/{image_id} 200")
        server.expect_log("GET /static 200")
        assert "POST /v1/search 422" in server.log
        assert "secret" not in server.log


class TestPages:
    def test_the_page_and_its_parts_come_from_here_alone(self, server: Served) -> None:
        answer = server.client.get("/")
        assert answer.headers["content-type"].startswith("text/html")
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        assert server.client.get("/static/main.js").headers["content-type"].startswith("text/javascript")

    def test_the_documentation_lists_every_route(self, server: Served) -> None:
        described = server.client.get("/openapi.json").json()
        assert described["openapi"].startswith("3.1")
        shown = server.client.get("/docs").text
        for path, methods in described["paths"].items():
            for method in methods:
                assert f"<b>{method.upper()}</b> {path}</h2>" in shown
        assert "https://" not in shown
        assert server.client.get("/docs.css").headers["content-type"].startswith("text/css")

    @pytest.mark.parametrize(
        "path", ["/", "/v1/stats", "/nowhere", "/static/main.js", "/docs", "/v1/images/99"]
    )
    def test_every_answer_has_its_guards(self, path: str, server: Served) -> None:
        headers = server.client.get(path, headers={"Origin": "http://elsewhere.example"}).headers
        assert headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'")
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert not [name for name in headers if name.startswith("access-control")]
        assert "server" not in headers


PICTURE = encoded(draw(0), "PNG")
NO_BOUNDARY = {"Content-Type": "multipart/form-data"}
WRONG: list[tuple[str, dict[str, Any], int, str, str]] = [
    ("/v1/search", {}, 422, "usage-error", "exactly one of file, url, image_id"),
    ("/v1/search", {"data": {"image_id": "1", "url": "http://a.b/"}}, 422, "usage-error", "exactly one"),
    ("/v1/search", {"data": {"image_id": "1", "k": "0"}}, 422, "usage-error", "k:"),
    ("/v1/search", {"data": {"image_id": "1", "k": "101"}}, 422, "usage-error", "k:"),
    ("/v1/search", {"data": {"image_id": "1", "k": "ten"}}, 422, "usage-error", "k:"),
    ("/v1/search", {"data": {"image_id": "1", "metric": "cosin"}}, 422, "usage-error", "unknown metric"),
    ("/v1/search", {"data": {"image_id": "1", "recall": "0"}}, 422, "usage-error", "recall:"),
    ("/v1/search", {"data": {"image_id": "1", "recall": "nan"}}, 422, "usage-error", "recall:"),
    ("/v1/search", {"data": {"image_id": "1", "max_distance": "-1"}}, 422, "usage-error", "max_distance:"),
    ("/v1/search", {"data": {"image_id": "1", "max_distance": "inf"}}, 422, "usage-error", "max_distance:"),
    ("/v1/search", {"data": {"image_id": "1", "exact": "perhaps"}}, 422, "usage-error", "exact:"),
    ("/v1/search", {"data": {"image_id": "1", "folder": "/etc"}}, 422, "usage-error", "no picture of"),
    ("/v1/search", {"data": {"image_id": "1", "folder": "old"}}, 422, "usage-error", "no picture of"),
    ("/v1/search", {"data": {"image_id": "999999"}}, 404, "not-found-error", "no image 999999"),
    ("/v1/search", {"data": {"image_id": str(2**63)}}, 422, "usage-error", "image_id:"),
    ("/v1/search", {"files": {"file": b"text"}}, 422, "unreadable-image", "not a JPEG"),
    ("/v1/search", {"files": {"file": b""}}, 422, "unreadable-image", "empty"),
    ("/v1/search", {"data": {"file": "/etc/passwd"}}, 422, "usage-error", "file:"),
    ("/v1/search", {"data": {"url": "file:///etc/passwd"}}, 422, "fetch-error", "must start with http"),
    ("/v1/search", {"json": {"image_id": 999999}}, 404, "not-found-error", "no image 999999"),
    ("/v1/search", {"content": b"x", "headers": NO_BOUNDARY}, 400, "bad-request", ""),
    ("/v1/search/batch", {}, 422, "usage-error", "files:"),
    ("/v1/search/batch", {"files": [("files", PICTURE)] * 17}, 422, "usage-error", "at most 16"),
    ("/v1/images", {}, 422, "usage-error", "files:"),
    ("/v1/images", {"files": [("files", PICTURE)] * 65}, 422, "usage-error", "at most 64"),
    ("/v1/compare", {"files": {"a": PICTURE}}, 422, "usage-error", "exactly one of b, b_id"),
    ("/v1/compare", {"files": {"a": b"x", "b": PICTURE}}, 422, "unreadable-image", "the first picture: not"),
    ("/v1/compare", {"files": {"a": PICTURE, "b": b"x"}}, 422, "unreadable-image", "the second picture: not"),
    ("/v1/compare", {"data": {"a_id": "1", "b_id": "999999"}}, 404, "not-found-error", "no image 999999"),
    ("/v1/nowhere", {}, 404, "not-found", ""),
    ("/v1/stats", {}, 405, "method-not-allowed", "/v1/stats takes GET, not POST"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "request_", "status", "kind", "detail"), WRONG)
def test_what_is_wrong_is_said(
    path: str, request_: dict[str, Any], status: int, kind: str, detail: str, server: Served
) -> None:
    answer = server.client.post(path, **request_)
    assert answer.headers["content-type"] == PROBLEM
    problem = answer.json()
    assert (answer.status_code, problem["status"]) == (status, status)
    assert problem["type"] == f"urn:lookalike:problem:{kind}"
    assert problem["title"]
    assert detail in problem["detail"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/images/0", 422),
        ("/v1/images/-1", 422),
        ("/v1/images/99999999999999999999", 422),
        ("/v1/images/one", 422),
        ("/v1/images/999999", 404),
        ("/v1/images/999999/thumbnail", 404),
        ("/v1/images/999999/file", 404),
        ("/v1/images/0/file", 422),
        ("/v1/images/1/thumbnail?size=5000", 422),
        ("/v1/images/1/thumbnail?size=x", 422),
        ("/v1/map", 404),
    ],
)
def test_what_is_not_there_is_said(path: str, status: int, server: Served) -> None:
    answer = server.client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, PROBLEM)
    assert answer.json()["detail"]
