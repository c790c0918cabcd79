"""Similar images: pairs that are no copies, but whose copy parts are within the distance on the card."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import closing

from lookalike.collection.duplicates.grouping import Pair, Preference, Star, ordered, stars
from lookalike.collection.duplicates.nearby import REACHES, Neighbourhoods
from lookalike.collection.reports import Progress
from lookalike.collection.workers import worked

_IMAGES_AT_ONCE = 64


def similar_pairs(
    near: Neighbourhoods, distance: float, threads: int, on_progress: Callable[[Progress], None]
) -> dict[tuple[int, int], float]:
    """Find for each image those of its nearest ones that are similar.

    Args:
        near: of the collection.
        distance: cosine distance of the copy parts up to which images are similar.
        threads: how many work at the same time.
        on_progress: called on this thread.

    Returns:
        The similarity of each pair, by ids, the lesser first.
    """
    ids = near.ids().tolist()
    on_progress(Progress(0, len(ids)))
    blocks = [ids[start : start + _IMAGES_AT_ONCE] for start in range(0, len(ids), _IMAGES_AT_ONCE)]

    def of_block(images: Sequence[int]) -> tuple[int, dict[tuple[int, int], float]]:
        found = {
            ordered(around.image_id, other): similarity
            for around in near.of(images, REACHES[0])
            for other, similarity in zip(around.ids.tolist(), around.similarities.tolist(), strict=True)
            if 1 - similarity <= distance
        }
        return len(images), found

    pairs: dict[tuple[int, int], float] = {}
    done = 0
    with closing(worked(blocks, of_block, threads)) as finished:
        for some in finished:
            for count, found in some:
                pairs |= found
                done += count
            on_progress(Progress(done, len(ids)))
    return pairs


def extended(
    groups: Sequence[Star],
    pairs: Iterable[Pair],
    preference: Preference,
    apart: Collection[tuple[int, int]],
) -> list[Star]:
    """Add to groups of copies what is similar to their medoids, and make groups of similar images besides.

    Args:
        groups: of copies.
        pairs: of similar images; the stronger, the more similar.
        preference: as for ``stars``.
        apart: as for ``stars``.
    """
    members = {group.medoid: list(group.others) for group in groups}
    taken = {image for group in groups for image in (group.medoid, *group.others)}
    left = []
    for pair in sorted(pairs, key=lambda pair: (-pair.strength, pair)):
        ends = [end for end in (pair.first, pair.second) if end not in taken]
        medoid = pair.first if pair.second in ends else pair.second
        if len(ends) == 2:
            left.append(pair)
        elif len(ends) == 1 and medoid in members:
            inside = (medoid, *members[medoid])
            if not any(ordered(ends[0], other) in apart for other in inside):
                members[medoid].append(ends[0])
                taken.add(ends[0])
    rest = [pair for pair in left if pair.first not in taken and pair.second not in taken]
    grown = [Star(medoid, tuple(others)) for medoid, others in members.items()]
    return grown + stars(rest, preference, apart)
