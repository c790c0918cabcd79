from __future__ import annotations

import pytest

from lookalike.web.guard import host_name


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("localhost", "localhost"),
        ("LocalHost:8000", "localhost"),
        ("127.0.0.1:80", "127.0.0.1"),
        ("[::1]", "::1"),
        ("[::1]:8000", "::1"),
        ("", None),
        (":80", None),
        ("a:b", None),
        ("a:80:80", None),
        ("[::1", None),
        ("[]", None),
        ("[::1]80", None),
        ("a:８０", None),
    ],
)
def test_the_name_in_a_host_header(host: str, name: str | None) -> None:
    assert host_name(host) == name
