from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from lookalike.errors import UsageError
from lookalike.web.options import ServerOptions, is_loopback


@pytest.mark.parametrize(
    ("host", "local", "everywhere"),
    [
        ("127.0.0.1", True, False),
        ("127.8.8.8", True, False),
        ("::1", True, False),
        ("localhost", True, False),
        ("0.0.0.0", False, True),
        ("::", False, True),
        ("192.168.0.1", False, False),
        ("localhost.example", False, False),
    ],
)
def test_who_can_reach_a_host(host: str, local: bool, everywhere: bool) -> None:
    assert (is_loopback(host), ServerOptions({"default": Path("/c")}, host).everywhere) == (local, everywhere)


@pytest.mark.parametrize("token", [None, "secret"])
def test_options_reach_other_processes(token: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOOKALIKE_SERVER", "")
    monkeypatch.setenv("LOOKALIKE_TOKEN", "another")
    collections = {"a": Path("/a/collection"), "b": Path("/b")}
    hosts, tokens = ("a.example", "b.example"), Path("/a/tokens.json")
    options = ServerOptions(collections, "::1", hosts, token, tokens, 7, 3, "/a")
    options.export()
    assert ServerOptions.from_environment() == options
    replace(options, tokens=None).export()
    assert ServerOptions.from_environment().tokens is None
    assert options.names == {"localhost", "127.0.0.1", "::1", "a.example", "b.example"}


@pytest.mark.parametrize("root", ["", "/pictures", "/a/b.c/~d", "/v2"])
def test_paths_below_which_a_proxy_may_show_it(root: str) -> None:
    assert ServerOptions({"default": Path("/c")}, root_path=root).root_path == root


@pytest.mark.parametrize(
    "root", ["/", "pictures", "/pictures/", "//a", "/a b", "/é", "/a?b", "/..", "/a/./b"]
)
def test_what_is_no_path_is_refused(root: str) -> None:
    with pytest.raises(UsageError, match="must be a path as /pictures"):
        ServerOptions({"default": Path("/c")}, root_path=root)


@pytest.mark.parametrize("root", ["/v1", "/v1/a", "/static", "/m"])
def test_a_path_of_the_server_itself_is_refused(root: str) -> None:
    with pytest.raises(UsageError, match="a path of the server itself"):
        ServerOptions({"default": Path("/c")}, root_path=root)
