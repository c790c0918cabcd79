"""Pieces of work shared by threads, one per core, of which the caller's is one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

from lookalike.settings import usable_cores

_MOST_THREADS = 8
_Piece = TypeVar("_Piece")


def share(work: Callable[[_Piece], None], pieces: Sequence[_Piece], go_on: Callable[[], None]) -> None:
    """Do all pieces of some work.

    The threads are not those of an executor: the interpreter waits at its end until an executor has done
    whatever it was given.

    Args:
        work: does one piece, in any thread; most of its time it holds no lock of the interpreter.
        pieces: what to call it with.
        go_on: called before each piece that the caller's thread does. What it raises ends the work.
    """
    left = iter(pieces)  # all threads take from it; the interpreter lets one at a time
    errors: list[BaseException] = []

    def help_out() -> None:
        try:
            for piece in left:
                work(piece)
        except BaseException as error:  # noqa: BLE001  raised again in the caller's thread
            errors.append(error)

    threads = min(_MOST_THREADS, usable_cores(), len(pieces))
    helpers = [threading.Thread(target=help_out, name="lookalike share") for _ in range(threads - 1)]
    for helper in helpers:
        helper.start()
    try:
        for piece in left:
            go_on()
            work(piece)
    finally:
        for _ in left:  # so that nothing is left for the helpers
            pass
        for helper in helpers:
            helper.join()
    if errors:
        raise errors[0]
