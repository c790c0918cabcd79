"""Words for evidence: what was done to the first picture to get the second."""

from __future__ import annotations

import math

import numpy as np

from lookalike.sight.evidence import CHANGED, WHOLE, Mask, Matrix

_SLIGHT = 2.0  # degrees up to which a picture counts as upright
_SEEN = 0.03  # share of a picture from which a difference is worth a word
_MOSTLY = 0.85  # share of the difference that lies in a place that is named for it

_PLACES = {
    "the upper third": (slice(0, 1), slice(0, 3)),
    "the lower third": (slice(2, 3), slice(0, 3)),
    "the left third": (slice(0, 3), slice(0, 1)),
    "the right third": (slice(0, 3), slice(2, 3)),
    "the middle": (slice(1, 2), slice(1, 2)),
    "the middle third": (slice(1, 2), slice(0, 3)),
    "the upper two thirds": (slice(0, 2), slice(0, 3)),
    "the lower two thirds": (slice(1, 3), slice(0, 3)),
}


def turn_of(matrix: Matrix, shape: tuple[int, ...]) -> tuple[float, bool]:
    """Take a movement apart: mirrored left to right or not, then turned.

    Args:
        matrix: (3, 3) float64.
        shape: height and width of the first picture, in whose middle a perspective is looked at.

    Returns:
        degrees clockwise, above -180 to 180, and whether it mirrors.
    """
    middle = np.array([shape[1] / 2, shape[0] / 2, 1.0])
    x, y, depth = matrix @ middle
    steps = matrix[:2, :2] - np.outer([x / depth, y / depth], matrix[2, :2])
    mirrored = bool(np.linalg.det(steps) < 0)
    (a, b), (c, d) = steps @ np.diag([-1.0 if mirrored else 1.0, 1.0])
    degrees = math.degrees(math.atan2(c - b, a + d))  # of the nearest rotation
    return (180.0 if degrees <= -179.5 else degrees), mirrored


def describe(
    turned: float, mirrored: bool, shown: tuple[float, float], differs: Mask, where: str = ""
) -> tuple[str, ...]:
    """Say what was done to the first picture.

    Args:
        turned: degrees clockwise.
        mirrored: left to right, before the turn.
        shown: shares of the first and of the second picture that the overlap covers.
        differs: where the second picture shows something else in the overlap, (height, width) bool.
        where: the part of the first picture that shows the second, in words, if it is a panel of it.

    Returns:
        a few words each, such as "turned by 90°"; none if nothing was done that can be seen.
    """
    words = [*_turn(round(turned), mirrored), *_part(*shown, where)]
    share = float(differs.mean()) if min(differs.shape) >= 3 else 0.0
    if share >= _SEEN:
        words.append(f"{CHANGED} over {place_of(differs)}, {round(100 * share)} % of it")
    return tuple(words)


def _turn(degrees: int, mirrored: bool) -> list[str]:
    if mirrored and abs(degrees) >= 180 - _SLIGHT:
        return ["mirrored top to bottom"]
    words = ["mirrored"] if mirrored else []
    if abs(degrees) >= 180 - _SLIGHT:
        words.append("turned upside down")
    elif abs(degrees) > _SLIGHT:
        quarter = 90 * round(degrees / 90)
        degrees = quarter if quarter and abs(degrees - quarter) <= _SLIGHT else degrees
        words.append(f"turned by {abs(degrees)}°{' to the left' if degrees < 0 else ''}")
    return words


def _part(first: float, second: float, where: str) -> list[str]:
    percent = [f"{max(1, round(100 * share))} %" for share in (first, second)]
    if first < WHOLE <= second:
        return [f"shown in a part of it, {percent[0]}: {where}" if where else f"cropped to {percent[0]}"]
    if second < WHOLE <= first:
        return [f"set into a larger picture, {percent[1]} of it"]
    if first < WHOLE and second < WHOLE:
        part = f"{percent[0]}, {where}," if where else percent[0]
        return [f"cropped to {part} and set into a larger picture, {percent[1]} of it"]
    return []


def place_of(differs: Mask) -> str:
    """The smallest named place that most of a difference lies in.

    Args:
        differs: (height, width) bool, 3 pixels a side at least.
    """
    thirds = ([0, side // 3, 2 * side // 3] for side in differs.shape)
    counts = differs.astype(np.int64)
    for axis, starts in enumerate(thirds):
        counts = np.add.reduceat(counts, starts, axis=axis)
    for name, part in _PLACES.items():
        if counts[part].sum() >= _MOSTLY * counts.sum():
            return name
    return "several places"
