"""Finding: which images of a collection are compared with each other, and what is seen.

Each image goes down the list of those that may be copies of it, likeliest first. If the first one is none,
that is the end (in a small collection the third); once a copy was found, it takes two in a row that are none.
Images that differ in a detail are passed over, up to eight of them. So an image without copies costs few
looks, if it has no such versions, and one with a hundred copies gets them all.

To an embedding all pages are alike. So images that lie in such a crowd are looked for once more, among each
other, by their landmarks, when all others have been dealt with.

In a small collection the other neighbours are compared too, but only the whole of one picture with the whole
of the other, which costs a hundredth.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field

import numpy as np
from threadpoolctl import threadpool_limits

from lookalike.collection.duplicates.crowd import Beside, Crowd
from lookalike.collection.duplicates.grouping import ordered, preference
from lookalike.collection.duplicates.left import Left, in_crowd
from lookalike.collection.duplicates.nearby import REACHES, Nearby
from lookalike.collection.duplicates.sources import Sources
from lookalike.collection.marking import landmarks_of
from lookalike.collection.reports import Progress
from lookalike.collection.workers import worked
from lookalike.errors import NotFoundError
from lookalike.sight import VERIFIED_SCORE, Evidence
from lookalike.store import LookedAt

RULES = 10
"""Version of the second look: another number whenever a pair would be judged in another way."""

_MISSES = 2  # in a row, once a copy was found,
_AT_FIRST, _AT_FIRST_OF_FEW = 1, 3  # or before; more in a collection in which frames are compared too
_IN_CROWD = 3  # that are none, before the other pictures of a crowd are left
_VERSIONS = 8  # that differ in a detail, and neither count as copies nor as none
_ATTEMPTS = 5  # while another process removes images
_MANY = 50  # copies from which the copies of a copy are no longer looked for
_IMAGES_AT_ONCE = 64  # a thread's task; what is lost at most, for each thread, if the process is killed


@dataclass(slots=True)
class _Block:
    """Some images whose copies were looked for.

    Attributes:
        place: among the tasks.
        pairs: that are new.
        landmarks: of those images that lie in a crowd, which are looked for once more.
    """

    place: int
    pairs: list[LookedAt] = field(default_factory=list)
    landmarks: dict[int, bytes] = field(default_factory=dict)


class Scan:
    """Looks for the copies of all images, and remembers what it saw after every few of them."""

    def __init__(self, sources: Sources) -> None:
        """Read what was looked at before."""
        self._sources = sources
        self._scores: dict[tuple[int, int], float] = {}
        self._copies: defaultdict[int, set[int]] = defaultdict(set)
        self._unseen: set[tuple[int, int]] = set()
        self._framed: set[tuple[int, int]] = set()
        for pair in sources.memory.all():
            self._note(pair)

    def run(self, on_progress: Callable[[Progress], None]) -> None:
        """Deal with the images that no scan has dealt with. What is reported done is remembered.

        Images beside a crowd are reported done before they are looked for in it.

        Args:
            on_progress: called on this thread, first with what earlier scans did.
        """
        sources = self._sources
        left = Left.of(sources)
        done = left.total - left.count
        on_progress(Progress(done, left.total))
        self._look_again()
        self._marked_before = sources.memory.with_landmarks()
        self._beside = Beside(left.waiting)
        crowded = {*left.crowded}
        with threadpool_limits(1, "blas"):  # its threads wait by spinning, and keep cores from our own
            with closing(self._worked(left.new, self._deal_with, sources.fingerprint)) as finished:
                for images, block in finished:
                    crowded.update(block.landmarks)
                    done += sum(image not in crowded for image in images)
                    on_progress(Progress(done, left.total))
            waiting = self._crowd_of(left)
            with closing(self._worked(waiting, self._deal_with_crowded, in_crowd(sources))) as finished:
                for images, _ in finished:
                    done += sum(image in crowded for image in images)
                    on_progress(Progress(done, left.total))
        if len(left.waiting):
            sources.memory.record([], in_crowd(sources), int(left.waiting[-1]))
        if done < left.total:  # some images have just been removed
            on_progress(Progress(left.total, left.total))

    def _crowd_of(self, left: Left) -> list[int]:
        """Images in a crowd and beside it that were not looked for by their landmarks, ascending."""
        memory, threads = self._sources.memory, self._sources.threads
        earlier = left.waiting[~np.isin(left.waiting, left.new)].tolist()
        with closing(worked(_blocks(earlier), self._note_neighbours, threads)) as finished:
            for _ in finished:
                pass
        unmarked = [*self._beside.of(memory.with_landmarks()), *memory.lost_landmarks()]
        with closing(worked(_blocks(unmarked), self._landmarks_of, threads)) as marked:
            for some in marked:
                for landmarks in some:
                    memory.record_landmarks(landmarks)
        packed = memory.landmarks()
        waiting = [image_id for image_id in left.waiting.tolist() if image_id in packed]
        if waiting:
            self._crowd = Crowd(packed)
        return waiting

    def _note_neighbours(self, images: Sequence[int]) -> None:
        for near in self._near_to(images, REACHES[0]):
            self._beside.note(near.image_id, near.ids)

    def _worked(
        self, waiting: Sequence[int], deal_with: Callable[[tuple[int, Sequence[int]]], _Block], progress: str
    ) -> Generator[tuple[Sequence[int], _Block], None, None]:
        """Deal with images in blocks, and remember what was seen, and how far that came; yields each block.

        Args:
            waiting: ids, ascending.
            deal_with: deals with a block, on another thread.
            progress: what the progress is remembered by.
        """
        memory = self._sources.memory
        blocks = _blocks(waiting)
        complete: set[int] = set()
        first = 0
        with closing(worked(enumerate(blocks), deal_with, self._sources.threads)) as finished:
            for some in finished:
                complete.update(block.place for block in some)
                while first in complete:
                    complete.remove(first)
                    first += 1
                reached = blocks[first - 1][-1] if first else 0
                if landmarks := {image: data for block in some for image, data in block.landmarks.items()}:
                    memory.record_landmarks(landmarks)
                memory.record([pair for block in some for pair in block.pairs], progress, reached)
                yield from ((blocks[block.place], block) for block in some)

    def _look_again(self) -> None:
        """Look at the pairs of which a picture was out of reach before."""
        again = _Block(0)
        for pair in sorted(self._unseen):
            self._look(pair, again)
        seen = [pair for pair in again.pairs if pair.score is not None]
        if seen:  # else there is no reason to wait for whoever writes
            self._sources.memory.record(seen)

    def _deal_with(self, task: tuple[int, Sequence[int]]) -> _Block:
        place, images = task
        block = _Block(place)
        for near in self._near_to(images, REACHES[0]):
            self._beside.note(near.image_id, near.ids)
            if near.crowded and near.image_id not in self._marked_before:
                block.landmarks |= self._landmarks_of([near.image_id])
            if not self._has_its_place(near.image_id):
                self._follow(near, block)
        return block

    def _landmarks_of(self, images: Sequence[int]) -> dict[int, bytes]:
        return landmarks_of(images, self._sources.looks)

    def _deal_with_crowded(self, task: tuple[int, Sequence[int]]) -> _Block:
        place, images = task
        block = _Block(place)
        for image_id in images:
            if not self._has_its_place(image_id):
                self._all_copies(image_id, self._crowd.near(image_id), _IN_CROWD, block)
        return block

    def _has_its_place(self, image_id: int) -> bool:
        """Whether an image is a copy of one that has many: then what else it is a copy of tells nothing."""
        return any(len(self._copies[other]) >= _MANY for other in tuple(self._copies.get(image_id, ())))

    def _follow(self, near: Nearby, block: _Block) -> None:
        """Look for the copies of one image, among more neighbours while all of them are copies."""
        first = near
        wider = iter(REACHES[1:])
        misses = _AT_FIRST_OF_FEW if near.framed else _AT_FIRST
        while self._all_copies(near.image_id, near.ids[: near.likely].tolist(), misses, block) and near.cut:
            k = next(wider, 0)
            again = self._near_to([near.image_id], k) if k else []
            if not again:
                break
            near = again[0]
        self._look_at_frames(first, block)

    def _look_at_frames(self, near: Nearby, block: _Block) -> None:
        """Compare an image, frame on frame, with the neighbours that it was not compared with.

        Only what passes is looked at closely, which costs most. So the first that differs in a detail, as
        pages of one kind do, ends it.
        """
        others = near.ids[: near.framed].tolist()
        areas = self._sources.catalog.areas([near.image_id, *others])
        for other in others:
            pair = _oriented(near.image_id, other, areas)
            key = ordered(*pair)
            if key in self._scores or key in self._framed:
                continue
            self._framed.add(key)
            evidence = self._sources.looks.closely_between(*pair, frames_only=True)
            if evidence is not None and not (evidence.verified or evidence.differs_in_detail):
                continue
            self._remember(pair, evidence, block)
            if evidence is not None and evidence.differs_in_detail:
                return

    def _near_to(self, images: Sequence[int], k: int) -> list[Nearby]:
        """What is near to those of some images that are still there."""
        for attempt in range(_ATTEMPTS):
            there = self._sources.catalog.areas(images)
            try:
                return list(self._sources.near.of(list(there), k)) if there else []
            except NotFoundError:
                if attempt == _ATTEMPTS - 1:
                    raise
        return []

    def _all_copies(self, image_id: int, likely: Sequence[int], misses: int, block: _Block) -> bool:
        """Go down a list; whether its end was reached.

        Args:
            image_id: what copies are looked for of.
            likely: ids of what may be copies, the likeliest first.
            misses: in a row that end it before a copy was found.
            block: takes what is new.
        """
        areas = self._sources.catalog.areas([image_id, *likely])
        left = misses
        versions = _VERSIONS
        for other in likely:
            if other not in areas:  # it has just been removed
                continue
            pair = _oriented(image_id, other, areas)
            score = self._scores.get(ordered(*pair))
            if score is None:
                score = self._look(pair, block)
            if score < 0 and versions:  # a version of it, before which copies of it need not come
                versions -= 1
                continue
            left = _MISSES if score >= VERIFIED_SCORE else left - 1
            if not left:
                return False
        return True

    def _look(self, pair: tuple[int, int], block: _Block) -> float:
        return self._remember(pair, self._sources.looks.closely_between(*pair), block)

    def _remember(self, pair: tuple[int, int], evidence: Evidence | None, block: _Block) -> float:
        """Keep what was seen of a pair; its score, 0 if a picture was out of reach."""
        if evidence is not None:
            with suppress(NotFoundError):  # one has just been removed
                evidence = self._sources.alikeness.believed(pair, evidence)
        seen = LookedAt(*pair, None, None) if evidence is None else looked_at(pair, evidence)
        block.pairs.append(seen)
        self._note(seen)
        return seen.score or 0.0

    def _note(self, pair: LookedAt) -> None:
        if pair.score is None:
            self._unseen.add((pair.first, pair.second))
            return
        self._scores[ordered(pair.first, pair.second)] = pair.score
        if pair.score >= VERIFIED_SCORE:
            self._copies[pair.first].add(pair.second)
            self._copies[pair.second].add(pair.first)


def _blocks(images: Sequence[int]) -> list[Sequence[int]]:
    """Cut images into tasks for threads."""
    return [images[start : start + _IMAGES_AT_ONCE] for start in range(0, len(images), _IMAGES_AT_ONCE)]


def looked_at(pair: tuple[int, int], evidence: Evidence) -> LookedAt:
    """A pair as it is remembered; only what was verified is remembered in full."""
    return LookedAt(*pair, evidence.score, json.dumps(evidence.facts()) if evidence.verified else None)


def evidence_of(pair: LookedAt) -> Evidence | None:
    """The evidence of a remembered pair, without the mask; None if it is not there in full, or damaged."""
    if pair.evidence is None:
        return None
    try:
        return Evidence.of_facts(json.loads(pair.evidence))
    except (ValueError, KeyError, TypeError, AttributeError):  # the last: it is no object
        return None


def _oriented(first: int, second: int, areas: Mapping[int, int]) -> tuple[int, int]:
    """The image that is taken for the original before the other."""
    likely = sorted((first, second), key=lambda image: preference(image, areas.get(image, 0)))
    return likely[1], likely[0]
