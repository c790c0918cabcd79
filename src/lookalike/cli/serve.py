"""``lookalike serve``: the page and the HTTP API."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from lookalike import Collection
from lookalike.cli.grouping import grouped
from lookalike.cli.options import CollectionFolder, TokenFile
from lookalike.cli.output import say
from lookalike.cli.tokens import read_token
from lookalike.errors import UsageError
from lookalike.paths import absolute
from lookalike.settings import load_settings
from lookalike.web.options import ServerOptions, is_loopback


@dataclass(frozen=True)
class Door:
    """Where the server listens and whom it lets in."""

    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1"
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="TCP port; 0: any.")] = 8000
    token: TokenFile = None
    no_token: Annotated[bool, typer.Option("--no-token", help="Let everybody in who can reach --host.")] = (
        False
    )
    allow_host: Annotated[
        list[str] | None,
        typer.Option("--allow-host", metavar="NAME", help="Another name by which browsers may call it."),
    ] = None
    root_path: Annotated[
        str,
        typer.Option(
            "--root-path", metavar="PATH", help="Path of a site below which a proxy shows it: /pictures."
        ),
    ] = ""

    def options(self, collection: Path, queue: int = 64, threads: int = 1) -> ServerOptions:
        """How to serve a collection behind this door.

        Args:
            collection: its folder.
            queue: most pictures in work in one process.
            threads: cores of one process.

        Raises:
            UsageError: as ``_secret`` and ``ServerOptions``.
        """
        hosts = tuple(self.allow_host or ())
        return ServerOptions(collection, self.host, hosts, self._secret(), queue, threads, self.root_path)

    def _secret(self) -> str | None:
        """What a request must show; None if everybody may come in.

        Raises:
            UsageError: other machines can reach the server, and nobody said that they may; or both a token
                and none were asked for.
        """
        if self.no_token and self.token is not None:
            raise UsageError("--token FILE and --no-token are opposites; give one of them")
        if self.no_token:
            return None
        secret = read_token(self.token)
        if secret is None and not is_loopback(self.host):
            raise UsageError(
                f"others can reach {self.host}: give a secret by --token FILE or LOOKALIKE_TOKEN, "
                "or say --no-token"
            )
        return secret


@grouped
def serve(
    *,
    collection: CollectionFolder = None,
    door: Door,
    processes: Annotated[int, typer.Option("--processes", min=1, max=64, help="Processes.")] = 1,
    queue: Annotated[
        int,
        typer.Option(
            "--queue", min=1, max=10000, help="Pictures in work in a process; more are turned away."
        ),
    ] = 64,
) -> None:
    """Serve the collection: a page for people, an API for programs."""
    settings = load_settings({"collection": collection})
    options = door.options(absolute(settings.collection), queue, max(1, settings.threads // processes))
    Collection.open(settings=settings).close()  # says now, and here, what is wrong with it
    from lookalike.web.serving import serve as run  # noqa: PLC0415  takes half a second

    run(options, door.port, processes, _announce)


def _announce(address: str) -> None:
    say(f"Serving {address}   (Ctrl-C stops)")
    sys.stdout.flush()
