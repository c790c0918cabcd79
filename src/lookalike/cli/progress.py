"""How far a long command has come: a bar on a terminal, one line per minute elsewhere; both on stderr."""

from __future__ import annotations

import threading
import time

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from lookalike import Progress as Done
from lookalike.cli.output import note

_SECONDS_BETWEEN_LINES = 60.0


class ProgressBar:
    """Shows progress while it is entered.

    If stderr is no terminal (a log of cron or of a container), a background thread writes the lines, so that
    they come even if the work stands still, and the log shows where. A last line says that all is done.

    Attributes:
        done: how much of the work is done.
        planned: how much there was to do at first; more may have come since.
    """

    def __init__(self, title: str, *, visible: bool, between: float = _SECONDS_BETWEEN_LINES) -> None:
        """Show nothing yet.

        Args:
            title: what is done, as "Indexing".
            visible: whether anything is shown at all.
            between: seconds from line to line.
        """
        console = Console(stderr=True)
        self._title, self._between = title, between
        self._bar = Progress(
            TextColumn(title),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            console=console,
            disable=not (visible and console.is_terminal),
            transient=True,
        )
        self._lines = visible and not console.is_terminal
        self._task = self._bar.add_task("", total=None, rate="")
        self._started = time.monotonic()
        self._over = threading.Event()
        self._total: int | None = None
        self.done = self.planned = 0

    def __enter__(self) -> ProgressBar:
        self._bar.start()
        if self._lines:
            threading.Thread(target=self._write_lines, name="progress", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._bar.stop()

    def __call__(self, progress: Done) -> None:
        """Show how far the work has come."""
        if self._total is None:
            self.planned = progress.total
        self.done, self._total = progress.done, progress.total
        self._bar.update(self._task, completed=progress.done, total=progress.total, rate=self._rate())

    def _write_lines(self) -> None:
        said: tuple[int, int | None] | None = None
        while not self._over.wait(self._between):
            now = self.done, self._total
            if now != said or self.done != self._total:
                note(self._line())
            said = now

    def _line(self) -> str:
        if self._total is None:
            return f"{self._title}: looking for files"
        rate = self._rate()
        return f"{self._title}: {self.done:,} of {self._total:,}{f', {rate}' if rate else ''}"

    def _rate(self) -> str:
        seconds = max(time.monotonic() - self._started, 1e-3)
        return f"{self.done / seconds:.0f} images/s" if self.done else ""
