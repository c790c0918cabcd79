from __future__ import annotations

from pathlib import Path

import pytest

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
    assert (is_loopback(host), ServerOptions(Path("/c"), host).everywhere) == (local, everywhere)


@pytest.mark.parametrize("token", [None, "secret"])
def test_options_reach_other_processes(token: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOOKALIKE_SERVER", "")
    monkeypatch.setenv("LOOKALIKE_TOKEN", "another")
    options = ServerOptions(Path("/a/collection"), "::1", ("a.example", "b.example"), token, 7, 3)
    options.export()
    assert ServerOptions.from_environment() == options
    assert options.names == {"localhost", "127.0.0.1", "::1", "a.example", "b.example"}
