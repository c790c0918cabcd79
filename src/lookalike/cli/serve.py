"""``lookalike serve``: the page and the HTTP API."""

from __future__ import annotations

import logging
import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import typer

from lookalike import Collection
from lookalike.cli.grouping import grouped
from lookalike.cli.options import TokenFile
from lookalike.cli.output import say
from lookalike.cli.tokens import read_token
from lookalike.errors import UsageError
from lookalike.paths import absolute, shown
from lookalike.settings import load_settings
from lookalike.web.logs import JsonLine
from lookalike.web.options import ONLY, ServerOptions, is_loopback
from lookalike.web.tokens import FILE, read_tokens

log = logging.getLogger("lookalike.connections")

_OPEN_TO_ALL = (
    "Warning: whoever can reach %s may search, add, forget and read all pictures, since --no-token was given"
)
_NAMED = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]{0,63})=(?P<folder>.+)", re.DOTALL)


@dataclass(frozen=True)
class Door:
    """Where the server listens and whom it lets in."""

    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1"
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="TCP port; 0: any free one.")] = 8000
    token: TokenFile = None
    tokens: Annotated[
        Path | None,
        typer.Option(
            "--tokens",
            metavar="FILE",
            help="File of tokens with roles, as lookalike token makes it (default: the collection's).",
        ),
    ] = None
    no_token: Annotated[
        bool, typer.Option("--no-token", help="Ask for no token: let in everybody who can reach the server.")
    ] = False
    allow_host: Annotated[
        list[str] | None,
        typer.Option(
            "--allow-host",
            metavar="NAME",
            help="A host name of this server, as a proxy in front of it has; repeatable.",
        ),
    ] = None
    requests_per_minute: Annotated[
        int,
        typer.Option(
            "--requests-per-minute", min=0, help="Most requests per minute of each token; 0: any number."
        ),
    ] = 0
    root_path: Annotated[
        str,
        typer.Option(
            "--root-path",
            metavar="PATH",
            help="Path of the site below which a proxy shows the server, as /pictures.",
        ),
    ] = ""

    def options(self, collections: Mapping[str, Path]) -> ServerOptions:
        """How to serve collections behind this door, by one process.

        Args:
            collections: their folders by name. If it is one, its own file of tokens counts, unless another
                was named.

        Raises:
            UsageError: other machines can reach the server, and nobody said that they may; both tokens and
                none were asked for; or as ``ServerOptions``.
            NotFoundError: a file of tokens was named, and is not there.
            DamagedError: it is no file of tokens.
        """
        own = [folder / FILE for folder in collections.values()]
        secret, tokens = self._secret(), self.tokens or (own[0] if len(own) == 1 else None)
        if self.no_token:
            tokens = None
        if tokens is not None and (self.tokens or tokens.exists()):
            read_tokens(tokens)  # says now, and here, what is wrong with it
        elif secret is None and not self.no_token and not is_loopback(self.host):
            raise UsageError(
                f"others can reach {self.host}: give a secret by --token FILE or LOOKALIKE_TOKEN, "
                "or say --no-token; tokens with roles are made by lookalike token create"
            )
        return ServerOptions(
            collections,
            self.host,
            tuple(self.allow_host or ()),
            secret,
            None if tokens is None else absolute(tokens),
            root_path=self.root_path,
            per_minute=self.requests_per_minute,
        )

    def _secret(self) -> str | None:
        if self.no_token and (self.token is not None or self.tokens is not None):
            name = "--token" if self.token is not None else "--tokens"
            raise UsageError(f"{name} FILE and --no-token are opposites; give one of them")
        return None if self.no_token else read_token(self.token)


@grouped
def serve(
    *,
    collection: Annotated[
        list[str] | None,
        typer.Option(
            "--collection",
            metavar="[NAME=]DIR",
            help="Folder of the collection (default: in your data folder). Give several as NAME=DIR.",
        ),
    ] = None,
    door: Door,
    processes: Annotated[int, typer.Option("--processes", min=1, max=64, help="Processes that answer.")] = 1,
    queue: Annotated[
        int,
        typer.Option(
            "--queue",
            min=1,
            max=10000,
            help="Most pictures in work per process; further ones are turned away.",
        ),
    ] = 64,
    log: Annotated[Literal["text", "json"], typer.Option("--log", help="Format of the log.")] = "text",
) -> None:
    """Serve a collection, or several: a page for people, an API for programs."""
    settings = load_settings()
    collections = _by_name(collection or [])
    threads = max(1, settings.threads // processes)
    options = replace(door.options(collections), queue=queue, threads=threads, log_json=log == "json")
    for folder in collections.values():
        Collection.open(folder, settings=settings).close()  # says now, and here, what is wrong with it
    from lookalike.web.serving import serve as run  # noqa: PLC0415  takes half a second

    run(options, door.port, processes, partial(_announce, options))


def _by_name(given: list[str]) -> dict[str, Path]:
    """The folders of collections by name; the one of the settings if none was given.

    Raises:
        UsageError: two have one name, or one of several has none.
    """
    if len(given) < 2 and not any(map(_NAMED.fullmatch, given)):
        return {ONLY: absolute(load_settings({"collection": given[0] if given else None}).collection)}
    found: dict[str, Path] = {}
    for one in given:
        named = _NAMED.fullmatch(one)
        if named is None:
            raise UsageError(f"each of several collections needs a name: --collection NAME={one}")
        if named["name"] in found:
            raise UsageError(f"two collections cannot both be called {named['name']!r}")
        found[named["name"]] = absolute(named["folder"])
    return found


def _announce(options: ServerOptions, address: str) -> None:
    if options.token is None and options.tokens is None and not is_loopback(options.host):
        log.warning(_OPEN_TO_ALL, options.host)  # as a line of the log, which may be one of JSON
    lines = [f"Serving {address}   (Ctrl-C stops)"]
    if options.tokens is not None and os.path.lexists(options.tokens):
        lines.append(
            f"Callers need a token, since {shown(options.tokens)} exists; --no-token lets in everybody."
        )
    for line in lines:  # as lines of the log, too, since whoever collects it often reads both streams
        say(JsonLine().format(logging.makeLogRecord({"msg": line})) if options.log_json else line)
    sys.stdout.flush()
