"""``lookalike token``: tokens by which others may use a server, each with a role."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lookalike.cli.options import AsJson, CollectionFolder
from lookalike.cli.output import note, say, say_json, say_table
from lookalike.errors import NotFoundError
from lookalike.paths import absolute
from lookalike.settings import load_settings
from lookalike.web.roles import Role
from lookalike.web.tokens import FILE, Token, create_token, read_tokens, revoke_token

app = typer.Typer(help="Tokens with which others may use a server, each with a role.", no_args_is_help=True)

Name = Annotated[
    str, typer.Argument(metavar="NAME", help="Name of the token's owner; the server's log shows it.")
]
TokensFile = Annotated[
    Path | None,
    typer.Option(
        "--tokens",
        metavar="FILE",
        help=f"File that holds the tokens' hashes (default: {FILE} in the collection).",
    ),
]


@app.command()
def create(
    name: Name,
    role: Annotated[Role, typer.Option("--role", help="What the token lets its owner do.")],
    only: Annotated[
        list[str] | None,
        typer.Option(
            "--only",
            metavar="NAME",
            help="A collection that the token is for (default: all of the server); repeatable.",
        ),
    ] = None,
    tokens: TokensFile = None,
    collection: CollectionFolder = None,
    as_json: AsJson = False,
) -> None:
    """Make a token and print it, this once. Servers take it from then on."""
    path = _file(tokens, collection)
    secret = create_token(path, name, role, only or None)
    if as_json:
        say_json("token/1", name=name, role=role, collections=only or None, token=secret, file=str(path))
        return
    say(secret)
    limit = f", for {', '.join(only)} alone" if only else ""
    note(f"This is the token of {name}, role {role}{limit}. It is not shown again; its hash is in {path}.")
    note("Servers that use this file let in nobody without a token, also those that are running.")


@app.command("list")
def list_tokens(
    tokens: TokensFile = None, collection: CollectionFolder = None, as_json: AsJson = False
) -> None:
    """List the tokens: when each was made, its role, its collections and its name."""
    found = read_tokens(_file(tokens, collection))
    if as_json:
        facts = [
            {
                "name": one.name,
                "role": one.role,
                "collections": None if one.collections is None else list(one.collections),
                "created": one.created,
            }
            for one in found
        ]
        say_json("tokens/1", tokens=facts)
    else:
        rows = [(one.created, one.role, _collections(one), one.name) for one in found]
        say_table(("created", "role", "collections", "name"), rows)


@app.command()
def revoke(name: Name, tokens: TokensFile = None, collection: CollectionFolder = None) -> None:
    """Remove a token. Servers refuse it from then on."""
    revoke_token(_file(tokens, collection), name)
    say(f"The token of {name} is not accepted any more.")


def _collections(token: Token) -> str:
    return "all" if token.collections is None else ",".join(token.collections)


def _file(tokens: Path | None, collection: Path | None) -> Path:
    """The file of tokens that was named, or else that of the collection.

    Raises:
        NotFoundError: there is no such collection.
    """
    if tokens is not None:
        return absolute(tokens)
    folder = absolute(load_settings({"collection": collection}).collection)
    if not folder.is_dir():
        raise NotFoundError(f"there is no collection at {folder}; make it with: lookalike index FOLDER")
    return folder / FILE
