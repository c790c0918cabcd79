"""Decisions: what people say of groups becomes what is remembered of pairs of images.

Two images about which there is a decision are never in one group. "keep all" is also said of the files of one
image, which is the pair of the image and itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations

from lookalike.collection.duplicates.group import Group
from lookalike.errors import NotFoundError, UsageError
from lookalike.paths import shown
from lookalike.store import Catalog, Decision, Decisions

Pairs = list[tuple[int, int]]


def remember(pairs: Pairs, decision: Decision, catalog: Catalog, memory: Decisions) -> int:
    """Remember a decision about pairs of images, by their bytes.

    Args:
        pairs: ids.
        decision: what was decided.
        catalog: knows the images.
        memory: of the same collection.

    Returns:
        How many pairs it is about.

    Raises:
        NotFoundError: there is no such image.
        UsageError: there is no such decision, or no pair.
    """
    if not pairs:
        raise UsageError(f"{decision!r} is said of two images or more")
    digests = {image: catalog.image(image).sha256 for image in {image for pair in pairs for image in pair}}
    return memory.take(decision, [(digests[first], digests[second]) for first, second in pairs])


def among(images: Iterable[int], decision: Decision) -> Pairs:
    """The pairs that a decision about some images is about."""
    ids = sorted(set(images))
    return [*combinations(ids, 2), *_alone(ids, decision)]


def named(name: str, decision: Decision, groups: Sequence[Group]) -> Pairs:
    """The pairs that a decision is about that names a group as ``lookalike duplicates`` prints it.

    Args:
        name: of a group, for every two of its images; or ``GROUP/IMAGE``, for one of its images and each of
            the others.
        decision: what was decided.
        groups: those that there are.

    Raises:
        NotFoundError: there is no such group, or no such image in it.
    """
    group_id, _, image = name.partition("/")
    group = next((group for group in groups if group.group_id == group_id), None)
    if group is None:
        raise NotFoundError(f"there is no group {shown(group_id)}; lookalike duplicates lists them")
    ids = [member.image_id for member in group.members]
    if not image:
        return among(ids, decision)
    if image not in map(str, ids):
        raise NotFoundError(f"there is no image {shown(image)} in group {group_id}")
    return [*((int(image), other) for other in ids if other != int(image)), *_alone([int(image)], decision)]


def _alone(ids: Iterable[int], decision: Decision) -> Pairs:
    return [(image, image) for image in ids] if decision == "keep all" else []
