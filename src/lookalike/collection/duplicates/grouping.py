"""Grouping: pairs of copies become groups, in each of which every image is a copy of one, the medoid.

A copy of a copy need not be a copy: a chain of small edits leads from any picture to any other. So groups are
stars, not connected parts. Each image is in one group at most.
"""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

Preference = Callable[[int], tuple[float, ...]]
"""Of two images, the one with the greater value becomes a medoid; no two images have the same."""


def preference(image: int, pixels: int) -> tuple[float, ...]:
    """Greater for the likelier original: the larger image, of two as large the one that was indexed first."""
    return float(pixels), float(-image)


_DIGITS = 8
"""Hexadecimal digits of a group's name; more if a name is taken."""


class Pair(NamedTuple):
    """Two images that belong in one group.

    Attributes:
        first: id of an image.
        second: id of another image.
        strength: how surely they belong together; of two candidates for one place, the stronger gets it.
    """

    first: int
    second: int
    strength: float


class Star(NamedTuple):
    """A group of images.

    Attributes:
        medoid: the image that all others are copies of.
        others: the strongest pair with the medoid first.
    """

    medoid: int
    others: tuple[int, ...]


def ordered(first: int, second: int) -> tuple[int, int]:
    """A pair of ids as a key: the lesser first."""
    return (first, second) if first < second else (second, first)


def stars(
    pairs: Iterable[Pair],
    preference: Preference,
    apart: Collection[tuple[int, int]] = frozenset(),
) -> list[Star]:
    """Group images greedily: the image with the most copies takes all of them, then the next of what is left.

    The outcome does not depend on the order of the pairs.

    Args:
        pairs: of images that may be in one group.
        preference: decides between images with as many copies.
        apart: pairs of ids, the lesser first, that must not be in one group.

    Returns:
        Groups of at least two images, the largest first.
    """
    near: defaultdict[int, dict[int, float]] = defaultdict(dict)
    for first, second, strength in pairs:
        if first != second and ordered(first, second) not in apart:
            near[first][second] = near[second][first] = strength
    enemies: defaultdict[int, set[int]] = defaultdict(set)
    for first, second in apart:
        enemies[first].add(second)
        enemies[second].add(first)
    found: list[Star] = []
    taken: set[int] = set()
    heap = [_entry(len(others), preference(image), image) for image, others in near.items()]
    heapq.heapify(heap)
    while heap:
        count, _, image = heapq.heappop(heap)
        free = [other for other in near[image] if other not in taken]
        if image in taken or not free:
            continue
        if len(free) < -count:
            heapq.heappush(heap, _entry(len(free), preference(image), image))
            continue
        free.sort(key=lambda other: (-near[image][other], other))
        star = Star(image, _compatible(free, enemies))
        taken.update((image, *star.others))
        found.append(star)
    return sorted(found, key=lambda star: -len(star.others))


def named(
    groups: Sequence[Sequence[bytes]], known: Mapping[bytes, str], given: Collection[str] = ()
) -> list[str]:
    """Name groups so that a group that changed since it was named keeps its name.

    A group has the name that most of its images had, unless another group has more of them. A new name is the
    first digits of the medoid's SHA-256, more of them if a group has or had that name.

    Args:
        groups: SHA-256 of the images of each group, the medoid first.
        known: the names that images had, by SHA-256.
        given: names of earlier groups that no image has any more; none of them comes again.
    """
    names = [""] * len(groups)
    claims = [
        (-count, place, name)
        for place, images in enumerate(groups)
        for name, count in Counter(known[image] for image in images if image in known).items()
    ]
    taken: set[str] = set()
    for _, place, name in sorted(claims):
        if not names[place] and name not in taken:
            names[place] = name
            taken.add(name)
    taken.update(known.values(), given)
    for place, images in enumerate(groups):
        if not names[place]:
            names[place] = _new_name(images[0], taken)
            taken.add(names[place])
    return names


def _entry(count: int, preference: tuple[float, ...], image: int) -> tuple[int, tuple[float, ...], int]:
    return -count, tuple(-part for part in preference), image


def _compatible(ordered: Sequence[int], enemies: Mapping[int, set[int]]) -> tuple[int, ...]:
    """Those images, in their order, that no image before them must be kept apart from."""
    chosen: list[int] = []
    against: set[int] = set()
    for image in ordered:
        if image not in against:
            chosen.append(image)
            against |= enemies.get(image, set())
    return tuple(chosen)


def _new_name(medoid: bytes, taken: Collection[str]) -> str:
    digits = _DIGITS
    while medoid.hex()[:digits] in taken:
        digits += 1
    return medoid.hex()[:digits]
