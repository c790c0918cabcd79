"""All pairs of the rows of an LSH index, by its tables; by a scan if that is cheaper or exact."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lookalike.index import pair_limits
from lookalike.index.exact import scan_pairs
from lookalike.index.hashed import fill
from lookalike.index.hashing import HashSpec
from lookalike.index.pair_tables import PairTables
from lookalike.index.pairs import AllPairs, Asked
from lookalike.index.rows import Block
from lookalike.index.state import State
from lookalike.kernels.arrays import frozen
from lookalike.kernels.metrics import Metric

_ROWS_AT_ONCE = 1 << 12
_FEW = 4  # tables of rows of which less than a quarter can be answers are not worth walking


def pairs_of(
    state: State, spec_of: Callable[[int], HashSpec | None], metric: Metric, asked: Asked
) -> AllPairs:
    """Find all pairs of the rows as they are now; what comes or goes later does not show.

    Rows that came since the tables were filled are in no bucket, and to compare each row with all of these
    would cost more than new tables. So new tables are filled for this answer, if there are such rows.

    Args:
        state: of the index.
        spec_of: from a number of rows, how to hash them; None if they should be scanned.
        metric: measures distance.
        asked: for what.
    """
    blocks = state.rows.having(asked.among)
    living = sum(int(block.alive.sum()) for block in blocks)
    spec = spec_of(living)
    if spec is None or asked.recall == 1 or not np.isfinite(asked.radius):
        return scan_pairs(blocks, metric, asked)
    hashed = state.hashed
    if hashed is None or state.covered < sum(len(block.ids) for block in blocks):
        hashed = fill(blocks, spec)
    elif living < len(hashed.tables.rows) // _FEW:
        blocks = [_only_living(block) for block in blocks]
        hashed = fill(blocks, spec)
    tables = PairTables(hashed, blocks, metric)
    chosen = pair_limits.choose(tables, asked, np.random.default_rng(spec.seed))
    if chosen is None:
        return scan_pairs(blocks, metric, asked)
    limits, recall = chosen
    return AllPairs(tables.ids, _ROWS_AT_ONCE, lambda part: tables.find(part, limits), asked, recall)


def _only_living(block: Block) -> Block:
    ids = block.ids[block.alive]
    return Block(frozen(ids), frozen(block.vectors[block.alive]), frozen(np.ones(len(ids), np.bool_)))
