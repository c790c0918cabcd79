"""Callers who hang up in the midst of a batch or of its answer: the server rests, and serves others."""

from __future__ import annotations

import base64
import json
from typing import Any

import httpx
from tally import Attack

import hostile
import pictures
from program import Program
from quitters import at_rest, quit_batch
from served import Served, serving
from waiting import HANG_GUARD

_LINES, _ASKED = 200, 20
_GROWTH = 100 << 20


def in_batches(attack: Attack) -> None:
    """Hang up at every point of a batch, by its end or by a reset; an honest batch is answered beside."""
    program = Program(attack.place / "home")
    pictures.write(program.home / "pictures", _ASKED)
    assert program("index", "pictures").code == 0
    picture = base64.b64encode(hostile.encoded(pictures.draw(3), "PNG")).decode()
    files = [{"id": number, "image": picture} for number in range(_LINES)]
    known = [{"id": number, "image_id": number % _ASKED + 1, "k": 3} for number in range(_LINES)]
    with serving(program) as server:
        first = _honest(server)
        _quit(attack, server, files, known)  # what the server loads at first is no growth
        before = server.memory()
        while attack.goes_on:
            _quit(attack, server, files, known)
            attack.tally.judge(_honest(server) == first, "a batch was answered otherwise than before")
            at_rest(server)
        grown = server.memory() - before
        attack.tally.judge(grown < _GROWTH, f"the server has grown by {grown:,} bytes")
        attack.tally.judge("Traceback" not in server.log, "there is a traceback in the log")
        attack.tally.figures.append(f"memory grew by {grown / 1e6:.0f} MB; log {len(server.log):,} bytes")


def _quit(attack: Attack, server: Served, *batches: list[dict[str, Any]]) -> None:
    """Begin ten batches, and hang up on each somewhere."""
    for _ in range(10):
        sent = attack.dice.choice((attack.dice.random(), 1.0))
        read = attack.dice.choice((0, 1, 7, 50)) if sent == 1.0 else 0
        reset = attack.dice.random() < 0.5
        quit_batch(server, "/v1/search", attack.dice.choice(batches), sent=sent, read=read, reset=reset)


def _honest(server: Served) -> list[Any]:
    """What a batch of searches by images finds; at each line its number and the images."""
    lines = "".join(
        json.dumps({"id": number, "image_id": number, "k": 3}) + "\n" for number in range(1, _ASKED + 1)
    )
    answer = httpx.post(
        f"{server.url}/v1/search",
        content=lines,
        headers={"Content-Type": "application/x-ndjson"},
        timeout=HANG_GUARD,
    )
    found = [json.loads(line) for line in answer.text.splitlines()]
    return [(one["id"], [match["image_id"] for match in one.get("matches", ())]) for one in found]
