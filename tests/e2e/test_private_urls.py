"""Web addresses in one's own network: refused unless the command line allows them, and always by a server."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from program import Program
from served import serving

ALLOW = "--allow-private-urls"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def gallery(indexed: Program) -> Iterator[str]:
    """Where this machine shows the indexed pictures."""
    handler = partial(_Quiet, directory=str(indexed.home / "pictures"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_search_and_compare_fetch_from_here_if_they_may(indexed: Program, gallery: str) -> None:
    name = "picture-0000.png"
    refused = indexed.here("search", f"{gallery}/{name}")
    assert refused.code == 1
    assert refused.err.endswith(
        "is not on the public internet; --allow-private-urls fetches it all the same\n"
    )
    found = indexed.here("search", f"{gallery}/{name}", ALLOW, "--json").json
    assert (Path(found["matches"][0]["path"]).name, found["matches"][0]["verdict"]) == (name, "identical")
    pair = (f"{gallery}/{name}", indexed.home / "pictures" / name)
    refused = indexed.here("compare", *pair)
    assert (refused.code, "--allow-private-urls" in refused.err) == (1, True), refused.err
    same = indexed.here("compare", *pair, ALLOW, "--json")
    assert (same.code, same.json["verdict"]) == (0, "identical")
    gone = indexed.here("search", f"{gallery}/none.png", ALLOW)
    assert (gone.code, "404" in gone.err, "--allow" in gone.err) == (1, True, False), gone.err


def test_a_server_never_does(indexed: Program, gallery: str) -> None:
    url = f"{gallery}/picture-0000.png"
    with serving(indexed) as server:
        assert server.ask(url).status_code == 422
        words = ("search", url, "--server", server.url)
        refused = indexed.here(*words)
        assert (refused.code, "--allow-private-urls" in refused.err) == (1, True), refused.err
        assert indexed.here(*words, ALLOW).code == 0  # fetched by the command, and sent
    assert indexed.here("serve", ALLOW).code == 2
