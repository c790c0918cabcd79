"""The command ``lookalike``, also as ``python -m lookalike``."""

from __future__ import annotations

import gc
import sys

from lookalike.cli import interrupts

TYPE_CHECKING = False  # as in lookalike/__init__.py
if TYPE_CHECKING:
    from typing import NoReturn


def run() -> NoReturn:
    """Run the program and exit. Ctrl-C counts from the start: imports take most of the first half second."""
    interrupts.end_at_once()
    gc.disable()  # importing allocates much and frees nothing: collecting meanwhile costs 30 ms
    from lookalike.cli import ahead  # noqa: PLC0415  Ctrl-C is taken care of only now

    ahead.begin(sys.argv[1:])
    from lookalike.cli.main import run as run_program  # noqa: PLC0415

    run_program()


if __name__ == "__main__":
    run()
