"""Ctrl-C: an exception while a command works, the end of the process before and after that.

A command catches the exception and says what is kept. During an import the same exception would surface as an
error of that import, or as a traceback. Nothing is open then, so nothing is lost by ending at once.
"""

from __future__ import annotations

import os
import signal

from lookalike.cli.codes import INTERRUPTED

TYPE_CHECKING = False  # as in lookalike/__init__.py
if TYPE_CHECKING:
    from typing import NoReturn

STOPPED = "Stopped."


def end_at_once() -> None:
    """Let Ctrl-C end the process with one line and the exit code ``INTERRUPTED``."""
    _react(_end)


def raise_exception() -> None:
    """Let Ctrl-C raise ``KeyboardInterrupt``, as Python does by default."""
    _react(signal.default_int_handler)


def _react(reaction: object) -> None:
    if signal.getsignal(signal.SIGINT) in (
        signal.default_int_handler,
        _end,
    ):  # not where a shell has it ignored
        signal.signal(signal.SIGINT, reaction)  # type: ignore[arg-type]


def _end(*_: object) -> NoReturn:
    try:
        os.write(2, f"{STOPPED}\n".encode())
    finally:
        os._exit(INTERRUPTED)
