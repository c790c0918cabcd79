"""Insets: a picture that was laid over a part of another one, found by its four straight edges."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
"""Part of a picture of at most 256 pixels a side: (3, height, width)."""

Edges = NDArray[np.bool_]
"""Where a picture has a step across a column, (height, width)."""

_LEAST_SIDE, _LEAST_SHARE, _MOST_SHARE = 40, 0.05, 0.8  # of an inset: pixels, shares of the picture's area
_STEP = 12  # levels of 255 that make a step; it must be higher than steps nearby by half of that
_MISSED = 2  # pixels with a step that one pixel without a step outweighs in a line
_LINES = 20  # most columns, and rows, in which an edge may lie: those with the longest lines
_ALONG = 0.8  # least share of the four edges together that has a step
_ALONG_EACH = 0.5  # least share of each edge: it may end in tones like those around it
_TIGHT = 6
"""Power of the share of edges with a step, by which it outweighs the size: a larger rectangle whose edges are
partly those of the inset must not be taken for it."""


def find_inset(pixels: Pixels) -> tuple[slice, slice] | None:
    """Find the inset of a picture.

    Args:
        pixels: without plain edges.

    Returns:
        its rows and columns; None if there is no inset.
    """
    upright, level = _edges(pixels), _edges(pixels.transpose(0, 2, 1))
    columns, rows = _lines(upright), _lines(level)
    left, right = np.triu_indices(len(columns), 1)
    top, bottom = np.triu_indices(len(rows), 1)
    if not len(left) or not len(top):
        return None
    wide, tall = (columns[right] - columns[left])[:, None], (rows[bottom] - rows[top])[None]
    down, across = _steps_before(upright, columns), _steps_before(level, rows)
    along = np.stack(
        [
            (down[rows[bottom]][:, left] - down[rows[top]][:, left]).T / tall,
            (down[rows[bottom]][:, right] - down[rows[top]][:, right]).T / tall,
            (across[columns[right]][:, top] - across[columns[left]][:, top]) / wide,
            (across[columns[right]][:, bottom] - across[columns[left]][:, bottom]) / wide,
        ]
    )
    share = wide * tall / pixels[0].size
    fits = (along.mean(axis=0) >= _ALONG) & (along.min(axis=0) >= _ALONG_EACH)
    fits &= (np.minimum(wide, tall) >= _LEAST_SIDE) & (share >= _LEAST_SHARE) & (share <= _MOST_SHARE)
    score = np.where(fits, along.mean(axis=0) ** _TIGHT * np.sqrt(share), 0.0)
    sides, ends = np.unravel_index(score.argmax(), score.shape)
    if not score[sides, ends]:
        return None
    return (
        slice(int(rows[top[ends]]), int(rows[bottom[ends]])),
        slice(int(columns[left[sides]]), int(columns[right[sides]])),
    )


def _edges(pixels: Pixels) -> Edges:
    """Steps across columns, where they are steeper than nearby; each marks the column after it, too."""
    steps = np.zeros(pixels.shape[1:], np.int16)
    before, after = pixels[..., :-2], pixels[..., 2:]
    steps[:, 1:-1] = (np.maximum(before, after) - np.minimum(before, after)).max(axis=0)
    nearby = np.zeros_like(steps)
    nearby[:, 3:] = steps[:, :-3]
    nearby[:, :-3] = np.maximum(nearby[:, :-3], steps[:, 3:])
    found = (steps > _STEP) & (steps > nearby + _STEP // 2)
    found[:, 1:] |= found[:, :-1].copy()
    return np.asarray(found)


def _lines(edges: Edges) -> NDArray[np.intp]:
    """The columns with the longest lines, ascending; of columns side by side the best."""
    # The run of steps with the highest sum: what came before it has the lowest.
    sums = np.cumsum(np.where(edges, np.int16(1), np.int16(-_MISSED)), axis=0, dtype=np.int16)
    longest = (sums - np.minimum(np.minimum.accumulate(sums, axis=0), 0)).max(axis=0)
    longest[:6] = longest[-6:] = 0.0
    found: list[int] = []
    while len(found) < _LINES:
        best = int(longest.argmax())
        if longest[best] < _ALONG_EACH * _LEAST_SIDE:
            break
        found.append(best)
        longest[max(0, best - 2) : best + 3] = 0.0
    return np.array(sorted(found), np.intp)


def _steps_before(edges: Edges, columns: NDArray[np.intp]) -> NDArray[np.intp]:
    """How many steps some columns have above each row, (height + 1, columns)."""
    return np.pad(np.cumsum(edges[:, columns], axis=0), ((1, 0), (0, 0)))
