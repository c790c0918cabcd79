from __future__ import annotations

import asyncio
from typing import Any

from starlette.responses import Response
from starlette.types import Message

from lookalike.web.answers import Answers
from lookalike.web.metrics import Metrics

MEBIBYTE = 1 << 20


async def nothing() -> Message:
    raise AssertionError("nobody reads requests here")


def asked(answers: Answers, going: asyncio.Event) -> tuple[asyncio.Task[None], list[Any]]:
    """A request whose answer is read once ``going`` is set; and what was written of it."""
    written: list[Any] = []

    async def send(message: Message) -> None:
        written.append(message)
        await going.wait()

    return asyncio.create_task(answers({"type": "http", "method": "GET"}, nothing, send)), written


def test_an_answer_leaves_in_pieces_and_whole() -> None:
    body = bytes(range(256)) * (5 * MEBIBYTE // 512)

    async def run() -> list[Any]:
        going = asyncio.Event()
        going.set()
        task, written = asked(Answers(Response(body), Metrics(), MEBIBYTE), going)
        await task
        return written

    start, *pieces = asyncio.run(run())
    assert start["status"] == 200
    assert b"".join(piece["body"] for piece in pieces) == body
    assert [len(piece["body"]) for piece in pieces] == [MEBIBYTE, MEBIBYTE, MEBIBYTE // 2]
    assert [piece["more_body"] for piece in pieces] == [True, True, False]


def test_long_answers_that_nobody_reads_are_bounded_and_short_ones_pass() -> None:
    async def run() -> None:
        long, short = Response(bytes(3 * MEBIBYTE)), Response(b"x")

        async def app(scope: Any, receive: Any, send: Any) -> None:
            await (short if scope.get("short") else long)(scope, receive, send)

        answers, going = Answers(app, Metrics(), MEBIBYTE), asyncio.Event()  # so four may leave
        first, read = asked(answers, going)
        await asyncio.sleep(0)
        second, refused = asked(answers, going)
        await asyncio.sleep(0)
        assert (read[0]["status"], refused[0]["status"]) == (200, 503)
        going.set()
        await asyncio.gather(first, second)
        third, again = asked(answers, going)
        await third
        assert again[0]["status"] == 200
        assert sum(len(piece["body"]) for piece in again[1:]) == 3 * MEBIBYTE

    asyncio.run(run())


def test_one_that_is_longer_than_all_may_be_passes_alone() -> None:
    async def run() -> list[Any]:
        going = asyncio.Event()
        going.set()
        task, written = asked(Answers(Response(bytes(9 * MEBIBYTE)), Metrics(), MEBIBYTE), going)
        await task
        return written

    assert asyncio.run(run())[0]["status"] == 200
