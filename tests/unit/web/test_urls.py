"""URLs of queries, with a rule that lets one server on this machine count as public."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import uvicorn

import odd_server
from hostile import encoded
from lookalike import Collection
from lookalike.web.app import build
from lookalike.web.options import ServerOptions
from pictures import draw
from waiting import HANG_GUARD


@contextmanager
def running(folder: Path, allowed: odd_server.OddServer) -> Iterator[httpx.Client]:
    """A server in this process, whose rule about addresses can be given."""
    app = build(ServerOptions({"default": folder}), permitted=allowed.permits)
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False, ws="none"))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{listening.getsockname()[1]}") as client:
                yield client
        finally:
            server.should_exit = True
            thread.join()


def test_each_hop_is_judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    picture = encoded(draw(0), "PNG")
    monkeypatch.setattr(odd_server, "BODY", picture)
    (tmp_path / "a.png").write_bytes(picture)
    with Collection.open(tmp_path / "collection", create=True) as collection:
        collection.add([tmp_path / "a.png"])
    with (
        odd_server.serving() as public,
        odd_server.serving() as private,
        running(tmp_path / "collection", public) as client,
    ):

        def ask(url: str) -> httpx.Response:
            return client.post("/v1/search", data={"url": url}, timeout=HANG_GUARD)

        for path in ("image", "to-image"):
            (match,) = ask(public.url(path)).json()["matches"]
            assert match["distance"] == pytest.approx(0, abs=1e-6)
        for url in (
            private.url("image"),
            public.url(f"to?{private.url('image')}"),
            public.url("to?file:///etc/passwd"),
        ):
            answer = ask(url)
            assert (answer.status_code, answer.json()["type"]) == (422, "urn:lookalike:problem:fetch-error")
        assert private.seen == []
        assert "more than 5 redirects" in ask(public.url("loop")).json()["detail"]
        assert "answered 404" in ask(public.url("missing")).json()["detail"]
