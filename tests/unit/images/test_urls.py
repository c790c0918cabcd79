from __future__ import annotations

import pytest

from lookalike.errors import FetchError
from lookalike.images.urls import Target, parse


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("http://example.com", Target("http", "example.com", 80, "/")),
        ("HTTPS://Example.COM/A.jpg", Target("https", "example.com", 443, "/A.jpg")),
        ("http://example.com:8080/a?b=c&d[]=e#f", Target("http", "example.com", 8080, "/a?b=c&d[]=e")),
        ("http://93.184.215.14/", Target("http", "93.184.215.14", 80, "/")),
        ("http://[2606:4700::1111]:81/", Target("http", "2606:4700::1111", 81, "/")),
        ("http://example.com/caf\u00e9%20x.jpg", Target("http", "example.com", 80, "/caf%C3%A9%20x.jpg")),
        ("http://b\u00fccher.example/", Target("http", "xn--bcher-kva.example", 80, "/")),
        ("http://a_b.example-1.com?q", Target("http", "a_b.example-1.com", 80, "/?q")),
    ],
)
def test_plain_urls_are_taken_apart(url: str, target: Target) -> None:
    assert parse(url) == target


@pytest.mark.parametrize(
    ("url", "authority"),
    [
        ("http://example.com:80/", "example.com"),
        ("https://example.com:80/", "example.com:80"),
        ("http://[2606:4700::1111]/", "[2606:4700::1111]"),
        ("http://[2606:4700::1111]:81/", "[2606:4700::1111]:81"),
    ],
)
def test_the_host_header(url: str, authority: str) -> None:
    assert parse(url).authority == authority


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "must start with http"),
        ("example.com/a.jpg", "must start with http"),
        ("/etc/passwd", "must start with http"),
        ("file:///etc/passwd", "must start with http"),
        ("file://localhost/etc/passwd", "must start with http"),
        ("ftp://example.com/a.jpg", "must start with http"),
        ("gopher://example.com:70/1", "must start with http"),
        ("javascript:alert(1)", "must start with http"),
        ("data:image/png;base64,AAAA", "must start with http"),
        ("http://", "names no host"),
        ("http:///a.jpg", "names no host"),
        ("http://user@example.com/", "user name"),
        ("http://user:secret@example.com/", "user name"),
        ("http://example.com@127.0.0.1/", "user name"),
        ("http://@example.com/", "user name"),
        ("http://example.com/a b.jpg", "spaces"),
        (" http://example.com/", "spaces"),
        ("http://example.com/\r\nX-Injected: 1", "control characters"),
        ("http://exam\tple.com/", "control characters"),
        ("http://example.com/\x00", "control characters"),
        ("http://example.com/\x7f", "control characters"),
        ("http://example.com/\u2028", "control characters"),
        ("http://example.com\\@127.0.0.1/", "backslashes"),
        ("http://example.com./", "plainly spelled"),
        ("http://localhost./", "plainly spelled"),
        ("http://127.0.0.1./", "plainly spelled"),
        ("http://.example.com/", "cannot be understood"),
        ("http://a..b/", "cannot be understood"),
        ("http://-a.com/", "plainly spelled"),
        ("http://exa%6dple.com/", "plainly spelled"),
        ("http://example.com,127.0.0.1/", "plainly spelled"),
        ("http://" + "a" * 64 + ".com/", "cannot be understood"),
        ("http://127.1/", "odd spelling"),
        ("http://127.0.1/", "odd spelling"),
        ("http://2130706433/", "odd spelling"),
        ("http://0x7f000001/", "odd spelling"),
        ("http://0x7f.0.0.1/", "odd spelling"),
        ("http://0177.0.0.1/", "odd spelling"),
        ("http://127.0.0.01/", "odd spelling"),
        ("http://1.2.3.4.5/", "odd spelling"),
        ("http://0/", "odd spelling"),
        ("http://0x/", "odd spelling"),
        ("http://256.1.1.1/", "odd spelling"),
        ("http://[::1/", "cannot be understood"),
        ("http://[::g]/", "cannot be understood"),
        ("http://[fe80::1%25eth0]/", "network interface|cannot be understood"),
        ("http://[v1.a]/", "cannot be understood"),
        ("http://[example.com]/", "cannot be understood"),
        ("http://[127.0.0.1]/", "cannot be understood"),
        ("http://example.com:0/", "port 0"),
        ("http://example.com:65536/", "port"),
        ("http://example.com:-1/", "port"),
        ("http://example.com:http/", "port"),
    ],
)
def test_other_urls_are_refused_in_one_line(url: str, reason: str) -> None:
    with pytest.raises(FetchError, match=reason) as caught:
        parse(url)
    assert str(caught.value).isprintable()


def test_digits_of_other_scripts_are_read_as_what_they_become() -> None:
    assert parse("http://\uff11\uff12\uff17.\uff10.\uff10.\uff11/").host == "127.0.0.1"
    with pytest.raises(FetchError, match="odd spelling"):
        parse("http://\uff11\uff12\uff17.\uff11/")
