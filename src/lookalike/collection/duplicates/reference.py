"""Copies of a reference: images compared with those of one folder, which stays as it is."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from lookalike.collection.duplicates.grouping import Pair, Star


def copies_of_reference(
    pairs: Iterable[Pair], reference: Collection[int], others: Collection[int]
) -> list[Star]:
    """Group images around those of a reference, each around the one that it is most surely a copy of.

    Args:
        pairs: of copies.
        reference: ids of images in the reference.
        others: ids of images with a file outside it. One that is in both is the medoid of its own group.
    """
    best: dict[int, tuple[float, int]] = {}
    for pair in pairs:
        for medoid, other in ((pair.first, pair.second), (pair.second, pair.first)):
            if medoid in reference and other in others and other not in reference:
                best[other] = max(best.get(other, (pair.strength, medoid)), (pair.strength, medoid))
    around: dict[int, list[int]] = {image: [] for image in reference if image in others}
    for other in sorted(best, key=lambda image: (-best[image][0], image)):
        around.setdefault(best[other][1], []).append(other)
    return [Star(medoid, tuple(images)) for medoid, images in around.items()]
