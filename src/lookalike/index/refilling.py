"""Keeping the tables of an LSH index up to date: they are filled anew in the background."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

from lookalike.index.hashing import HashSpec
from lookalike.index.rows import Rows
from lookalike.index.state import State, filled, unhashed
from lookalike.kernels.metrics import Metric

_FRESH = 1024  # rows that may wait outside the tables of even the smallest index


class Refilling:
    """Holds the state of an index, and replaces it by one with new tables if too many rows came or went.

    Whoever changes the state or its rows holds the lock ``changing`` meanwhile and then calls
    ``fill_if_due``. Searches read ``state`` once and need no lock.

    Attributes:
        state: what a search looks at.
        changing: the lock of those who change it.
    """

    def __init__(self, state: State, spec: Callable[[int], HashSpec | None], metric: Metric) -> None:
        """Take over a state.

        Args:
            state: to begin with.
            spec: from a number of rows, how to hash them; None if they should be scanned.
            metric: measures recall.
        """
        self.state = state
        self.changing = threading.RLock()
        self._spec, self._metric = spec, metric
        self._filling: threading.Thread | None = None

    @property
    def stale(self) -> bool:
        """Whether more rows came or went than a tenth of the index, so that new tables are being filled."""
        rows = len(self.state.rows)
        return self._spec(rows) is not None and self.state.unsettled > max(_FRESH, rows // 10)

    def settle(self) -> None:
        """Bring all rows into one part, drop the removed, and fill the tables anew, before this returns."""
        with self.changing:
            self._filling = None  # what is being filled in the background comes too late
            rows = self._settled()
            self.state = filled(rows, rows.blocks(), self._spec(len(rows)), self._metric)

    def fill_if_due(self) -> None:
        """Start to fill new tables if those there are have fallen behind; the caller holds the lock."""
        rows = self.state.rows
        if rows.dead > _FRESH + 2 * len(rows):
            # Only a third lives: let go of the rest, and of tables that are being filled from it.
            self._filling = None
            state = unhashed(self._settled())
            self.state = state if self._spec(len(rows)) is None else replace(state, covered=0)
        if self.stale and self._filling is None:
            thread = threading.Thread(target=self._fill, name="lookalike index")
            thread.start()  # it waits for the lock, which the caller holds
            self._filling = thread

    def _settled(self) -> Rows:
        """All living rows in one part."""
        rows = self.state.rows
        return Rows(rows.dim, *rows.settled())

    def _fill(self) -> None:
        """Fill tables from the rows as they are now, then let in those that came meanwhile."""

        def go_on() -> None:
            if self._filling is not threading.current_thread() or not threading.main_thread().is_alive():
                raise _NotWantedError

        try:
            with self.changing:
                rows = self.state.rows
                blocks, spec = rows.blocks(), self._spec(len(rows))
            state = filled(rows, blocks, spec, self._metric, go_on)
            with self.changing:
                go_on()
                if state.hashed is not None:
                    late = rows.tail.vectors[state.covered - len(rows.main.ids) :]
                    state.fresh.append(state.hashed.functions.sketch(late))
                self.state, self._filling = state, None
                self.fill_if_due()
        except _NotWantedError:
            pass
        finally:
            with self.changing:
                if self._filling is threading.current_thread():
                    self._filling = None


class _NotWantedError(Exception):
    """Ends the filling of tables that are no longer wanted: others took their place, or the program ends."""
