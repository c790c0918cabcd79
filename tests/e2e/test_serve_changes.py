"""A collection that changes while it is served: by requests, and by other processes."""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path

import httpx
import pytest

from hostile import encoded
from lookalike import Client, Collection
from pictures import draw, write
from program import Program
from served import Served, serving
from waiting import HANG_GUARD


def post(server: Served, *pictures: bytes) -> dict[str, list[dict[str, object]]]:
    sent = [("files", (f"{place}.png", data)) for place, data in enumerate(pictures)]
    answer = server.client.post("/v1/images", files=sent)
    assert answer.status_code == 200, answer.text
    done: dict[str, list[dict[str, object]]] = answer.json()
    return done


@pytest.fixture
def filled(program: Program) -> Program:
    write(program.home / "pictures", 4)
    assert program.here("index", "pictures").code == 0
    return program


def test_uploads_are_found_at_once_and_kept_by_content(filled: Program) -> None:
    new, known = encoded(draw(50), "PNG"), (filled.home / "pictures" / "picture-0000.png").read_bytes()
    cut = encoded(draw(51), "JPEG")[:300]
    with serving(filled) as server:
        done = post(server, new, b"text", known, new, cut)
        assert [item["name"] for item in done["rejected"]] == ["1.png", "4.png"]
        assert "not a JPEG" in str(done["rejected"][0]["reason"])
        assert "incomplete JPEG" in str(done["rejected"][1]["reason"])
        assert [(item["name"], item["new"]) for item in done["added"]] == [
            ("0.png", True),
            ("2.png", False),
            ("3.png", False),
        ]
        sha256 = hashlib.sha256(new).hexdigest()
        assert done["added"][0]["sha256"] == sha256
        (first,) = server.search(new, k=1)["matches"]
        assert first["image_id"] == done["added"][0]["image_id"] == done["added"][2]["image_id"]
        kept = filled.collection / "uploads" / f"{sha256}.png"
        assert first["paths"] == [str(kept)]
        assert kept.read_bytes() == new
        too = kept.with_name(f"{hashlib.sha256(known).hexdigest()}.png")
        assert sorted(kept.parent.iterdir()) == sorted([kept, too])
        assert too.read_bytes() == known
        assert {"path": str(kept.parent), "files": 2} in server.client.get("/v1/stats").json()["folders"]
        inside = server.search(new, folder=kept.parent)["matches"]
        assert inside[0] == first
        assert [match["image_id"] for match in inside[1:]] == [done["added"][1]["image_id"]]
    with Collection.open(filled.collection) as collection:
        assert collection.search(new, 1)[0].image_id == first["image_id"]
        assert collection.check().problems == []


def test_forgotten_images_are_gone_and_only_uploads_lose_their_file(filled: Program) -> None:
    own = filled.home / "pictures" / "picture-0001.jpg"
    with serving(filled) as server:
        upload = int(str(post(server, encoded(draw(50), "PNG"))["added"][0]["image_id"]))
        indexed = int(server.search(own.read_bytes(), k=1)["matches"][0]["image_id"])
        for image_id in (upload, indexed):
            path = Path(server.client.get(f"/v1/images/{image_id}").json()["paths"][0])
            assert server.client.delete(f"/v1/images/{image_id}").status_code == 204
            assert server.client.delete(f"/v1/images/{image_id}").status_code == 404
            assert server.client.get(f"/v1/images/{image_id}").status_code == 404
            assert server.client.get(f"/v1/images/{image_id}/thumbnail").status_code == 404
            assert server.client.get(f"/v1/images/{image_id}/file").status_code == 404
            assert path.exists() == (image_id == indexed)
        found = server.search(encoded(draw(1), "PNG"), k=10)
        assert found["images"] == 3
        assert not {upload, indexed} & {match["image_id"] for match in found["matches"]}


