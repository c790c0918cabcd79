"""The table of all commands: where each lives, and its line in the list that ``--help`` prints.

The lines are written here too, since collecting them from the docstrings would import every command, and with
them the whole program.
"""

from __future__ import annotations

from importlib import import_module
from typing import NamedTuple

import typer


class Command(NamedTuple):
    """A command, or a group of commands, that may not be imported yet.

    Attributes:
        line: first line of its help.
        place: module in ``lookalike.cli`` and function, as ``"manage:status"``; empty for a group, whose
            module has its name.
    """

    line: str
    place: str = ""


COMMANDS = {
    "index": Command(
        "Add pictures to the collection. Unchanged ones are skipped; Ctrl-C keeps what is done.",
        "index:index",
    ),
    "search": Command("Find the copies of IMAGE, and the pictures that look most like it.", "search:search"),
    "check": Command(
        "Hold pictures against all enabled banks. Exit code 0: none is reported; 6: some are; 3: no picture.",
        "check:check",
    ),
    "undo": Command(
        "Put files back that duplicates trashed, moved or hard-linked; none that has come since is replaced.",
        "undo:undo",
    ),
    "duplicates": Command(
        "Find pictures that are copies of each other, and clean up. Exit code 3: there are none.",
        "duplicates:duplicates",
    ),
    "remove": Command(
        "Forget pictures; the files stay. The next index of these files adds them again, but for --forever.",
        "manage:remove",
    ),
    "status": Command("Tell what the collection holds.", "manage:status"),
    "verify": Command(
        "Check what is stored; damaged index caches are rebuilt. Exit code 4: the catalog is damaged.",
        "manage:verify",
    ),
    "hash": Command(
        "Print perceptual hashes: pictures that look alike differ in few bits.", "compare:hash_images"
    ),
    "compare": Command(
        "Tell whether one picture is a copy of another. Exit code 0: identical or a copy; 1: neither.",
        "compare:compare",
    ),
    "models": Command(
        "List the embedders: those inside the package, and what plug-ins offer.", "models:models"
    ),
    "reembed": Command(
        "Move the collection to another embedder. Until all is read again it keeps its own.",
        "reembed:reembed",
    ),
    "watch": Command(
        "Index folders, and go on adding and forgetting pictures as files come and go, until Ctrl-C.",
        "watch:watch",
    ),
    "backup": Command(
        "Write the collection into one file, also while it is searched and added to.", "backup:backup"
    ),
    "restore": Command(
        "Make a collection from a backup, if every checksum is right; one that is there is left alone.",
        "restore:restore",
    ),
    "serve": Command(
        "Serve a collection, or several: a page for people, an API for programs.", "serve:serve"
    ),
    "demo": Command(
        "Index pictures, search with altered copies of some, and write a page that shows what was found.",
        "demo:demo",
    ),
    "audit": Command("The log of decisions: who, what, when."),
    "bank": Command("Banks of known pictures and hashes, which check asks."),
    "token": Command("Tokens by which others may use a server, each with a role."),
    "cluster": Command("The same collection on many machines."),
    "lab": Command("Train networks; repeat the experiments."),
    "review": Command(
        "Matches of check --keep, for a person to decide; in a browser: lookalike serve, then /review."
    ),
}


def register(app: typer.Typer, name: str) -> None:
    """Import a command, or a group of commands, and make it a part of the program."""
    module, _, function = COMMANDS[name].place.partition(":")
    if function:
        app.command(name)(getattr(import_module(f"lookalike.cli.{module}"), function))
    else:
        app.add_typer(import_module(f"lookalike.cli.{name}").app, name=name)


def list_only(app: typer.Typer, name: str) -> None:
    """Let the program show a command in the list of commands; it cannot be run."""
    app.command(name, help=COMMANDS[name].line)(_unregistered)


def _unregistered() -> None:
    raise NotImplementedError
