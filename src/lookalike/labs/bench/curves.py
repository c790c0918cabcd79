"""Recall against time: what a contender's settings reach together, and between them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple


class Point(NamedTuple):
    """What one setting reached: recall in [0, 1], and seconds a query."""

    recall: float
    seconds: float


def frontier(points: Iterable[Point]) -> list[Point]:
    """The points that no other beats in both recall and time, by ascending recall (and so time)."""
    best: list[Point] = []
    for point in sorted(points, key=lambda point: (-point.recall, point.seconds)):
        if not best or point.seconds < best[-1].seconds:
            best.append(point)
    return best[::-1]


def seconds_at(points: Iterable[Point], recall: float) -> float | None:
    """Time per query at exactly some recall: log time is interpolated over recall along the frontier.

    Returns:
        Seconds; those of the fastest setting, where that reaches more than the recall; None where no
        setting reaches it.
    """
    best = frontier(points)
    above = next((place for place, point in enumerate(best) if point.recall >= recall), None)
    if above is None:
        return None
    right = best[above]
    if above == 0 or right.recall == recall:
        return right.seconds
    left = best[above - 1]
    share = (recall - left.recall) / (right.recall - left.recall)
    return math.exp((1 - share) * math.log(left.seconds) + share * math.log(right.seconds))


def fastest(points: Iterable[Point], recall: float) -> int | None:
    """Place of the fastest point with at least some recall; None where there is none."""
    reaching = [(point.seconds, place) for place, point in enumerate(points) if point.recall >= recall]
    return min(reaching)[1] if reaching else None
