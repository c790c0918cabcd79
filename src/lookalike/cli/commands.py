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
        panel: heading below which the list of commands shows it.
        place: module in ``lookalike.cli`` and function, as ``"manage:status"``; empty for a group, whose
            module has its name.
    """

    line: str
    panel: str
    place: str = ""


_FIND = "Find pictures"
_KEEP = "Look after the collection"
_KNOWN = "Known pictures: banks, checks and review"
_SERVE = "Serve others"
_MORE = "Networks, hashes and experiments"


COMMANDS = {
    "index": Command(
        "Add pictures and folders. Files that did not change are skipped; Ctrl-C keeps what is done.",
        _FIND,
        "index:index",
    ),
    "search": Command(
        "Find the copies of IMAGE, and the pictures that look most like it.", _FIND, "search:search"
    ),
    "compare": Command(
        "Tell whether one picture is a copy of another. Exit code 0: identical or a copy; 1: neither.",
        _FIND,
        "compare:compare",
    ),
    "duplicates": Command(
        "Find pictures that are copies of each other, and clean up. Exit code 3: there are none.",
        _FIND,
        "duplicates:duplicates",
    ),
    "undo": Command(
        "Put back files that duplicates trashed, moved or hard-linked, unless another file is there now.",
        _FIND,
        "undo:undo",
    ),
    "status": Command(
        "Tell what the collection holds, and which of its files are missing.", _KEEP, "manage:status"
    ),
    "verify": Command(
        "Check what is stored, and rebuild damaged index caches. Exit code 4: the catalog is damaged.",
        _KEEP,
        "manage:verify",
    ),
    "remove": Command(
        "Forget pictures; their files stay. The next index adds them again, unless --forever is given.",
        _KEEP,
        "manage:remove",
    ),
    "watch": Command(
        "Index folders, then add and forget pictures as their files come and go, until Ctrl-C.",
        _KEEP,
        "watch:watch",
    ),
    "reembed": Command(
        "Move the collection to another embedder. Searches use the old one until all is read again.",
        _KEEP,
        "reembed:reembed",
    ),
    "backup": Command(
        "Write the collection into one file, even while it is searched or added to.", _KEEP, "backup:backup"
    ),
    "restore": Command(
        "Make a collection from a backup, if every checksum is right. No existing collection is replaced.",
        _KEEP,
        "restore:restore",
    ),
    "bank": Command("Banks: named sets of known pictures and hashes, with which check compares.", _KNOWN),
    "check": Command(
        "Compare pictures with all enabled banks. Exit code 0: none is reported; 6: some are; 3: no picture.",
        _KNOWN,
        "check:check",
    ),
    "review": Command(
        "Decide about matches that check --keep queued. In a browser: lookalike serve, then /review.", _KNOWN
    ),
    "audit": Command("Verify or export the log of review decisions: who decided what, and when.", _KNOWN),
    "serve": Command(
        "Serve a collection, or several: a page for people, an API for programs.", _SERVE, "serve:serve"
    ),
    "token": Command("Tokens with which others may use a server, each with a role.", _SERVE),
    "cluster": Command("Keep a collection on many machines, and search it there.", _SERVE),
    "hash": Command(
        "Print perceptual hashes: pictures that look alike differ in few bits.", _MORE, "compare:hash_images"
    ),
    "models": Command(
        "List the embedders, the networks that turn pictures into vectors: bundled ones and plug-ins.",
        _MORE,
        "models:models",
    ),
    "lab": Command("Train networks and repeat the experiments.", _MORE),
    "demo": Command(
        "Index pictures, search with altered copies of some, and write a page that shows what was found.",
        _MORE,
        "demo:demo",
    ),
}


def register(app: typer.Typer, name: str) -> None:
    """Import a command, or a group of commands, and make it a part of the program."""
    command = COMMANDS[name]
    module, _, function = command.place.partition(":")
    if function:
        found = getattr(import_module(f"lookalike.cli.{module}"), function)
        app.command(name, rich_help_panel=command.panel)(found)
    else:
        group = import_module(f"lookalike.cli.{name}").app
        app.add_typer(group, name=name, rich_help_panel=command.panel)


def list_only(app: typer.Typer, name: str) -> None:
    """Let the program show a command in the list of commands; it cannot be run."""
    app.command(name, help=COMMANDS[name].line, rich_help_panel=COMMANDS[name].panel)(_unregistered)


def _unregistered() -> None:
    raise NotImplementedError
