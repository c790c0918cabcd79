"""``lookalike.Client`` and ``search --server`` answer as the collection does."""

from __future__ import annotations

import inspect
import io
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from hostile import encoded
from lookalike import Answer, Client, Collection, Match, errors
from odd_server import serving as odd_serving
from pictures import draw
from program import Program
from served import Served, serving


@pytest.fixture(scope="module")
def server(indexed: Program) -> Iterator[Served]:
    with serving(indexed) as running:
        yield running


def nearly(matches: list[Match]) -> list[tuple[int, int, Any, Any, tuple[Path, ...]]]:
    """Matches to compare; pictures embedded together differ in the last digit from those embedded alone."""
    return [
        (each.rank, each.image_id, pytest.approx(each.similarity, abs=1e-5),
         pytest.approx(each.distance, abs=1e-4), each.paths)
        for each in matches
    ]  # fmt: skip


def plain(matches: list[Match]) -> list[tuple[int, int, float, float, tuple[Path, ...]]]:
    return [(each.rank, each.image_id, each.similarity, each.distance, each.paths) for each in matches]


def test_it_is_asked_like_the_collection() -> None:
    ours, theirs = (inspect.signature(kind.search) for kind in (Client, Collection))
    assert ours == theirs


@pytest.mark.parametrize(
    "options",
    [{}, {"k": 3}, {"metric": "minkowski:4"}, {"exact": True, "metric": "hamming"}, {"recall": 0.5}],
)
def test_it_answers_like_the_collection(options: dict[str, Any], server: Served, indexed: Program) -> None:
    path = indexed.home / "pictures" / "picture-0004.jpg"
    with Collection.open(indexed.collection) as collection, Client(server.url) as client:
        expected = nearly(collection.search(path, **options))
        for source in (path, str(path), path.read_bytes(), Image.open(path)):
            assert plain(client.search(source, **options)) == expected


def test_many_pictures_get_the_answers_of_each(server: Served, indexed: Program) -> None:
    paths = sorted((indexed.home / "pictures").iterdir())
    asked = [*paths, "/nowhere.png", b"text", "http://127.0.0.1/", Image.open(paths[1])]
    with Client(server.url) as client:
        found = list(client.search_many(iter(asked), 3, metric="euclidean", verdicts={"identical", "copy"}))
        for picture, answer in zip(asked, found, strict=True):
            if isinstance(answer, Answer):
                wanted = client.ask(picture, 3, metric="euclidean", verdicts={"identical", "copy"})
                assert plain(answer.matches) == plain(wanted.matches)
                assert answer.expected_false == wanted.expected_false
            else:
                with pytest.raises(type(answer)) as caught:
                    client.ask(picture, 3)
                assert str(caught.value) == str(answer)
        assert [isinstance(answer, Answer) for answer in found] == [True] * 8 + [False] * 3 + [True]
        *unreadable, last = client.search_many([*[b"text"] * 64, paths[0]], 1)  # more than one request takes
        assert [isinstance(answer, Answer) for answer in unreadable] == [False] * 64
        assert isinstance(last, Answer)
        assert list(client.search_many([])) == []
        with pytest.raises(TypeError, match="unexpected keyword argument 'max_dist'"):
            list(client.search_many([paths[0]], max_dist=1))  # type: ignore[call-arg]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "YCbCr", "I;16", "F"])
def test_pictures_in_memory_of_any_kind(mode: str, server: Served, indexed: Program) -> None:
    picture = draw(2)
    if mode in ("I;16", "F"):
        picture = picture.convert("L").convert("I").point(lambda value: value * 257).convert(mode)
    else:
        picture = picture.convert(mode)
    with Collection.open(indexed.collection) as collection, Client(server.url) as client:
        wanted, found = collection.search(picture, 3), client.search(picture, 3)
    assert [match.image_id for match in found] == [match.image_id for match in wanted]


def test_the_command_prints_the_same(server: Served, indexed: Program) -> None:
    query = indexed.home / "pictures" / "picture-0000.png"
    there = indexed.here("search", query, "--server", server.url, "--limit", "3", "--metric", "hamming")
    here = indexed.here("search", query, "--limit", "3", "--metric", "hamming")
    assert (there.code, there.out, there.err) == (0, here.out, "")
    assert indexed.here("search", "-", "--server", server.url, "--json", stdin=query.read_bytes()).json[
        "matches"
    ]


@pytest.mark.parametrize(
    ("picture", "options", "kind", "said"),
    [
        (b"text", {}, errors.UnreadableImage, "answered 422: not a JPEG"),
        (encoded(draw(0), "PNG"), {"k": 0}, errors.UsageError, "answered 422: k:"),
        (encoded(draw(0), "PNG"), {"metric": "cosin"}, errors.UsageError, "unknown metric"),
        (encoded(draw(0), "PNG"), {"recall": 2.0}, errors.UsageError, "recall:"),
        ("http://127.0.0.1/", {}, errors.FetchError, "not on the public internet"),
        ("/nowhere.png", {}, errors.UnreadableImage, "no such file"),
        (bytes(65 << 20), {}, errors.ImageTooLarge, "answered 413"),
    ],
)
def test_what_goes_wrong_is_the_same_error(
    picture: Any, options: dict[str, Any], kind: type[Exception], said: str, server: Served
) -> None:
    with Client(server.url) as client, pytest.raises(kind, match=said) as caught:
        client.search(picture, **options)
    assert type(caught.value) is kind


@pytest.mark.parametrize(
    "url",
    ["", "pictures.example", "ftp://a.example", "http://", "http://u@a.example", "http://a:b", "http://a/?b"],
)
def test_only_the_address_of_a_server_is_one(url: str) -> None:
    with pytest.raises(errors.UsageError, match="is not the address of a server"):
        Client(url)


def test_what_is_no_server_is_said() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with (
        Client(f"http://127.0.0.1:{port}") as client,
        pytest.raises(errors.NotFoundError, match="cannot be reached: Connection refused"),
    ):
        client.search(b"x")
    with odd_serving() as odd, Client(odd.url("image")) as client, pytest.raises(errors.UsageError):
        client.search(b"x")


def test_a_busy_server_is_asked_again(server: Served) -> None:
    """One that answers 503 once, then passes everything on to the real one."""
    asked = []

    def answer(listening: socket.socket) -> None:
        busy = b"HTTP/1.1 503 Busy\r\nRetry-After: 0\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
        connection, _ = listening.accept()
        with connection:
            asked.append(connection.recv(1 << 16))
            connection.sendall(busy)
        connection, _ = listening.accept()
        with connection, socket.create_connection(("127.0.0.1", server.port)) as real:
            connection.settimeout(0.5)
            request = io.BytesIO()
            try:
                while part := connection.recv(1 << 16):
                    request.write(part)
            except TimeoutError:
                asked.append(request.getvalue())
            real.sendall(request.getvalue().replace(b"\r\n", b"\r\nConnection: close\r\n", 1))
            while part := real.recv(1 << 16):
                connection.sendall(part)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=answer, args=(listening,))
        thread.start()
        port = listening.getsockname()[1]
        with Client(f"http://127.0.0.1:{port}") as client:
            assert client.search(encoded(draw(0), "PNG"), 1)[0].rank == 1
        thread.join()
    assert len(asked) == 2
