"""What clients of Hasher-Matcher-Actioner disable, sample and configure, against what it publishes."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from typing import Any

import httpx
import numpy as np
import pdqhash
import pytest

from hostile import encoded
from pictures import draw
from program import Program
from served import Served, serving
from waiting import HANG_GUARD

PDQ, MD5, SHA256 = 32 * "f8", 32 * "a", 64 * "b"
IMAGE = draw(5, 600, 400)
PICTURE = encoded(IMAGE, "PNG")
PICTURE_PDQ = np.packbits(pdqhash.compute(np.asarray(IMAGE))[0].astype(bool)).tobytes().hex()


@pytest.fixture
def server(program: Program) -> Iterator[Served]:
    assert program.here("bank", "create", "BAD").code == 0
    with serving(program) as running:
        yield running


def get(server: Served, path: str, **query: object) -> Any:
    answer = server.client.get(path, params={name: str(value) for name, value in query.items()})
    assert answer.status_code == 200, answer.text
    return answer.json()


def add(server: Served, bank: str = "BAD", **signals: str) -> int:
    answer = server.client.post(f"/c/bank/{bank}/signal", json=signals)
    assert answer.status_code == 200, answer.text
    return int(answer.json()["id"])


def listed(server: Served) -> Any:
    return get(server, "/v1/banks/BAD/entries")["entries"]


def known(server: Served, signal: str, signal_type: str, **query: object) -> Any:
    return get(server, "/m/lookup", signal=signal, signal_type=signal_type, **query)


def test_a_content_is_disabled_for_ever_or_for_a_time(program: Program, server: Served) -> None:
    client, one = server.client, add(server, pdq=PICTURE_PDQ)
    place, found = f"/c/bank/BAD/content/{one}", {"BAD": [{"bank_content_id": one, "distance": "0"}]}
    assert known(server, PICTURE_PDQ, "pdq") == found
    assert client.put(place, json={"disable_until_ts": 0}).json()["disable_until_ts"] == 0
    assert get(server, place)["disable_until_ts"] == 0
    assert known(server, PICTURE_PDQ, "pdq") == {}
    assert client.post("/m/lookup", files={"photo": ("a.png", PICTURE)}).json() == {"pdq": {}}
    checked = client.post("/v1/check", files={"file": ("a.png", PICTURE)}).json()
    assert (checked["reported"], checked["results"][0]["matches"]) == (False, [])
    assert get(server, "/m/raw_lookup", signal=PICTURE_PDQ, signal_type="pdq") == {"matches": [one]}
    (entry,) = listed(server)
    assert entry["disabled_until"] == 0
    assert f"{PICTURE_PDQ} (disabled)" in program.here("bank", "list", "BAD").out
    assert client.put(place, json={"disable_until_ts": 1}).json()["disable_until_ts"] == 1
    assert known(server, PICTURE_PDQ, "pdq") == found
    assert client.post("/v1/check", files={"file": ("a.png", PICTURE)}).json()["reported"] is True
    for wrong in (-1, int(time.time()) + 6 * 365 * 86_400, "soon"):
        assert client.put(place, json={"disable_until_ts": wrong}).status_code in (400, 422)
    until = int(time.time()) + 3600
    assert client.put(place, json={"disable_until_ts": str(until)}).json()["disable_until_ts"] == until
    assert known(server, PICTURE_PDQ, "pdq") == {}
    assert add(server, pdq=PICTURE_PDQ) == one
    program.here("bank", "add", "BAD", "--hash", f"pdq:{PICTURE_PDQ}")
    assert known(server, PICTURE_PDQ, "pdq") == {}  # a list that comes again does not undo it
    assert program.here("verify").code == 0


def test_only_who_may_remove_a_content_may_disable_it(program: Program) -> None:
    program.here("bank", "create", "BAD")
    tokens = {
        role: program.here("token", "create", role, "--role", role).out.strip() for role in ("add", "admin")
    }
    with serving(program) as server:

        def put(role: str, **change: object) -> httpx.Response:
            headers = {"Authorization": f"Bearer {tokens[role]}"}
            return server.client.put("/c/bank/BAD/content/1", json=change, headers=headers)

        headers = {"Authorization": f"Bearer {tokens['add']}"}
        assert server.client.post("/c/bank/BAD/signal", json={"pdq": PDQ}, headers=headers).status_code == 200
        assert put("add", note="seen").json()["note"] == "seen"
        refused = put("add", disable_until_ts=0, note="gone")
        assert (refused.status_code, "role admin; yours has add" in refused.json()["message"]) == (403, True)
        changed = put("admin", disable_until_ts=0).json()
        assert (changed["disable_until_ts"], changed["note"]) == (0, "seen")


def test_a_picture_that_is_disabled_comes_back_at_its_time(program: Program, server: Served) -> None:
    path = program.home / "known.png"
    path.write_bytes(PICTURE)
    (added,) = program.here("bank", "add", "BAD", path, "--json").json["added"]
    assert added["known"] is False
    (entry,) = listed(server)

    def reported() -> bool:
        return bool(server.client.post("/v1/check", files={"file": ("a", PICTURE)}).json()["reported"])

    assert reported()
    until = int(time.time()) + 4
    place = f"/c/bank/BAD/content/{entry['entry_id']}"
    assert server.client.put(place, json={"disable_until_ts": until}).status_code == 200
    if not reported():  # else the machine was so slow that the time is over
        assert listed(server)[0]["disabled_until"] == until
    end = time.monotonic() + HANG_GUARD
    while not reported():
        assert time.monotonic() < end
        time.sleep(0.5)
    assert time.time() >= until


def test_a_content_has_several_hashes(program: Program, server: Served) -> None:
    client = server.client
    sent = {"pdq": PDQ, "video_md5": MD5, "note": "case 17"}
    added = client.post("/c/bank/BAD/signal", json=sent).json()
    assert added["signals"] == {"pdq": PDQ, "video_md5": MD5}
    one, place = added["id"], f"/c/bank/BAD/content/{added['id']}"
    assert get(server, place, include_signals="true")["signals"] == {"pdq": PDQ, "video_md5": MD5}
    for kind, value, distance in (("pdq", PDQ, "0"), ("video_md5", MD5, "-")):
        assert known(server, value, kind) == {"BAD": [{"bank_content_id": one, "distance": distance}]}
        assert get(server, "/m/raw_lookup", signal=value, signal_type=kind) == {"matches": [one]}
    assert add(server, video_md5=MD5, video_sha256=SHA256) == one  # it joins what it was added with
    assert set(get(server, place, include_signals="true")["signals"]) == {"pdq", "video_md5", "video_sha256"}
    other = add(server, pdq=64 * "0")
    assert other != one
    for clash, words in (
        ({"pdq": 64 * "0", "video_md5": MD5}, f"in several contents: {one}, {other}"),
        ({"pdq": 64 * "1", "video_md5": MD5}, f"content {one} has another hash of type pdq"),
    ):
        refused = client.post("/c/bank/BAD/signal", json=clash)
        assert (refused.status_code, words in refused.json()["message"]) == (400, True), refused.text
    assert known(server, 64 * "1", "pdq") == {}  # nothing of a request that was refused is there
    client.put(place, json={"disable_until_ts": 0, "note": "wrong"})
    assert known(server, PDQ, "pdq") == known(server, MD5, "video_md5") == {}
    (second,) = (each["entry_id"] for each in listed(server) if each["kind"] == "md5")
    assert client.delete(f"/c/bank/BAD/content/{second}").json() == {"deleted": 0}  # no content, as for GET
    assert client.get(f"/c/bank/BAD/content/{second}").status_code == 404
    notes = [entry["note"] for entry in listed(server)]
    assert notes == ["wrong", "wrong", "wrong", ""]
    assert client.put(place, json={"note": None}).json()["note"] is None
    assert client.delete(place).json() == {"deleted": 1}
    assert client.delete(place).json() == {"deleted": 0}
    assert [entry["kind"] for entry in listed(server)] == ["pdq"]
    assert program.here("verify").code == 0


def test_a_hash_that_joins_a_disabled_content_is_disabled_too(server: Served) -> None:
    one = add(server, pdq=PDQ)
    place = f"/c/bank/BAD/content/{one}"
    until = int(time.time()) + 3600
    server.client.put(place, json={"disable_until_ts": until})
    assert add(server, pdq=PDQ, video_md5=MD5) == one
    assert [each["disabled_until"] for each in listed(server)] == [until, until]
    assert known(server, MD5, "video_md5") == {}
    server.client.put(place, json={"disable_until_ts": 1})
    assert known(server, MD5, "video_md5") == {"BAD": [{"bank_content_id": one, "distance": "-"}]}


def test_a_ratio_asks_a_bank_in_that_share_of_lookups(program: Program, server: Served) -> None:
    client = server.client
    made = client.post("/c/banks", json={"name": "HALF", "enabled_ratio": 0.5}).json()
    assert made == {"name": "HALF", "matching_enabled_ratio": 0.5}
    client.post("/c/banks", json={"name": "RARE", "enabled_ratio": 0.125})
    for name in ("BAD", "HALF", "RARE"):
        add(server, name, pdq=PICTURE_PDQ)
    asked = [set(known(server, PICTURE_PDQ, "pdq", seed=seed)) for seed in range(64)]
    coins = [random.Random(str(seed)).random() for seed in range(64)]
    assert asked == [
        {"BAD"} | ({"HALF"} if coin <= 0.5 else set()) | ({"RARE"} if coin <= 0.125 else set())
        for coin in coins
    ]
    assert {len(one) for one in asked} == {1, 2, 3}
    assert set(known(server, PICTURE_PDQ, "pdq", bypass_coinflip="true")) == {"BAD", "HALF", "RARE"}
    low = next(seed for seed, coin in enumerate(coins) if coin > 0.5)
    photo = client.post("/m/lookup", params={"seed": low}, files={"photo": ("a.png", PICTURE)}).json()
    assert set(photo["pdq"]) == {"BAD"}
    checked = client.post("/v1/check", files={"file": ("a.png", PICTURE)}).json()
    assert [one["reported"] for one in checked["results"]] == [True, True, True]
    (half,) = [bank for bank in get(server, "/v1/banks")["banks"] if bank["name"] == "HALF"]
    assert (half["enabled"], half["ratio"]) == (True, 0.5)
    assert "enabled, 50% of HMA's lookups" in program.here("bank", "list").out
    assert client.put("/c/bank/HALF", json={"name": "NEW"}).json()["matching_enabled_ratio"] == 0.5
    assert client.put("/c/bank/NEW", json={"enabled_ratio": 0}).json()["matching_enabled_ratio"] == 0
    assert program.here("bank", "enable", "NEW", "--json").json["ratio"] == 1
    for wrong in (-0.5, 1.5):
        refused = client.put("/c/bank/NEW", json={"enabled_ratio": wrong})
        assert (refused.status_code, "from 0 to 1" in refused.json()["message"]) == (400, True)


def test_types_are_listed_and_cannot_be_disabled(server: Served) -> None:
    client, one = server.client, add(server, pdq=PDQ)
    assert one >= 1
    types = [{"name": name, "enabled_ratio": 1.0} for name in ("pdq", "video_md5", "video_sha256")]
    assert get(server, "/c/signal_type") == types
    assert get(server, "/c/content_type") == [
        {"name": "photo", "enabled": True}, {"name": "video", "enabled": True},
    ]  # fmt: skip
    index = get(server, "/c/signal_type/index")
    assert {name: (one["db_size"], one["index_size"]) for name, one in index.items()} == {
        "pdq": (1, 1), "video_md5": (0, 0), "video_sha256": (0, 0),
    }  # fmt: skip
    assert (index["pdq"]["index_out_of_date"], index["pdq"]["newest_db_item"]) == (
        False, index["pdq"]["index_built_to"],
    )  # fmt: skip
    assert list(get(server, "/c/signal_type/index", signal_type="pdq")) == ["pdq"]
    enabled = client.put("/c/signal_type/pdq", json={"enabled_ratio": 1.0})
    assert (enabled.status_code, enabled.content) == (204, b"")
    refused = client.put("/c/signal_type/pdq", json={"enabled_ratio": 0.5})
    assert (refused.status_code, "always enabled" in refused.json()["message"]) == (400, True)
    assert client.put("/c/signal_type/none", json={"enabled_ratio": 1}).status_code == 400
    assert client.get("/c/signal_type/index?signal_type=none").status_code == 400
    paths = get(server, "/site-map")
    assert paths == sorted(set(paths))
    assert {"/m/lookup", "/c/banks", "/c/exchanges", "/site-map", "/v1/check"} <= set(paths)


def test_there_are_no_exchanges(server: Served) -> None:
    assert get(server, "/c/exchanges") == get(server, "/c/exchanges/apis") == []
    wanted = {"bank": "FOO", "api": "sample", "api_json": {}}
    for method, path, status in (
        ("POST", "/c/exchanges", 400),
        ("GET", "/c/exchanges/api/fb_threatexchange", 400),
        ("POST", "/c/exchanges/api/fb_threatexchange", 400),
        ("GET", "/c/exchanges/api/fb_threatexchange/schema", 404),
        ("GET", "/c/exchange/FOO", 404),
        ("GET", "/c/exchange/FOO/status", 404),
        ("PUT", "/c/exchange/FOO", 404),
    ):
        answer = server.client.request(method, path, json=None if method == "GET" else wanted)
        assert (answer.status_code, "import its list" in answer.json()["message"]) == (status, True), path
    gone = server.client.delete("/c/exchange/FOO")
    assert (gone.status_code, gone.json()) == (200, {"message": "Exchange deleted"})
