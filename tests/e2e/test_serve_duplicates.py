"""Duplicates over HTTP: answers come at once, from what a scan in the background has seen."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import copies
from program import Program
from served import Served, serving
from waiting import HANG_GUARD


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """Sixteen pictures, some of which are copies of others."""
    program = Program(tmp_path_factory.mktemp("copies"))
    copies.write(program.home / "pictures")
    assert program.here("index", "pictures").code == 0
    return program


@pytest.fixture(scope="module")
def running(filled: Program) -> Iterator[Served]:
    with serving(filled) as running:
        yield running


@pytest.fixture
def server(filled: Program, running: Served) -> Served:
    """It runs for all tests; whatever was decided or uploaded before is forgotten."""
    assert filled.here("duplicates", "--forget-decisions").code == 0
    if (filled.collection / "uploads").exists():
        filled.here("remove", filled.collection / "uploads")
    return running


def _complete(server: Served, **asked: object) -> dict[str, Any]:
    """The answer once everything has been looked at; until then each says how far the scan is."""
    end = time.monotonic() + HANG_GUARD
    while True:
        answer = server.client.get(
            "/v1/duplicates", params={name: str(value) for name, value in asked.items()}
        )
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        assert 0 <= found["looked_at"] <= found["images"] == 16
        if found["complete"]:
            return found
        assert time.monotonic() < end, found
        time.sleep(0.1)


def _stems(answer: dict[str, Any]) -> set[frozenset[str]]:
    return {
        frozenset(Path(path).stem for member in group["members"] for path in member["paths"])
        for group in answer["groups"]
    }


def test_groups_come_with_the_picture_to_keep(server: Served) -> None:
    answer = _complete(server)
    assert _stems(answer) == copies.expected()
    assert (answer["total"], answer["page"], answer["page_size"]) == (4, 1, 20)
    assert answer["looked_at"] == 16
    for group in answer["groups"]:
        ids = [member["image_id"] for member in group["members"]]
        assert group["medoid"] == ids[0]
        assert group["keep"] in ids
        assert group["reason"]
        for member in group["members"][1:]:
            assert member["verdict"] == "copy"
            assert member["evidence"]["verified"]
            assert len(member["evidence"]["matrix"]) == 3
    assert server.client.get("/v1/duplicates", params={"page": "2"}).json()["groups"] == []


def test_decisions_are_remembered(server: Served) -> None:
    pair = frozenset({"1", "1-jpeg-10"})
    (one,) = (group for group in _complete(server)["groups"] if _stems({"groups": [group]}) == {pair})
    ids = [member["image_id"] for member in one["members"]]
    sent = server.client.post("/v1/duplicates/decisions", data={"images": ids, "decision": "not a match"})
    assert (sent.status_code, sent.json()) == (200, {"pairs": 1})
    assert _stems(_complete(server)) == copies.expected() - {frozenset({"1", "1-jpeg-10"})}
    three = next(group for group in _complete(server)["groups"] if len(group["members"]) == 1)
    alone = {"images": [three["medoid"]], "decision": "keep all"}
    assert server.client.post("/v1/duplicates/decisions", data=alone).json() == {"pairs": 1}
    left = copies.expected() - {frozenset({"1", "1-jpeg-10"}), frozenset({"3", "3-again"})}
    assert _stems(_complete(server)) == left


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"images": [1, 999], "decision": "not a match"}, 404),
        ({"images": [1], "decision": "not a match"}, 422),
        ({"images": [1, 2], "decision": "perhaps"}, 422),
        ({"images": [], "decision": "keep all"}, 422),
    ],
)
def test_a_decision_that_makes_no_sense_is_refused(
    fields: dict[str, Any], status: int, server: Served
) -> None:
    assert server.client.post("/v1/duplicates/decisions", data=fields).status_code == status
    assert server.client.get("/v1/duplicates", params={"fpr": "0"}).status_code == 422


def test_new_pictures_are_looked_at_when_it_is_asked_again(server: Served) -> None:
    assert _stems(_complete(server)) == copies.expected()
    added = copies.original(4).rotate(180)
    file = io.BytesIO()
    added.save(file, "PNG")
    sent = server.client.post("/v1/images", files={"files": ("turned.png", file.getvalue())})
    assert sent.status_code == 200
    end = time.monotonic() + HANG_GUARD
    while not (answer := server.client.get("/v1/duplicates").json())["complete"]:
        assert time.monotonic() < end
        time.sleep(0.1)
    assert answer["images"] == 17
    new = _stems(answer) - copies.expected()
    assert len(new) == 1
    assert "4" in new.pop()


def test_similar_pictures_are_added_in_the_background(server: Served) -> None:
    copied = {image for group in _stems(_complete(server)) for image in group}
    answer = _complete(server, similar="true")
    assert copied <= {image for group in _stems(answer) for image in group}


def test_a_collection_without_pictures_has_none(tmp_path: Path) -> None:
    program = Program(tmp_path / "home")
    copies.write(program.home / "pictures")
    assert program.here("index", "pictures/4.png").code == 0
    assert program.here("remove", "pictures").code == 0
    with serving(program) as server:
        answer = server.client.get("/v1/duplicates").json()
    assert (answer["groups"], answer["total"], answer["complete"]) == ([], 0, True)
