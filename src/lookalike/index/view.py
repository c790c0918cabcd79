"""The rows of an LSH index as one search sees them, for a scan and for the funnel."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from numpy.typing import ArrayLike

from lookalike.index import funnel, tuning
from lookalike.index.base import DEFAULT_RECALL
from lookalike.index.estimate import Wish
from lookalike.index.rows import Block
from lookalike.index.state import State
from lookalike.kernels.stored import Stored

if TYPE_CHECKING:
    from lookalike.kernels.funnel import Effort


class View:
    """The rows that can be answers to one search."""

    def __init__(self, state: State, among: ArrayLike | None) -> None:
        """Look at a state.

        Args:
            state: of the index, as it is now.
            among: (n,) ids; only these can be answers. None for all.

        Raises:
            UsageError: those are no ids.
        """
        self._state = state
        # A row comes into the tail before its sketch comes here, so each of these sketches has its row.
        self._fresh = state.fresh.rows
        self._blocks = None if among is None else state.rows.having(among)
        blocks = self._blocks or []
        self.living = len(state.rows) if among is None else sum(int(block.alive.sum()) for block in blocks)

    def effort(
        self, k: int, recall: float | None, probes: int | None = None, *, own: bool = True
    ) -> Effort | None:
        """How far a search has to go; None if it should scan.

        Args:
            k: neighbours wanted.
            recall: wanted recall; None for 0.95.
            probes: buckets to visit instead; None to go by the recall.
            own: whether the index's own metric ranks them, so that the answers can be judged.
        """
        state, wanted = self._state, DEFAULT_RECALL if recall is None else recall
        if state.hashed is None or not self.living:
            return None
        if probes is not None:
            return funnel.effort_by_probes(state.hashed, probes, k, self._alive * self._among)
        # The k nearest of every tenth row are to be found among the 10 k nearest of all.
        curve = tuning.curve_for(state.curves, math.ceil(k / self._among))
        point = tuning.effort_for(curve, wanted) if wanted < 1 else None
        if point is None:
            return None
        judge = state.judge if own and state.hashed.functions.tables == 1 else None
        most = tuning.worth_a_scan(self.living, state.rows.dim)
        return funnel.effort_of(point, k, self._alive, most, judge, Wish.of(wanted))

    @property
    def _among(self) -> float:
        """The share of the living rows that can be answers."""
        return self.living / max(len(self._state.rows), self.living)

    @property
    def _alive(self) -> float:
        """The share of the rows in the tables that are alive."""
        rows, hashed = self._state.rows, self._state.hashed
        in_tables = 0 if hashed is None else len(hashed.tables.rows)
        return max(in_tables - (rows.dead - self._state.dead), 1) / max(in_tables, 1)

    @property
    def blocks(self) -> list[Block]:
        """The rows, for a scan."""
        return self._state.rows.blocks() if self._blocks is None else self._blocks

    def stored(self) -> Stored:
        """The rows that tables and sketches know, for the funnel."""
        rows = self._state.rows
        main, tail = (rows.main, rows.tail) if self._blocks is None else self._blocks
        known = self._state.covered + len(self._fresh) - len(main.ids)  # later rows have no sketch yet
        tail = Block(tail.ids[:known], tail.vectors[:known], tail.alive[:known])
        if self._blocks is None and not rows.dead:
            main, tail = (block._replace(alive=block.alive[:0]) for block in (main, tail))
        return Stored.of(main, tail, self._fresh)
