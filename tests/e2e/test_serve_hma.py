"""The routes of Hasher-Matcher-Actioner, asked as its clients ask, against what they publish."""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing
from typing import Any

import numpy as np
import pdqhash
import pytest

from hostile import encoded
from pictures import draw
from program import Program
from served import Served, serving

IMAGE = draw(5, 600, 400)
BITS, _ = pdqhash.compute(np.asarray(IMAGE))
PDQ = np.packbits(BITS.astype(bool)).tobytes().hex()
NEAR = f"{int(PDQ, 16) ^ 0b111_0000_1111:064x}"  # 7 bits away
FAR = f"{int(PDQ, 16) ^ (2**32 - 1):064x}"  # 32 bits away
PICTURE = encoded(IMAGE, "PNG")
JSON = {"Content-Type": "application/json"}


def started(program: Program) -> AbstractContextManager[Served]:
    assert program.here("bank", "create", "EMPTY").code == 0
    return serving(program)


@pytest.fixture
def server(program: Program) -> Iterator[Served]:
    with started(program) as running:
        yield running


@pytest.fixture(scope="module")
def unchanged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server that is asked for nothing but what it refuses or computes: its bank stays empty."""
    with started(Program(tmp_path_factory.mktemp("unchanged"))) as running:
        yield running


def get(server: Served, path: str, **query: object) -> Any:
    answer = server.client.get(path, params={name: str(value) for name, value in query.items()})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_client_makes_a_bank_fills_it_and_looks_things_up(server: Served) -> None:
    client = server.client
    assert client.get("/status").text == client.get("/status/live").text == "I-AM-ALIVE"
    made = client.post("/c/banks", json={"name": "BAD"})
    assert (made.status_code, made.json()) == (201, {"name": "BAD", "matching_enabled_ratio": 1.0})
    assert get(server, "/c/banks") == [
        {"name": "BAD", "matching_enabled_ratio": 1.0}, {"name": "EMPTY", "matching_enabled_ratio": 1.0},
    ]  # fmt: skip
    assert client.post("/h/hash", files={"photo": ("a.png", PICTURE)}).json() == {"pdq": PDQ}
    added = client.post("/c/bank/BAD/content", files={"photo": ("a.png", PICTURE)}).json()
    assert added["signals"] == {"pdq": PDQ}
    identity = added["id"]
    other = client.post("/c/bank/BAD/signal", json={"video_md5": 32 * "a"}).json()["id"]
    assert get(server, "/m/lookup", signal=NEAR, signal_type="pdq") == {
        "BAD": [{"bank_content_id": identity, "distance": "7"}]
    }
    assert get(server, "/m/lookup", signal=FAR, signal_type="pdq") == {}
    assert get(server, "/m/lookup", signal=PDQ, signal_type="pdq", banks="EMPTY,OTHER") == {}
    assert get(server, "/m/lookup", signal=32 * "a", signal_type="video_md5") == {
        "BAD": [{"bank_content_id": other, "distance": "-"}]
    }
    smaller = encoded(IMAGE.resize((300, 200)), "JPEG", quality=80)
    found = client.post("/m/lookup", files={"photo": ("a.jpg", smaller)}).json()
    ((bank, (match,)),) = found["pdq"].items()
    assert (bank, match["bank_content_id"]) == ("BAD", identity)
    assert 0 <= int(match["distance"]) <= 31
    assert get(server, "/m/raw_lookup", signal=NEAR, signal_type="pdq") == {"matches": [identity]}
    assert get(server, "/m/raw_lookup", signal=NEAR, signal_type="pdq", include_distance="true") == {
        "matches": [{"bank_content_id": identity, "distance": "7"}]
    }
    status = get(server, "/m/index/status")
    assert {name: (one["present"], one["size"]) for name, one in status.items()} == {
        "pdq": (True, 1), "video_md5": (True, 1), "video_sha256": (True, 0),
    }  # fmt: skip
    content = {
        "id": identity, "bank": {"name": "BAD", "matching_enabled_ratio": 1.0},
        "disable_until_ts": 1, "original_media_uri": None,
    }  # fmt: skip
    assert get(server, f"/c/bank/BAD/content/{identity}") == content
    assert get(server, f"/c/bank/BAD/content/{identity}", include_signals="true") == {
        **content, "signals": {"pdq": PDQ},
    }  # fmt: skip
    assert client.delete(f"/c/bank/BAD/content/{identity}").json() == {"deleted": 1}
    assert client.delete(f"/c/bank/BAD/content/{identity}").json() == {"deleted": 0}
    assert client.get(f"/c/bank/BAD/content/{identity}").status_code == 404
    assert get(server, "/m/lookup", signal=PDQ, signal_type="pdq") == {}
    for _ in range(2):
        assert client.delete("/c/bank/BAD").json() == {"message": "Done"}
    assert client.get("/c/bank/BAD").status_code == 404


def test_disabled_and_negative_banks_are_not_named(program: Program, server: Served) -> None:
    client = server.client
    client.post("/c/banks", json={"name": "OFF", "enabled_ratio": 0})
    client.post("/c/bank/OFF/signal", json={"pdq": PDQ})
    assert get(server, "/c/bank/OFF") == {"name": "OFF", "matching_enabled_ratio": 0.0}
    assert get(server, "/m/lookup", signal=PDQ, signal_type="pdq") == {}
    assert len(get(server, "/m/raw_lookup", signal=PDQ, signal_type="pdq")["matches"]) == 1
    assert client.put("/c/bank/OFF", json={"enabled": True}).json()["matching_enabled_ratio"] == 1.0
    assert set(get(server, "/m/lookup", signal=PDQ, signal_type="pdq")) == {"OFF"}
    program.here("bank", "create", "harmless", "--negative")
    program.here("bank", "add", "harmless", "--hash", f"pdq:{NEAR}")
    assert get(server, "/m/lookup", signal=PDQ, signal_type="pdq") == {}
    assert client.post("/m/lookup", files={"photo": ("a.png", PICTURE)}).json() == {"pdq": {}}


def test_without_an_enabled_bank_nothing_is_known(server: Served) -> None:
    assert server.client.put("/c/bank/EMPTY", json={"enabled": False}).status_code == 200
    for sent in ({}, {"params": {"bypass_coinflip": "true"}}):
        answer = server.client.post("/m/lookup", files={"photo": ("a.png", PICTURE)}, **sent)
        assert (answer.status_code, answer.json()) == (200, {"pdq": {}})


def test_who_bypasses_the_ratio_asks_banks_that_are_not_enabled(server: Served) -> None:
    client = server.client
    client.post("/c/banks", json={"name": "ON"})
    client.post("/c/banks", json={"name": "OFF", "enabled": False})
    for name in ("ON", "OFF"):
        client.post(f"/c/bank/{name}/signal", json={"pdq": PDQ})
    for bypassed, known in (("false", {"ON"}), ("true", {"ON", "OFF"})):
        asked = {"bypass_coinflip": bypassed}
        photo = client.post("/m/lookup", params=asked, files={"photo": ("a.png", PICTURE)}).json()
        assert set(photo["pdq"]) == known
        assert set(get(server, "/m/lookup", signal=PDQ, signal_type="pdq", **asked)) == known


def test_a_video_is_known_by_its_bytes(server: Served) -> None:
    client, video = server.client, {"video": ("a.mp4", b"no picture")}
    md5 = hashlib.md5(b"no picture").hexdigest()
    assert client.post("/h/hash", files=video).json() == {"video_md5": md5}
    assert client.post("/m/lookup", files=video).json() == {"video_md5": {}}
    added = client.post("/c/bank/EMPTY/content", files=video, data={"note": "case 17"}).json()
    assert added["signals"] == {"video_md5": md5}
    assert get(server, f"/c/bank/EMPTY/content/{added['id']}")["note"] == "case 17"
    found = {"EMPTY": [{"bank_content_id": added["id"], "distance": "-"}]}
    assert client.post("/m/lookup", files=video).json() == {"video_md5": found}


def test_notes_are_kept_changed_and_taken_away(program: Program, server: Served) -> None:
    client = server.client
    added = client.post("/c/bank/EMPTY/signal", json={"pdq": PDQ, "note": "case 17"}).json()
    place = f"/c/bank/EMPTY/content/{added['id']}"
    assert get(server, place)["note"] == "case 17"
    changed = client.put(place, json={"note": "case 18"}).json()
    assert changed == {
        "id": added["id"], "note": "case 18", "disable_until_ts": 1, "original_media_uri": None,
        "bank": {"name": "EMPTY", "matching_enabled_ratio": 1.0}, "collab_metadata": {},
        "user_metadata": None,
    }  # fmt: skip
    assert client.put(place, json={"disable_until_ts": 1}).json() == changed
    assert client.put("/c/bank/EMPTY/content/99", json={"note": "x"}).status_code == 404
    (entry,) = program.here("bank", "list", "EMPTY", "--json").json["entries"]
    assert entry["note"] == "case 18"
    assert program.here("verify").code == 0
    assert client.put(place, json={"note": ""}).json()["note"] is None
    assert "note" not in get(server, place)


def test_metadata_are_kept_and_go_with_their_entry(program: Program, server: Served) -> None:
    client, place = server.client, "/c/bank/EMPTY/content"
    given = {"content_id": "x1", "json": {"a": {"b": [1, None]}}}
    sent = {"files": {"photo": ("a", PICTURE)}, "data": {"metadata": json.dumps(given), "note": "n"}}
    added = client.post(place, **sent).json()["id"]
    found = get(server, f"{place}/{added}")
    assert found["metadata"] == {**given, "content_uri": None, "collab": None}
    assert found["note"] == "n"
    assert "metadata" not in get(server, f"{place}/{added}", include_metadata="false")
    assert client.put(f"{place}/{added}", json={"note": "m"}).json()["user_metadata"] == given
    with closing(sqlite3.connect(program.collection / "catalog.sqlite")) as catalog:
        assert catalog.execute("SELECT count(*) FROM entry_metadata").fetchone() == (1,)
    assert program.here("verify").code == 0
    client.delete(f"{place}/{added}")
    with closing(sqlite3.connect(program.collection / "catalog.sqlite")) as catalog:
        assert catalog.execute("SELECT count(*) FROM entry_metadata").fetchone() == (0,)


def test_a_bank_gets_another_name_unless_that_is_taken(server: Served) -> None:
    client = server.client
    client.post("/c/banks", json={"name": "OLD"})
    client.post("/c/bank/OLD/signal", json={"pdq": PDQ})
    assert client.post("/c/banks", json={"name": "OLD"}).status_code == 403
    refused = client.put("/c/bank/OLD", json={"name": "EMPTY", "enabled": False})
    assert (refused.status_code, refused.json()["message"]) == (403, "there is a bank 'EMPTY' already")
    assert get(server, "/c/bank/OLD")["matching_enabled_ratio"] == 1.0
    assert client.put("/c/bank/OLD", json={"name": "NEW", "enabled": True}).json() == {
        "name": "NEW", "matching_enabled_ratio": 1.0,
    }  # fmt: skip
    assert client.get("/c/bank/OLD").status_code == 404
    assert set(get(server, "/m/lookup", signal=PDQ, signal_type="pdq")) == {"NEW"}


def test_pictures_in_banks_are_found_too(program: Program, server: Served) -> None:
    path = program.home / "known.png"
    path.write_bytes(PICTURE)
    program.here("bank", "add", "EMPTY", path)
    found = server.client.post("/m/lookup", files={"photo": ("a.png", PICTURE)}).json()
    assert set(found["picture"]) == {"EMPTY"}
    assert re.fullmatch(r"\d+", str(found["picture"]["EMPTY"][0]["bank_content_id"]))


def test_hashes_are_compared(unchanged: Served) -> None:
    pairs = {"pdq": [PDQ, NEAR], "video_sha256": [64 * "0", 64 * "1"], "video_md5": [32 * "0", 32 * "0"]}
    assert unchanged.client.post("/m/compare", json=pairs).json() == {
        "pdq": [True, {"distance": 7}],
        "video_sha256": [False, {"distance": None}],
        "video_md5": [True, {"distance": None}],
    }
    assert unchanged.client.post("/m/compare", json={"pdq": [PDQ, FAR]}).json() == {
        "pdq": [False, {"distance": 32}]
    }


@pytest.mark.parametrize(
    ("method", "path", "options"),
    [
        ("GET", "/m/lookup", {}),
        ("GET", "/m/index/status?signal_type=none", {}),
        ("GET", "/h/hash?url=http://127.0.0.1:1/&content_type=none", {}),
        ("GET", "/h/hash?url=http://127.0.0.1:1/&types=video_md5", {}),
        ("POST", "/m/compare", {"json": {"pdq": "x"}}),
        (
            "POST",
            "/m/compare",
            {"content": b'{"pdq":["x",' + 900 * b"[" + 900 * b"]" + b"]}", "headers": JSON},
        ),
        ("POST", "/m/compare", {"content": 9000 * b"[", "headers": JSON}),
        ("POST", "/m/compare", {"json": {"none": [PDQ, PDQ]}}),
        ("POST", "/c/bank/EMPTY/signal", {"json": {"none": PDQ}}),
        ("POST", "/c/bank/EMPTY/signal", {"json": {"pdq": PDQ, "none": 32 * "a"}}),
        ("POST", "/c/bank/EMPTY/signal", {"json": {"pdq": PDQ, "note": "two\nlines"}}),
        ("POST", "/c/bank/EMPTY/content", {"json": {"note": 5}}),
        ("POST", "/c/bank/EMPTY/content", {"json": {"metadata": [1]}}),
        ("POST", "/c/bank/EMPTY/content", {"files": {"photo": ("a", PICTURE)}, "data": {"metadata": "{"}}),
        (
            "POST",
            "/c/bank/EMPTY/content",
            {
                "files": {"photo": ("a", PICTURE)},
                "data": {"metadata": json.dumps({"content_id": 9000 * "x"})},
            },
        ),
        (
            "POST",
            "/c/bank/EMPTY/content",
            {
                "files": {"photo": ("a", PICTURE)},
                "data": {"metadata": '{"invalid": 5}'},
            },
        ),
        ("PUT", "/c/bank/EMPTY", {"json": {"name": "../x"}}),
        ("GET", "/m/lookup?signal_type=pdq&signal=12", {}),
        ("GET", "/m/lookup?signal_type=none&signal=12", {}),
        ("GET", "/m/lookup?url=file:///etc/passwd", {}),
        ("GET", "/h/hash?url=http://127.0.0.1:1/", {}),
        ("POST", "/h/hash", {"files": {"photo": ("a", b"text")}}),
        ("POST", "/h/hash", {"files": {"photo": ("a", encoded(draw(1).resize((1, 1)), "PNG"))}}),
        ("POST", "/m/compare", {"json": {"pdq": [PDQ]}}),
        ("POST", "/m/compare", {"json": {"pdq": [PDQ, "x"]}}),
        ("POST", "/m/compare", {"json": []}),
        ("POST", "/c/banks", {"json": {"name": "../x"}}),
        ("POST", "/c/banks", {"json": {"name": "X", "enabled_ratio": 1.5}}),
        ("POST", "/c/bank/EMPTY/content", {}),
        ("POST", "/c/bank/EMPTY/signal", {"json": {}}),
        ("POST", "/c/bank/EMPTY/signal", {"json": {"pdq": "12"}}),
    ],
)
def test_what_makes_no_sense_is_a_problem(
    unchanged: Served, method: str, path: str, options: dict[str, Any]
) -> None:
    answer = unchanged.client.request(method, path, **options)
    assert answer.status_code == 400, answer.text
    assert answer.json()["message"] == answer.json()["detail"]
    assert answer.headers["content-type"] == "application/problem+json"
    assert get(unchanged, "/m/index/status")["pdq"]["size"] == 0


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/m/compare"),
        ("POST", "/c/banks"),
        ("PUT", "/c/bank/EMPTY"),
        ("POST", "/c/bank/EMPTY/signal"),
        ("POST", "/h/hash"),
    ],
)
def test_a_body_of_very_many_values_is_refused_before_it_is_read(
    unchanged: Served, method: str, path: str
) -> None:
    """A body of 54 MB took 10 GB once it was read."""
    before = unchanged.memory()
    body = b'{"pdq":[' + b"[]," * 10_000_000 + b"1]}"
    answer = unchanged.client.request(
        method, path, content=body, headers={"Content-Type": "application/json"}
    )
    assert (answer.status_code, "10,000 values" in answer.text) == (400, True), answer.text
    # The values would take 640 MB. What the server loads after its start, and the body, take up to 200 MB.
    assert unchanged.memory() < before + 300_000_000
