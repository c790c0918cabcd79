"""Progress on stderr: a bar where stderr is a terminal, and lines that appear above it.

All of it goes through one console, so that a line printed while a bar is shown does not run into the bar.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sized
from contextlib import contextmanager
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

Advance = Callable[[int], object]
"""Called with how many more are done."""

T = TypeVar("T")

_CONSOLE = Console(stderr=True)


@contextmanager
def progress(title: str, total: int | None) -> Iterator[Advance]:
    """Show a bar until the block ends; nothing if stderr is not a terminal.

    Args:
        title: what is being done, shown as it is.
        total: how many there are to do; None if nobody knows.
    """
    title_column = TextColumn("{task.description}", markup=False)
    columns = (title_column, BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=_CONSOLE, transient=True, disable=not _CONSOLE.is_terminal) as bar:
        task = bar.add_task(title, total=total)
        yield lambda done: bar.advance(task, done)


def tracked(items: Iterable[T], title: str) -> Iterator[T]:
    """Hand items on and show a bar of how many were taken."""
    with progress(title, len(items) if isinstance(items, Sized) else None) as advance:
        for item in items:
            yield item
            advance(1)


def tell(line: str) -> None:
    """Print a line as it is, above the bar if one is shown."""
    _CONSOLE.print(line, markup=False, highlight=False, soft_wrap=True)
