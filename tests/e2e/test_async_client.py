"""``AsyncClient`` and ``Client`` give the same, and hold pictures against banks as ``Banks`` does."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

from hostile import encoded
from lookalike import AsyncClient, Client, Collection, errors
from lookalike.banks import Banks, CheckAnswer
from odd_server import serving as odd_serving
from pictures import draw, write
from program import Program
from served import Served, serving

Item = TypeVar("Item")


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """Six pictures, and two banks: one with two of them and a hash, one that clears."""
    made = Program(tmp_path_factory.mktemp("awaited"))
    write(made.home / "pictures", 6)
    assert made.here("index", "pictures", "-q").code == 0
    files = sorted((made.home / "pictures").iterdir())
    assert made.here("bank", "create", "stolen").code == 0
    assert made.here("bank", "create", "ours", "--negative").code == 0
    assert (
        made.here("bank", "add", "stolen", files[0], files[1], "--hash", "md5:" + 32 * "0", "--tag", "t").code
        == 0
    )
    assert made.here("bank", "add", "ours", files[1]).code == 0
    return made


@pytest.fixture(scope="module")
def server(program: Program) -> Iterator[Served]:
    with serving(program) as running:
        yield running


def files(program: Program) -> list[Path]:
    return sorted((program.home / "pictures").iterdir())


async def listed(items: AsyncIterator[Item]) -> list[Item]:
    return [item async for item in items]


def same(found: Any, wanted: Any) -> bool:
    """Whether two results are the same; errors by kind and words."""
    if isinstance(wanted, Exception):
        return type(found) is type(wanted) and str(found) == str(wanted)
    return bool(found == wanted)


def test_it_has_the_methods_of_the_other() -> None:
    def methods(kind: type) -> dict[str, Any]:
        own = {name: value for name, value in vars(kind).items() if not name.startswith("_")}
        return {name: list(inspect.signature(value).parameters.values()) for name, value in own.items()}

    ours, theirs = methods(AsyncClient), methods(Client)
    assert ours.pop("aclose") == theirs.pop("close")
    assert ours == theirs
    assert len(ours) == 6


def test_both_give_the_same(server: Served, program: Program) -> None:
    paths = files(program)[:3]
    asked: list[Any] = [*paths, "/nowhere.png", b"text", encoded(draw(1), "PNG")]

    async def ask() -> tuple[Any, ...]:
        async with AsyncClient(server.url) as client:
            searches = (client.search(path, 3, metric="euclidean") for path in paths)
            return (
                await asyncio.gather(*searches),
                await client.ask(paths[0], tag="none"),
                await listed(client.search_many(iter(asked), 2)),
                await client.check(paths[0]),
                await listed(client.check_many(asked)),
                await listed(client.images(format="PNG")),
            )

    matches, none, answers, checked, many, images = asyncio.run(ask())
    with Client(server.url) as client:
        assert matches == [client.search(path, 3, metric="euclidean") for path in paths]
        assert none == client.ask(paths[0], tag="none")
        assert none.matches == []
        assert all(map(same, answers, client.search_many(asked, 2)))
        assert len(answers) == len(many) == len(asked)
        assert [isinstance(one, errors.UnreadableImage) for one in answers] == [False] * 3 + [True] * 2 + [
            False
        ]
        assert checked == client.check(paths[0])
        assert all(map(same, many, client.check_many(asked)))
        assert images == list(client.images(format="PNG"))
        assert images


def test_checks_say_what_the_banks_say(server: Served, program: Program) -> None:
    copy = encoded(draw(0).crop((4, 4, 90, 70)), "JPEG")
    asked = [*files(program)[:3], copy]
    with Client(server.url) as client, Collection.open(program.collection) as pictures:
        banks = Banks(pictures)
        for picture, found in zip(asked, client.check_many(asked), strict=True):
            assert isinstance(found, CheckAnswer)
            facts, wanted = found.facts(), banks.check(picture).facts()
            assert facts["reported"] == wanted["reported"]
            for one, other in zip(facts["results"], wanted["results"], strict=True):
                assert one == {**other, "p": pytest.approx(other["p"], rel=0.2), "matches": one["matches"]}
                assert [x["entry_id"] for x in one["matches"]] == [x["entry_id"] for x in other["matches"]]
            assert found == client.check(picture)
        first, second, third, cut = (client.check(picture) for picture in asked)
    assert [one.reported for one in (first, second, third, cut)] == [True, False, False, True]
    (stolen,) = [result for result in first.results if result.bank == "stolen"]
    assert (stolen.verdict, stolen.p, stolen.matches[0].tags) == ("identical", 0.0, ("t",))
    assert stolen.matches[0].match is not None
    assert stolen.matches[0].match.path == files(program)[0]
    (cleared,) = [result for result in second.results if result.bank == "stolen"]
    assert cleared.cleared_by == ("ours",)


def test_what_goes_wrong_is_the_same_error(server: Served) -> None:
    async def fail(client: AsyncClient, picture: Any, **wanted: Any) -> str:
        async with client:
            try:
                await client.search(picture, **wanted)
            except (errors.LookalikeError, TypeError) as error:
                return f"{type(error).__name__}: {error}"
        return "nothing"

    for picture, wanted in ((b"text", {}), (encoded(draw(0), "PNG"), {"k": 0}), (b"x", {"max_dist": 1})):
        with Client(server.url) as client, pytest.raises((errors.LookalikeError, TypeError)) as caught:
            client.search(picture, **wanted)
        said = asyncio.run(fail(AsyncClient(server.url), picture, **wanted))
        assert said == f"{type(caught.value).__name__}: {caught.value}"
    assert "cannot be reached" in asyncio.run(fail(AsyncClient("http://127.0.0.1:1"), b"x"))
    with odd_serving() as odd:
        assert "is no server of this program" in asyncio.run(fail(AsyncClient(odd.url("image")), b"x"))
    with pytest.raises(errors.UsageError, match="is not the address of a server"):
        AsyncClient("pictures.example")


def test_a_closed_one_says_so(server: Served) -> None:
    async def ask() -> None:
        client = AsyncClient(server.url)
        await client.aclose()
        await client.check(b"x")

    with pytest.raises(errors.UsageError, match="is closed"):
        asyncio.run(ask())


def test_the_loop_goes_on_while_a_server_is_silent() -> None:
    """The busy server asks to be left alone; meanwhile the loop counts."""
    busy = b"HTTP/1.1 503 Busy\r\nRetry-After: 1\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
    asked = 0

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        asked += 1
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        await reader.readexactly(int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0]))
        writer.write(busy)
        await writer.drain()
        writer.close()

    async def ask() -> tuple[int, str]:
        listening = await asyncio.start_server(answer, "127.0.0.1", 0)
        port = listening.sockets[0].getsockname()[1]
        async with listening, AsyncClient(f"http://127.0.0.1:{port}") as client:
            asking = asyncio.create_task(client.search(encoded(draw(0), "PNG")))
            turns = 0
            while not asking.done():
                await asyncio.sleep(0.01)
                turns += 1
            return turns, str(asking.exception())

    turns, said = asyncio.run(ask())
    assert turns > 20
    assert "answered 503" in said
    assert asked == 3
