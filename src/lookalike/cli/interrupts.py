"""Ctrl-C: while a command works it is an exception, so that the command can say what is kept; before and after
that it ends the process at once.

An exception would do harm outside a command: one that comes in the middle of an import can surface as an error
of that import, or as a traceback. Nothing is open then, so nothing is lost by ending at once.
"""

from __future__ import annotations

import os
import signal
from typing import NoReturn

from lookalike.cli.codes import INTERRUPTED

STOPPED = "Stopped."


def end_at_once() -> None:
    """Let Ctrl-C end the process with one line and the exit code ``INTERRUPTED``."""
    _react(_end)


def raise_exception() -> None:
    """Let Ctrl-C raise ``KeyboardInterrupt``, as Python does by default."""
    _react(signal.default_int_handler)


def _react(reaction: object) -> None:
    if signal.getsignal(signal.SIGINT) in (signal.default_int_handler, _end):  # not where a shell has it ignored
        signal.signal(signal.SIGINT, reaction)  # type: ignore[arg-type]


def _end(*_: object) -> NoReturn:
    try:
        os.write(2, f"{STOPPED}\n".encode())
    finally:
        os._exit(INTERRUPTED)
