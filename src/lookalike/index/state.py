"""What a search in an LSH index looks at, and how that is made from rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from lookalike.index import tuning
from lookalike.index.growing import Growing
from lookalike.index.hashing import Hashing, HashSpec, fill
from lookalike.index.rows import Block, Rows
from lookalike.kernels.bits import SKETCH_WORDS
from lookalike.kernels.metrics import Metric


class State(NamedTuple):
    """What a search looks at; replaced whole, so that a search never sees half of a change.

    Attributes:
        rows: all pairs.
        hashing: hash functions and tables over the first ``covered`` rows; None where every search scans.
        curves: k to what was measured with those tables.
        covered: how many rows, counted through main part and tail, the tables were filled from; without
            tables, the main part.
        dead: how many of those were dead by then, and so are not in the tables.
        fresh: sketches of the rows after the covered ones.
    """

    rows: Rows
    hashing: Hashing | None
    curves: Mapping[int, tuning.Curve]
    covered: int
    dead: int
    fresh: Growing[np.uint64]


def unhashed(rows: Rows) -> State:
    """The state of an index that scans."""
    return State(rows, None, {}, len(rows.main.ids), 0, no_sketches())


def filled(
    rows: Rows,
    blocks: Sequence[Block],
    spec: HashSpec | None,
    metric: Metric,
    go_on: Callable[[], None] = lambda: None,
) -> State:
    """The state with tables over blocks of rows.

    Args:
        rows: all pairs.
        blocks: main part and tail as they were at some moment.
        spec: how to hash them; None to scan.
        metric: how true neighbours are told.
        go_on: called now and then; what it raises ends the work.
    """
    if spec is None:
        return unhashed(rows)
    hashing = fill(blocks, spec, go_on)
    curves = tuning.measure_recall(blocks, hashing, metric, np.random.default_rng(spec.seed), go_on)
    covered = sum(len(block.ids) for block in blocks)
    return State(rows, hashing, curves, covered, covered - len(hashing.rows), no_sketches())


def no_sketches() -> Growing[np.uint64]:
    """Sketches of no rows."""
    return Growing((SKETCH_WORDS,), np.uint64)
