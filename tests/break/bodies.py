"""Bodies of requests that cost a server far more than they weigh: refused soon, in little memory."""

from __future__ import annotations

import json
import random
from collections.abc import Callable

import httpx
from tally import Attack

import hostile
import pictures
from program import Program
from served import serving
from waiting import HANG_GUARD

_MOST_GROWTH = 600_000_000  # bytes: a body of 60 MB, its text, and what is made of it
_JSON, _LINES = "application/json", "application/x-ndjson"
_FORM, _MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data; boundary=b"
_ROUTES = (
    "/v1/search", "/v1/search/batch", "/v1/images", "/v1/check", "/v1/compare", "/v1/banks", "/h/hash",
    "/m/compare", "/m/lookup", "/c/banks", "/c/bank/A/signal", "/c/bank/A/content",
)  # fmt: skip

_MAKERS: dict[str, tuple[str, Callable[[int], bytes]]] = {
    "empty lists": (_JSON, lambda size: b'{"pdq":[' + b"[]," * (size // 3) + b"1]}"),
    "empty objects": (_JSON, lambda size: b"[" + b"{}," * (size // 3) + b"1]"),
    "many keys": (_JSON, lambda size: b"{" + b'"a":1,' * (size // 6) + b'"a":1}'),
    "deep lists": (_JSON, lambda size: b'{"pdq":' + b"[" * (size // 2) + b"]" * (size // 2) + b"}"),
    "deep objects": (_JSON, lambda size: b'{"a":' * (size // 5)),
    "a long number": (_JSON, lambda size: b'{"name":' + b"9" * size + b"}"),
    "a long text": (_JSON, lambda size: b'{"name":"' + b"x" * size + b'"}'),
    "escapes": (_JSON, lambda size: b'{"name":"' + b"\\ud800" * (size // 6) + b'"}'),
    "no text": (_JSON, lambda size: b"\xff\xfe" * (size // 2)),
    "not finite": (_JSON, lambda _: b'{"name":1e999,"pdq":NaN,"enabled_ratio":-Infinity}'),
    "blank lines": (_LINES, lambda size: b"\n" * size),
    "short lines": (_LINES, lambda size: b"{}\n" * (size // 3)),
    "a line": (_LINES, lambda size: b'{"image":"' + b"A" * size),
    "deep lines": (
        _LINES,
        lambda size: (b'{"id":' + b"[" * 990 + b"]" * 990 + b"}\n") * min(size // 2000, 99),
    ),
    "fields": (_FORM, lambda size: b"a&" * (size // 2)),
    "a field": (_FORM, lambda size: b"name=" + b"%00" * (size // 3)),
    "headers of a part": (_MULTIPART, lambda size: b"--b\r\n" + b"X: y\r\n" * (size // 6) + b"\r\n"),
    "parts": (
        _MULTIPART,
        lambda size: b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n' * (size // 50) + b"--b--",
    ),
    "almost parts": (
        _MULTIPART,
        lambda size: (
            b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
            + b"\r\n--" * (size // 4)
            + b"\r\n--b--\r\n"
        ),
    ),
}


def every_route(attack: Attack) -> None:
    """Send such bodies to all routes that take one; each is refused, and no number leaves that is none."""
    program = Program(attack.place / "home")
    pictures.write(program.home / "pictures", 3)
    assert program("index", "pictures").code == 0
    assert program("bank", "create", "A").code == 0
    with serving(program) as server:
        server.search(hostile.encoded(pictures.draw(0), "PNG"))
        before = server.memory()
        highest = 0
        while attack.goes_on:
            name, route = attack.dice.choice(list(_MAKERS)), attack.dice.choice(_ROUTES)
            kind, make = _MAKERS[name]
            size = _size(attack.dice)
            answer = httpx.post(
                server.url + route, content=make(size), headers={"Content-Type": kind}, timeout=HANG_GUARD
            )
            highest = max(highest, server.memory() - before)
            wrong = _fault(answer, kind)
            if server.memory() - before > _MOST_GROWTH:
                wrong = f"{(server.memory() - before) / 1e6:.0f} MB more"
            if wrong:
                attack.tally.wrong.append(f"{name} of {size:,} bytes to {route}: {wrong}")
            else:
                attack.tally.refused += 1
        attack.tally.figures.append(f"at most {highest / 1e6:.0f} MB more were in use after an answer")


def _size(dice: random.Random) -> int:
    return int(10 ** dice.uniform(2, 7.7))


def _fault(answer: httpx.Response, kind: str) -> str:
    """What is wrong with an answer; empty if nothing is."""
    if kind != _LINES or answer.status_code != 200:
        return "" if 400 <= answer.status_code < 500 or answer.status_code == 503 else str(answer.status_code)
    for line in answer.text.splitlines():
        try:
            if "problem" not in json.loads(line, parse_constant=lambda name: 1 / 0):
                return f"answered: {line[:200]}"
        except (ValueError, RecursionError, ZeroDivisionError) as error:
            return f"no JSON: {error}"
    return ""
