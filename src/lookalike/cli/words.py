"""Words that several commands share: chances as people say them, and what was done to files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lookalike.calibration.calibrated import LEAST

if TYPE_CHECKING:
    from lookalike.collection.duplicates.step import ActionKind

DONE: dict[ActionKind, str] = {
    "trash": "put into the trash",
    "move": "moved",
    "hardlink": "made hard links",
}
"""What an action made of files: "3 files put into the trash"."""

WHOLE_PICTURE = "the whole picture, saved again, resized or recoloured"
"""What a copy is of which nothing was cut away and to which nothing was added."""

_MOST_OF_TEN = 0.15
_UNITS = ((1e9, "billion"), (1e6, "million"))


def often(chance: float, one: str = "") -> str:
    """A chance in words, to two digits.

    Args:
        chance: from 0 to 1.
        one: what one case is called, as "search".

    >>> often(2.5e-5)
    'about 1 in 40,000'
    >>> often(1e-6, "search")
    'about 1 search in a million'
    >>> often(0.81), often(0.99), often(1e-12)
    ('about 8 in 10', 'nearly all', 'fewer than 1 in a trillion')
    """
    case = f" {one}" if one else ""
    if chance <= LEAST:
        return f"fewer than 1{case} in a trillion"
    if not one and chance >= _MOST_OF_TEN:
        return f"about {10 * chance:.0f} in 10" if chance < 0.95 else "nearly all"
    number = float(f"{1 / chance:.{1 if 1 / chance < 10 else 2}g}")
    size, unit = next((each for each in _UNITS if number >= each[0]), (1, ""))
    if unit and number == size:
        return f"about 1{case} in a {unit}"
    return f"about 1{case} in {number / size:,.3g} {unit}" if unit else f"about 1{case} in {number:,.0f}"
