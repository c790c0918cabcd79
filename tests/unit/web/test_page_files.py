"""The page's files come as Starlette would send them, but as they were when the server started."""

from __future__ import annotations

import asyncio
from importlib.resources import files
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from lookalike.web.page_files import PageFiles

STATIC = Path(str(files("lookalike.web") / "static"))
KEPT, PLAIN = PageFiles(STATIC), StaticFiles(directory=STATIC)


def asked(served: StaticFiles, method: str, path: str, **headers: str) -> httpx.Response:
    async def answer() -> httpx.Response:
        app = Starlette(routes=[Mount("/static", served)])
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here") as client:
            return await client.request(
                method, f"/static/{path}", headers={name.replace("_", "-"): headers[name] for name in headers}
            )

    return asyncio.run(answer())


@pytest.mark.parametrize("name", ["main.js", "style.css", "icon.svg"])
def test_a_file_is_sent_whole_where_it_is_not_known(name: str) -> None:
    answer, usual = asked(KEPT, "GET", name), asked(PLAIN, "GET", name)
    assert answer.content == (STATIC / name).read_bytes()
    assert {**answer.headers, "accept-ranges": "bytes"} == dict(usual.headers)
    for known in (
        {"if_none_match": usual.headers["etag"]},
        {"if_modified_since": usual.headers["last-modified"]},
    ):
        again = asked(KEPT, "GET", name, **known)
        assert (again.status_code, again.content) == (304, b"")
    assert asked(KEPT, "GET", name, if_none_match='"another"').content == answer.content


@pytest.mark.parametrize(
    ("method", "path"),
    [("HEAD", "main.js"), ("POST", "main.js"), ("GET", "none.js"), ("GET", ""), ("GET", "..%2fapp.py")],
)
def test_all_else_is_answered_by_starlette(method: str, path: str) -> None:
    answer, usual = asked(KEPT, method, path), asked(PLAIN, method, path)
    assert (answer.status_code, answer.content) == (usual.status_code, usual.content)
    assert dict(answer.headers) == dict(usual.headers)


def test_a_file_that_changes_is_served_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "main.js").write_text("before")
    served = PageFiles(tmp_path)
    (tmp_path / "main.js").write_text("after")
    assert asked(served, "GET", "main.js").text == "before"
