"""How much SQLite computes, counted and not timed."""

from __future__ import annotations

from collections.abc import Callable

from lookalike.store import Database


def steps(database: Database, ask: Callable[[], object]) -> int:
    """How many tens of steps SQLite's machine takes for what ``ask`` reads."""
    done = 0

    def count() -> int:
        nonlocal done
        done += 1
        return 0

    with database.atomic() as connection:
        connection.set_progress_handler(count, 10)
        try:
            ask()
        finally:
            connection.set_progress_handler(None, 0)
    return done
