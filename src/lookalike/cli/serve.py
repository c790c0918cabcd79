"""``lookalike serve``: the page and the HTTP API."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
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
from lookalike.web.tokens import FILE, read_tokens


@dataclass(frozen=True)
class Door:
    """Where the server listens and whom it lets in."""

    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1"
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="TCP port; 0: any.")] = 8000
    token: TokenFile = None
    tokens: Annotated[
        Path | None,
        typer.Option(
            "--tokens",
            metavar="FILE",
            help="Tokens with roles, of lookalike token (default: those of the collection).",
        ),
    ] = None
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

    def options(self, collection: Path, own_tokens: Path | None = None) -> ServerOptions:
        """How to serve a collection behind this door, by one process.

        Args:
            collection: its folder.
            own_tokens: the file of tokens that counts if none was named; it need not be there.

        Raises:
            UsageError: other machines can reach the server, and nobody said that they may; both tokens and
                none were asked for; or as ``ServerOptions``.
            NotFoundError: a file of tokens was named, and is not there.
            DamagedError: it is no file of tokens.
        """
        secret, tokens = self._secret(), None if self.no_token else self.tokens or own_tokens
        if tokens is not None and (self.tokens or tokens.exists()):
            read_tokens(tokens)  # says now, and here, what is wrong with it
        elif secret is None and not self.no_token and not is_loopback(self.host):
            raise UsageError(
                f"others can reach {self.host}: give a secret by --token FILE or LOOKALIKE_TOKEN, "
                "or say --no-token; tokens with roles are made by lookalike token create"
            )
        return ServerOptions(
            collection,
            self.host,
            tuple(self.allow_host or ()),
            secret,
            None if tokens is None else absolute(tokens),
            root_path=self.root_path,
        )

    def _secret(self) -> str | None:
        if self.no_token and (self.token is not None or self.tokens is not None):
            name = "--token" if self.token is not None else "--tokens"
            raise UsageError(f"{name} FILE and --no-token are opposites; give one of them")
        return None if self.no_token else read_token(self.token)


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
    folder = absolute(settings.collection)
    door_options = door.options(folder, folder / FILE)
    options = replace(door_options, queue=queue, threads=max(1, settings.threads // processes))
    Collection.open(settings=settings).close()  # says now, and here, what is wrong with it
    from lookalike.web.serving import serve as run  # noqa: PLC0415  takes half a second

    run(options, door.port, processes, _announce)


def _announce(address: str) -> None:
    say(f"Serving {address}   (Ctrl-C stops)")
    sys.stdout.flush()
