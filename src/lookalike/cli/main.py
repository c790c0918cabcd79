"""The program: its commands, and what each kind of error means to a shell."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any, NoReturn

import typer
from typer.core import TyperGroup

import lookalike
from lookalike.cli import interrupts
from lookalike.cli.arguments import refuse_empty
from lookalike.cli.codes import DAMAGED, INTERRUPTED, NOT_FOUND, READER_GONE, REJECTED, UNABLE, USAGE
from lookalike.cli.commands import COMMANDS, list_only, register
from lookalike.cli.output import lost_result, note, prepare_streams, say
from lookalike.disk import is_refusal
from lookalike.errors import Busy, DamagedError, ImageError, LookalikeError, NotFoundError, StorageError
from lookalike.paths import shown

_TOLD = (LookalikeError, OSError, MemoryError, KeyboardInterrupt)  # all else is a fault of this program
_CODES: dict[type[BaseException], int] = {
    ImageError: REJECTED,
    NotFoundError: NOT_FOUND,
    DamagedError: DAMAGED,
    StorageError: UNABLE,
    Busy: UNABLE,
    MemoryError: UNABLE,
    ImportError: UNABLE,
}


def build(arguments: Sequence[str]) -> typer.Typer:
    """The program for some arguments.

    A command is imported only if it is named: a search should not wait for the progress bar of ``index``, nor
    ``--help`` for any of them.
    """
    app = typer.Typer(
        cls=_Commands,
        help="Find a picture, its edited copies and its lookalikes in a collection.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    app.callback(invoke_without_command=True)(_program)
    if arguments and arguments[0] in COMMANDS:
        register(app, arguments[0])
        return app
    for name in COMMANDS:  # an option, a misspelt command or nothing comes first
        (register if name in arguments else list_only)(app, name)
    return app


def exit_code(error: BaseException) -> int:
    """What an error means to a shell."""
    if isinstance(error, OSError):
        return UNABLE if is_refusal(error) else USAGE
    return next((code for kind, code in _CODES.items() if isinstance(error, kind)), USAGE)


def complain(error: BaseException) -> int:
    """Say in one line what stopped the program.

    Returns:
        The exit code. No word is said where the reader of a pipe went away: whoever closed it knows.
    """
    if isinstance(error, BrokenPipeError):
        return READER_GONE
    if isinstance(error, KeyboardInterrupt):
        note(interrupts.STOPPED)
        return INTERRUPTED
    reason = str(error)
    if isinstance(error, OSError) and error.strerror:
        reason = f"{os.fsdecode(error.filename)}: {error.strerror}" if error.filename else error.strerror
    elif isinstance(error, MemoryError):
        reason = "there is not enough memory"
    elif isinstance(error, ImportError):
        reason = f"a part of the program cannot be loaded: {error}"
    note(f"lookalike: {shown(reason)}")
    return exit_code(error)


def run() -> NoReturn:
    """Run the program and exit."""
    interrupts.end_at_once()
    prepare_streams()
    try:
        refuse_empty(sys.argv[1:])
        app = build(sys.argv[1:])
        gc.freeze()  # what was imported stays to the end: no later round of collecting need go over it
        gc.enable()
        if "numpy" in sys.modules and "lookalike.cli.freed" not in sys.modules:
            # A command that computes, and no search, which has begun with that. For --help it would not pay.
            import_module("lookalike.cli.freed").keep_freed_memory()
        interrupts.raise_exception()
        app()
    except SystemExit as stop:
        leave(stop.code if isinstance(stop.code, int) else 0)
    except (*_TOLD, ImportError) as error:
        leave(complain(error))
    leave(0)


def leave(code: int) -> NoReturn:
    """End the process at once: every file is closed by now, and taking a network apart costs 90 ms.

    A search takes 430 ms with this and 550 ms without, most of it imports.
    """
    interrupts.end_at_once()
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        code = code or READER_GONE
    except OSError as error:
        if code not in (UNABLE, READER_GONE):  # else it has been said
            code = complain(lost_result(error))
    finally:
        os._exit(code)


def _lacking(error: Exception) -> MemoryError | StorageError | None:
    """What Python or OpenCV means by an error that says only by its text that the machine lacks something.

    Returns:
        None if it is another error.
    """
    if isinstance(error, RuntimeError) and str(error) == "can't start new thread":
        return StorageError("no further thread can be started: this machine, or its user, has too many")
    no_memory = any(words in str(error) for words in ("Insufficient memory", "bad_alloc"))
    return MemoryError() if no_memory and type(error).__module__ == "cv2" else None


class _Commands(TyperGroup):
    """The program's commands; an error that ends one is told in one line, before Typer can see it."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except _TOLD as error:
            raise SystemExit(complain(error)) from None
        except Exception as error:
            lacking = _lacking(error)
            if lacking is None:
                raise
            raise SystemExit(complain(lacking)) from None


def _program(
    version: bool = typer.Option(False, "--version", help="Print the version and stop."),
) -> None:
    if version:
        say(f"lookalike {lookalike.__version__}")
        raise typer.Exit
