"""State: everything that one search of an LSH index reads; replaced as a whole when tables are refilled."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from lookalike.index import trial, tuning
from lookalike.index.estimate import Judge
from lookalike.index.growing import Growing
from lookalike.index.hashed import Hashed, fill
from lookalike.index.hashing import HashSpec
from lookalike.index.rows import Block, Rows
from lookalike.kernels.bits import SKETCH_WORDS
from lookalike.kernels.metrics import Metric


def no_sketches() -> Growing[np.uint64]:
    """Sketches of no rows, to be appended to."""
    return Growing((SKETCH_WORDS,), np.uint64)


@dataclass(frozen=True, slots=True)
class State:
    """Everything that a search looks at; replaced whole, so that a search never sees half of a change.

    Attributes:
        rows: all pairs of id and vector.
        covered: how many rows, numbered through main part and tail, the tables were filled from. Without
            tables, how many rows the main part has.
        hashed: hash functions, and tables over the covered rows; None if every search is a scan.
        curves: for some numbers k of neighbours, the recall that was measured with those tables.
        dead: how many of the covered rows were dead already when the tables were filled, and so are not in
            them.
        fresh: sketches of the rows after the covered ones; of none without tables.
        judge: tells how complete answers of those tables are.
    """

    rows: Rows
    covered: int
    hashed: Hashed | None = None
    curves: Mapping[int, tuning.Curve] = field(default_factory=dict)
    dead: int = 0
    fresh: Growing[np.uint64] = field(default_factory=no_sketches)
    judge: Judge = field(default_factory=Judge)

    @property
    def unsettled(self) -> int:
        """Rows added or removed since the tables were filled."""
        return self.rows.size - self.covered + self.rows.dead - self.dead

    def words(self) -> tuple[str, str]:
        """What is said of the rows and of the tables."""
        rows = f"{len(self.rows):,} rows of {self.rows.dim} numbers"
        if self.hashed is None:
            return rows, "no tables: every search is a scan"
        functions = self.hashed.functions
        if functions.bits:
            tables = f"{functions.tables} table{'s' if functions.tables > 1 else ''}"
            hashed = f"{tables} of {functions.buckets:,} buckets"
        else:
            hashed = f"{functions.buckets:,} cell{'s' if functions.buckets > 1 else ''}"
        changes = f", {self.unsettled:,} changes since they were filled" if self.unsettled else ""
        return rows, f"{hashed}{changes}"


def unhashed(rows: Rows) -> State:
    """The state of an index without tables, which scans."""
    return State(rows, len(rows.main.ids))


def filled(
    rows: Rows,
    blocks: Sequence[Block],
    spec: HashSpec | None,
    metric: Metric,
    go_on: Callable[[], None] = lambda: None,
) -> State:
    """Fill tables from blocks of rows and measure recall with them.

    Args:
        rows: all pairs.
        blocks: main part and tail of ``rows`` as they were at some moment.
        spec: how to hash them; None for an index that scans.
        metric: measures which rows are the true neighbours, for recall.
        go_on: called now and then; what it raises ends the work.
    """
    if spec is None:
        return unhashed(rows)
    hashed = fill(blocks, spec, go_on)
    curves = tuning.measure_recall(blocks, hashed, metric, np.random.default_rng(spec.seed), go_on)
    judge = trial.learn(blocks, hashed, curves, metric, np.random.default_rng(spec.seed), go_on)
    covered = sum(len(block.ids) for block in blocks)
    return State(rows, covered, hashed, curves, covered - len(hashed.tables.rows), judge=judge)
