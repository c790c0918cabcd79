"""The program: its commands, and what each kind of error means to a shell."""

from __future__ import annotations

import gc
import io
import os
import sys
from importlib import import_module
from typing import NoReturn

import typer

import lookalike
from lookalike.cli.arguments import refuse_empty
from lookalike.cli.codes import DAMAGED, NOT_FOUND, REJECTED, USAGE
from lookalike.errors import DamagedError, ImageError, LookalikeError, NotFoundError

# Where each command lives. Only the one that was asked for is imported: a search should not wait for the
# progress bar of index.
COMMANDS = {
    "index": "index:index",
    "search": "search:search",
    "remove": "manage:remove",
    "status": "manage:status",
    "verify": "manage:verify",
    "hash": "compare:hash_images",
    "compare": "compare:compare",
    "models": "models:models",
    "reembed": "reembed:reembed",
    "serve": "serve:serve",
    "demo": "demo:demo",
}
GROUPS = ("lab",)  # of commands, each in the module of its name


def build(names: list[str]) -> typer.Typer:
    """The program with some of its commands."""
    app = typer.Typer(
        help="Find a picture, its edited copies and its lookalikes in a collection.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    app.callback(invoke_without_command=True)(_program)
    for name in names:
        if name in GROUPS:
            app.add_typer(import_module(f"lookalike.cli.{name}").app, name=name)
            continue
        module, _, function = COMMANDS[name].partition(":")
        app.command(name)(getattr(import_module(f"lookalike.cli.{module}"), function))
    return app


def exit_code(error: LookalikeError) -> int:
    """What an error means to a shell."""
    if isinstance(error, ImageError):
        return REJECTED
    if isinstance(error, NotFoundError):
        return NOT_FOUND
    return DAMAGED if isinstance(error, DamagedError) else USAGE


def run() -> NoReturn:
    """Run the program and exit; usage errors, Ctrl-C and closed pipes are handled inside the app."""
    asked = sys.argv[1:2]
    if isinstance(sys.stdout, io.TextIOWrapper):  # like stderr: a name is escaped where it cannot be shown
        sys.stdout.reconfigure(errors="backslashreplace")
    gc.disable()  # importing allocates much and frees nothing: collecting meanwhile costs 30 ms
    try:
        refuse_empty(sys.argv[1:])
        every = [*COMMANDS, *GROUPS]
        app = build(asked if asked and asked[0] in every else every)
        gc.enable()
        app()
    except LookalikeError as error:
        sys.stderr.write(f"lookalike: {error}\n")
        leave(exit_code(error))
    except SystemExit as stop:
        leave(stop.code if isinstance(stop.code, int) else 0)
    leave(0)


def leave(code: int) -> NoReturn:
    """End the process at once: every file is closed by now, and taking a network apart costs 90 ms.

    A search takes 430 ms with this and 550 ms without, most of it imports.
    """
    try:
        sys.stdout.flush()
    except OSError as error:
        code = code or REJECTED
        if not isinstance(error, BrokenPipeError):
            sys.stderr.write(f"lookalike: the result could not be written: {error.strerror}\n")
    finally:
        sys.stderr.flush()
        os._exit(code)


def _program(
    version: bool = typer.Option(False, "--version", help="Print the version and stop."),
) -> None:
    if version:
        sys.stdout.write(f"lookalike {lookalike.__version__}\n")
        raise typer.Exit
