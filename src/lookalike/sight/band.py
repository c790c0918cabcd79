"""Bands: whether two aligned pictures differ by a band along the lower or upper edge of one of them.

A caption on a band of its own hides what the picture shows there. So the pictures differ along that edge and
nowhere else, the band is plain beside its border, and on that line one picture breaks off where the other one
goes on. Two fillings of one template do not differ like that: their words begin below a gap that both have, a
row that only one table has begins at a rule of both, and a taller bar goes on where the lower one ends. This
holds for drawn pictures too, where ``overlay.laid_over`` says nothing.
"""

from __future__ import annotations

import numpy as np

from lookalike.kernels.quantiles import median
from lookalike.sight.evidence import Mask
from lookalike.sight.overlay import NEAR, OTHER, Field

_REACH = 0.2
"""Share of the height that a band may take."""

_BEYOND = 0.005
"""Share of what differs, and of what shows something, that may differ beyond the band: a quarter of what two
fillings of one template differ in at least."""

_FEWEST = 50  # least number of windows beyond the band that agree

# Where the band begins: its border.
_SLACK = 8  # the border lies at most so many pixels beside the windows that differ
_BEGUN = 0.06  # share of a row that differs, from which the row belongs to the band
_BESIDE = 2  # pixels from the border to the rows that are compared

# The band is plain.
_PLAIN, _PLAIN_NEAR = 0.97, 12.0  # least share of its first rows that is within 12 levels of one tone
_TONE = 0.6  # least share of the whole band that has this tone; the rest is letters
_LETTERS = 30.0  # least deviation, in levels, of a plain band with letters on it

# On the border one picture breaks off and the other one goes on, on this share of it at least.
_CUT = 0.07
_OF_BREAKS = 0.15  # the same, as a share of the border on which the one breaks off
_OF_OTHERS = 2.0  # the same, as a multiple of the share on which only the other one breaks off
_LINE, _SHOWS = 0.5, 16.0  # a border that cuts less than half needs this deviation, in levels, beside it

# Or the band covers all of the other picture.
_COVERED = 0.8  # least share of the band in which the other picture does not shine through
_OF_STEPS = 2.0  # how many times as high a step the one picture must have at the border as the other

_WAYS = (slice(None), slice(None, None, -1))
"""Rows from the upper edge to the lower one, and back."""


def may_be_bands(differing: Mask, agreeing: Mask) -> bool:
    """Whether nothing differs beyond what a band along one of the edges may take.

    Args:
        differing: as for ``bands``.
        agreeing: as for ``bands``.
    """
    return any(_only_there(differing[way], agreeing[way]) for way in _WAYS)


def bands(first: Field, second: Field, differing: Mask, agreeing: Mask, step: int) -> int:
    """In how many of two pictures a band along the lower or upper edge is all that parts them.

    Args:
        first: (height, width) float32, 0 to 255, not blurred, at the brightness and contrast of ``second``.
        second: as ``first``, and laid on it.
        differing: (rows, columns) bool: windows that show something in either picture, and not the same.
        agreeing: as ``differing``: windows that show something, and the same.
        step: pixels from a window to the next.

    Returns:
        1 if one is the other with a band, 2 if each has a band with letters of its own, 0 if neither.
    """
    other = np.abs(first - second) > OTHER
    for way in _WAYS:
        border = _border(other[way], differing[way], agreeing[way], step)
        sides = (first[way], second[way])
        if border and all(_lettered(side[border:]) for side in sides):
            return 2
        if border and (_laid_on(*sides, border) or _laid_on(*sides[::-1], border)):
            return 1
    return 0


def _begins(differing: Mask) -> int:
    """The first row of windows that a band along the lower edge may take."""
    return len(differing) - round(_REACH * len(differing))


def _only_there(differing: Mask, agreeing: Mask) -> bool:
    """Whether windows differ in those rows only, and others agree."""
    begins = _begins(differing)
    beyond, same = int(differing[:begins].sum()), int(agreeing[:begins].sum())
    return same >= _FEWEST and beyond <= _BEYOND * min(int(differing.sum()), same)


def _border(other: Mask, differing: Mask, agreeing: Mask, step: int) -> int:
    """The first row of pixels of what may be a band along the lower edge; 0 if anything differs beyond it."""
    if not _only_there(differing, agreeing):
        return 0
    begins = _begins(differing)
    different = np.flatnonzero(differing[begins:].any(axis=1))
    first = begins + (int(different[0]) if len(different) else 0)
    start = max(_SLACK, step * first - _SLACK)
    rows = np.flatnonzero(other[start:].mean(axis=1) >= _BEGUN)
    border = start + int(rows[0]) if len(rows) else len(other)
    return border if border < len(other) - 2 * _BESIDE else 0


def _laid_on(above: Field, below: Field, border: int) -> bool:
    """Whether ``above`` has a plain band that cuts off what ``below`` shows, or covers all of it."""
    outer, inner = border - _BESIDE, border + _BESIDE - 1
    if not _plain(above[border:]):
        return False
    there, here = (np.abs(side[inner] - side[outer]) for side in (above, below))
    breaks, goes_on = there > OTHER, here <= OTHER
    cut = float((breaks & goes_on).mean())
    if cut >= max(_CUT, _OF_BREAKS * breaks.mean(), _OF_OTHERS * (~breaks & ~goes_on).mean()):
        return cut >= _LINE or float(above[outer].std()) >= _SHOWS
    covered = (np.abs(above[border:] - below[border:]) > OTHER).mean()
    return bool(covered >= _COVERED and there.mean() >= max(OTHER, _OF_STEPS * here.mean()))


def _plain(band: Field) -> bool:
    """Whether a band has one tone beside its border, and in most other places."""
    edge = band[_BESIDE - 1 : _BESIDE + 1]
    tone = median(edge)
    beside, whole = (np.abs(edge - tone) <= _PLAIN_NEAR).mean(), (np.abs(band - tone) <= NEAR).mean()
    return bool(beside >= _PLAIN and whole >= _TONE)


def _lettered(band: Field) -> bool:
    return _plain(band) and float(band.std()) >= _LETTERS
