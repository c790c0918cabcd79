"""The experiment: a folder's pictures, altered copies of some, and what each method makes of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lookalike.embed import Embedder
from lookalike.labs.robust.borders import measure_borders
from lookalike.labs.robust.copies import describe_copies, draw_queries
from lookalike.labs.robust.grid import edits
from lookalike.labs.robust.methods import rows_by_method
from lookalike.labs.robust.reading import Pictures
from lookalike.labs.robust.result import Robustness, Setting
from lookalike.labs.robust.scores import find_originals, score
from lookalike.labs.shared.progress import progress
from lookalike.settings import Settings

COMPARED = 20_000
"""Pictures whose pairs decide the borders, at most: 200 million pairs."""


def measure(pictures: Pictures, embedder: Embedder, setting: Setting, settings: Settings) -> Robustness:
    """Run the experiment.

    Args:
        pictures: to alter some of, and to find these among.
        embedder: the one that described them.
        setting: what is asked for.
        settings: limits of pictures, and how many threads work.

    Raises:
        UsageError: too few pictures, or too small ones, or all alike.
    """
    queries = draw_queries(pictures, setting.queries, setting.seed)
    known = rows_by_method(pictures.described)
    compared = _compared(len(pictures.paths), setting.seed)
    with progress("Comparing pictures", len(compared)) as advance:
        borders = measure_borders(
            known, pictures.folders(), compared, setting.false_positives, embedder.card, advance
        )
    grid = edits(quick=setting.quick)
    copies = describe_copies(pictures, queries, grid, embedder, settings)
    originals = find_originals(known, queries, embedder.card)
    scores = [
        score(edit, rows_by_method(described), known, queries, originals, borders.methods)
        for edit, described in zip(grid, copies, strict=True)
    ]
    return Robustness(setting, pictures, embedder, queries, borders, scores)


def _compared(count: int, seed: int) -> NDArray[np.int64]:
    """The pictures whose pairs are looked at: all, or some drawn from many."""
    return np.sort(np.random.default_rng(seed).permutation(count)[:COMPARED])
