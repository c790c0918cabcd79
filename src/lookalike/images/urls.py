"""A URL taken apart, and refused unless it is plainly spelled."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from urllib.parse import quote, urlsplit

from lookalike.errors import FetchError

_PORTS = {"http": 80, "https": 443}
_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(\.(?!-)[a-z0-9_-]{1,63})*")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")


@dataclass(frozen=True, slots=True)
class Target:
    """Where one request goes.

    Attributes:
        scheme: ``"http"`` or ``"https"``.
        host: a name in lower-case ASCII, or an address without brackets.
        port: TCP port.
        path: path and query, percent-encoded, starting with ``/``.
    """

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """The host as the ``Host`` header wants it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


def parse(url: str) -> Target:
    """Take a URL apart.

    Anything that two programs could read differently (spaces, control characters, user names, addresses in
    octal, hexadecimal or with parts left out, a trailing dot) is refused rather than interpreted.

    Raises:
        FetchError: the URL is not plain http or https.
    """
    if not url.isprintable() or " " in url or "\\" in url:
        raise FetchError("the URL has spaces, backslashes or control characters; percent-encode them")
    try:
        parts = urlsplit(url)
        if parts.scheme not in _PORTS:
            raise FetchError("the URL must start with http:// or https://")
        if "@" in parts.netloc:
            raise FetchError("the URL holds a user name or a password; leave them out")
        port, host = parts.port, _host(parts.hostname or "", in_brackets="[" in parts.netloc)
    except ValueError as error:
        raise FetchError("the URL has a host or a port that cannot be understood") from error
    if port == 0:
        raise FetchError("the URL has port 0; leave it out or name a real one")
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    query = quote(parts.query, safe="/?%:@!$&'()*+,;=~-._[]")
    return Target(parts.scheme, host, port or _PORTS[parts.scheme], path + (f"?{query}" if query else ""))


def _host(name: str, *, in_brackets: bool) -> str:
    """The host in the one spelling that is passed on.

    Raises:
        FetchError: it is no address in full and no plain name.
        ValueError: it cannot be written in ASCII.
    """
    if not name:
        raise FetchError("the URL names no host")
    if in_brackets:
        address = IPv6Address(name)
        if address.scope_id:
            raise FetchError("the URL names a network interface; leave out the part after %")
        return str(address)
    ascii_name = name.encode("idna").decode("ascii").lower()
    if not _NAME.fullmatch(ascii_name):
        raise FetchError("the URL has a host that is not plainly spelled; write the usual name")
    if _NUMBER.fullmatch(ascii_name.rpartition(".")[2]):
        try:
            return str(ip_address(ascii_name))
        except ValueError:
            raise FetchError("the URL has an address in an odd spelling; write it as four numbers") from None
    return ascii_name