def test_thumbnail_and_original_show_nothing_but_the_image(filled: Program) -> None:
    path = filled.home / "pictures" / "picture-0000.png"
    with serving(filled) as server:
        image_id = server.search(path.read_bytes(), k=1)["matches"][0]["image_id"]
        path.write_bytes(encoded(draw(99), "PNG"))  # not indexed again
        for what in ("thumbnail", "file"):
            answer = server.client.get(f"/v1/images/{image_id}/{what}")
            assert answer.status_code == 404
            assert "gone or hold something else" in answer.json()["detail"]
        path.unlink()
        facts = server.client.get(f"/v1/images/{image_id}").json()
        assert (facts["paths"], facts["missing"], facts["files_missing"]) == ([str(path)], [str(path)], True)
        (match,) = server.search(image_id, k=1)["matches"]
        assert (match["paths"], match["missing"]) == ([str(path)], [str(path)])


def test_a_map_runs_in_a_sandbox(filled: Program) -> None:
    with serving(filled) as server:
        (filled.collection / "map").mkdir()
        (filled.collection / "map" / "map.html").write_text("<!doctype html><title>map</title>")
        assert server.client.get("/v1/stats").json()["map"] is True
        answer = server.client.get("/v1/map")
        assert answer.text == "<!doctype html><title>map</title>"
        assert answer.headers["content-security-policy"].startswith(
            "sandbox allow-scripts; default-src 'none'"
        )


@pytest.mark.slow
@pytest.mark.parametrize("processes", [1, 2])
def test_what_another_process_indexes_is_found_without_a_restart(processes: int, filled: Program) -> None:
    more = write(filled.home / "more", 12, first_seed=100)
    with serving(filled, "--processes", str(processes), forked=processes == 1) as server:
        assert server.search(more[0].read_bytes())["images"] == 4
        indexing = filled.fork("index", "more", "--quiet")
        seen, end = 0, time.monotonic() + HANG_GUARD
        while seen < len(more):
            assert time.monotonic() < end
            first = server.search(more[seen].read_bytes(), k=1)["matches"][0]
            if first["paths"] == [str(more[seen])]:
                seen += 1
            else:
                time.sleep(0.1)
        out, err = indexing.communicate(timeout=HANG_GUARD)
        assert (indexing.returncode, out, err) == (0, b"", b"")
        for _ in range(4 * processes):  # by new connections, which all processes take
            assert httpx.get(f"{server.url}/v1/stats", timeout=HANG_GUARD).json()["images"] == 16
        if processes > 1:
            assert server.metric(r"lookalike_requests_total\{.*/v1/stats.*\}") == 4 * processes


def test_a_name_that_is_no_text_comes_back_byte_for_byte(program: Program) -> None:
    path = Path(os.fsdecode(os.fsencode(program.home / "pictures") + b"/caf\xe9.png"))
    path.parent.mkdir()
    path.write_bytes(encoded(draw(0), "PNG"))
    assert program.here("index", "pictures").code == 0
    with serving(program) as server:
        (match,) = server.search(path.read_bytes())["matches"]
        assert os.fsencode(match["paths"][0]) == os.fsencode(path)
        assert server.client.get(f"/v1/images/{match['image_id']}").json()["paths"] == match["paths"]
        assert server.client.get(match["thumbnail"]).status_code == 200
        with Client(server.url) as client:
            assert client.search(path)[0].path == path


def test_an_empty_collection_says_so_and_can_be_filled(program: Program) -> None:
    Collection.open(program.collection, create=True).close()
    with serving(program) as server:
        assert server.client.get("/v1/stats").json()["images"] == 0
        answer = server.ask(encoded(draw(1), "PNG"))
        assert (answer.status_code, "is empty" in answer.json()["detail"]) == (404, True)
        post(server, encoded(draw(1), "PNG"))
        assert server.search(encoded(draw(1), "PNG"))["matches"][0]["distance"] == pytest.approx(0, abs=1e-6)
