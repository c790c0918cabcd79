"""``lookalike serve``: the page and the HTTP API."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from lookalike import Collection
from lookalike.cli.options import CollectionFolder, TokenFile
from lookalike.cli.output import say
from lookalike.cli.tokens import read_token
from lookalike.errors import UsageError
from lookalike.paths import absolute
from lookalike.settings import load_settings
from lookalike.web.options import ServerOptions, is_loopback


def serve(
    collection: CollectionFolder = None,
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="TCP port; 0: any.")] = 8000,
    token: TokenFile = None,
    no_token: Annotated[
        bool, typer.Option("--no-token", help="Let everybody in who can reach --host.")
    ] = False,
    allow_host: Annotated[
        list[str] | None,
        typer.Option("--allow-host", metavar="NAME", help="Another name by which browsers may call it."),
    ] = None,
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
    secret = None if no_token else read_token(token)
    if secret is None and not no_token and not is_loopback(host):
        raise UsageError(
            f"others can reach {host}: give a secret by --token FILE or LOOKALIKE_TOKEN, or say --no-token"
        )
    Collection.open(settings=settings).close()  # says now, and here, what is wrong with it
    from lookalike.web.serving import serve as run  # noqa: PLC0415  takes half a second

    options = ServerOptions(
        absolute(settings.collection),
        host,
        tuple(allow_host or ()),
        secret,
        queue,
        threads=max(1, settings.threads // processes),
    )
    run(options, port, processes, _announce)


def _announce(address: str) -> None:
    say(f"Serving {address}   (Ctrl-C stops)")
    sys.stdout.flush()
