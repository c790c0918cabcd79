"""Options of ``serve``, in a form that its worker processes read from their environment."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from ipaddress import ip_address
from pathlib import Path

from lookalike.errors import UsageError

_VARIABLE = "LOOKALIKE_SERVER"
TOKEN_VARIABLE = "LOOKALIKE_TOKEN"  # noqa: S105  the name of one
ONLY = "default"
"""Name of a server's collection that was given none."""

OWN_PATHS = (
    *("v1", "h", "m", "c", "static", "status", "site-map", "metrics", "livez", "readyz"),
    *("docs", "docs.css", "openapi.json", "review"),
)
"""First parts of the paths of all routes: behind a proxy that removes the prefix, one of them as the prefix
would make two paths look the same."""

_ROOT_PATH = re.compile(r"(/(?!\.+(/|$))[A-Za-z0-9._~-]+)+")
LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """How one server is to run.

    Attributes:
        collections: folders of existing collections, by the names that paths have; none on a cluster.
        host: address or name that the socket is bound to.
        hosts: further names by which browsers may call the server.
        token: secret that lets its owner do everything; None if there is none.
        tokens: file of tokens with roles; None if none is looked for. With neither, everybody is let in.
        queue: most pictures that may wait or be worked on in one process; more are turned away.
        threads: cores that one process uses.
        per_minute: requests that each token may send in a minute, as each process counts them; 0: any number.
        log_json: whether lines of log are JSON.
        root_path: path of another site below which a proxy shows the server, as ``/pictures``; may be empty.

    Raises:
        UsageError: ``root_path`` is no such path, or begins as one of the server's own.
    """

    collections: Mapping[str, Path]
    host: str = "127.0.0.1"
    hosts: tuple[str, ...] = ()
    token: str | None = None
    tokens: Path | None = None
    queue: int = 64
    threads: int = 1
    root_path: str = ""
    per_minute: int = 0
    log_json: bool = False

    def __post_init__(self) -> None:
        if self.root_path and not _ROOT_PATH.fullmatch(self.root_path):
            allowed = "a path as /pictures, of letters, digits and . _ ~ -"
            raise UsageError(f"--root-path must be {allowed}, not {self.root_path!r}")
        first = self.root_path.split("/")[1:2]
        if first and first[0] in OWN_PATHS:
            raise UsageError(f"--root-path must not begin with /{first[0]}, a path of the server itself")

    @property
    def names(self) -> frozenset[str]:
        """The host names, in lower case, by which the server may be called."""
        return frozenset(name.lower() for name in (*LOOPBACK_NAMES, self.host, *self.hosts))

    @property
    def everywhere(self) -> bool:
        """Whether the socket listens on all addresses of the machine."""
        try:
            return ip_address(self.host).is_unspecified
        except ValueError:
            return False

    def export(self) -> None:
        """Put the options where ``from_environment`` finds them in this process and those it starts."""
        folders = {name: str(folder) for name, folder in self.collections.items()}
        tokens = None if self.tokens is None else str(self.tokens)
        facts = {**asdict(self), "collections": folders, "token": None, "tokens": tokens}
        os.environ[_VARIABLE] = json.dumps(facts)
        if self.token is None:
            os.environ.pop(TOKEN_VARIABLE, None)
        else:
            os.environ[TOKEN_VARIABLE] = self.token

    @classmethod
    def from_environment(cls) -> ServerOptions:
        """Read the options that ``export`` wrote into the environment."""
        facts = json.loads(os.environ[_VARIABLE])
        facts |= {
            "collections": {name: Path(folder) for name, folder in facts["collections"].items()},
            "hosts": tuple(facts["hosts"]),
            "token": os.environ.get(TOKEN_VARIABLE),
            "tokens": None if facts["tokens"] is None else Path(facts["tokens"]),
        }
        return cls(**facts)


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a socket bound to a host."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
