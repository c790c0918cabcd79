"""Landmarks of a collection's images in crowds: found once for each, when it has been indexed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress

import numpy as np

from lookalike import sight
from lookalike.collection.crowds import NEIGHBOURS, is_crowd
from lookalike.collection.looks import Looks
from lookalike.collection.reports import Progress, unheard
from lookalike.collection.workers import worked
from lookalike.embed import Embedder
from lookalike.errors import DamagedError, EmbedderMismatch, NotFoundError
from lookalike.index import LSHIndex
from lookalike.kernels.arrays import Ids
from lookalike.store import Catalog, Database, LandmarksOfImages, LookedAtPairs

_LOOKED_UP = 1024  # images whose neighbours are found at once
_MARKED = 64  # images whose landmarks are found and recorded at once: a second


class OwnLandmarks:
    """Keeps the landmarks of one collection's crowds.

    Attributes:
        stored: what is kept.
    """

    def __init__(self, database: Database, catalog: Catalog, looks: Looks, threads: int) -> None:
        """Find nothing yet.

        Args:
            database: where they are kept, and how far the search for crowds has come.
            catalog: has the embeddings; of the same database.
            looks: has the small pictures.
            threads: how many may look at pictures at the same time.
        """
        self.stored = LandmarksOfImages(database, sight.LANDMARK_RULES)
        self._scans = LookedAtPairs(database, sight.LANDMARK_RULES)
        self._catalog, self._looks, self._threads = catalog, looks, threads

    def bring_up_to_date(
        self, index: LSHIndex, embedder: Embedder, on_progress: Callable[[Progress], None]
    ) -> None:
        """Find the landmarks of images that lie in a crowd and have none, and of their neighbours.

        Of these an earlier call may not have known that they lie in a crowd, since it had not yet come. What
        is lost to damage is found again. It takes 0.2 ms for each new image, and 15 ms for each in a crowd;
        an interrupted call is gone on with by the next one. What is left out because an image goes
        meanwhile is found when more images come. Without a copy part of the embeddings, which tells what a
        crowd is, or without small pictures and files, nothing is done.

        Args:
            index: over all images.
            embedder: the collection's.
            on_progress: called on this thread, as long as there are images to find landmarks of.
        """
        if not self._can_mark(embedder):
            return
        scan = f"{embedder.fingerprint} crowds"
        ids = np.sort(index.ids())
        new = ids[ids > self._scans.reached(scan)]
        with suppress(DamagedError, NotFoundError, EmbedderMismatch):
            crowd = set(self._crowd_of(new, index, embedder)) - set(self.stored.ids())
            if images := sorted(crowd | set(self.stored.lost())):
                self._mark(images, on_progress)
            if len(new):
                self._scans.record([], scan, int(new[-1]))

    def mark(self, images: Sequence[int], index: LSHIndex, embedder: Embedder) -> None:
        """Do the same for a few images that have just come, by id, and for nothing else.

        Raises:
            StorageError: the landmarks cannot be recorded.
            Busy: another process writes for too long.
        """
        if self._can_mark(embedder):
            with suppress(DamagedError, NotFoundError, EmbedderMismatch):
                crowd = sorted(set(self._crowd_of(np.array(images, np.int64), index, embedder)))
                self._mark([one for one in crowd if one not in self.stored.of(crowd)], unheard)

    def _can_mark(self, embedder: Embedder) -> bool:
        return bool(embedder.card.copy_dim) and self._catalog.keeps() != "vectors"

    def _crowd_of(self, images: Ids, index: LSHIndex, embedder: Embedder) -> Iterator[int]:
        """The images that lie in a crowd, and their neighbours."""
        card = embedder.card
        for start in range(0, len(images), _LOOKED_UP):
            block = images[start : start + _LOOKED_UP].tolist()
            vectors = self._catalog.vectors(block, card.dim, embedder.fingerprint)
            found = index.search(vectors, min(NEIGHBOURS + 1, len(index))).ids
            near = [
                [other for other in line if other not in (-1, one)][:NEIGHBOURS]
                for one, line in zip(block, found.tolist(), strict=True)
            ]
            known = sorted({other for line in near for other in line})
            copies = card.copy_part(self._catalog.vectors(known, card.dim, embedder.fingerprint))
            for one, copy, line in zip(block, card.copy_part(vectors), near, strict=True):
                if is_crowd(copies[np.searchsorted(known, line)] @ copy):
                    yield from (one, *line)

    def _mark(self, images: Sequence[int], on_progress: Callable[[Progress], None]) -> None:
        """Find and keep the landmarks of images; without those that are out of reach."""
        if not images:
            return
        blocks = [images[start : start + _MARKED] for start in range(0, len(images), _MARKED)]
        done = 0
        with closing(worked(blocks, self._found_in, self._threads)) as finished:
            for some in finished:
                for landmarks, count in some:
                    self.stored.record(landmarks)
                    done += count
                on_progress(Progress(done, len(images)))

    def _found_in(self, images: Sequence[int]) -> tuple[dict[int, bytes], int]:
        """Landmarks by image, and how many images were looked at."""
        return landmarks_of(images, self._looks), len(images)


def landmarks_of(images: Sequence[int], looks: Looks) -> dict[int, bytes]:
    """The landmarks of images, as they are kept, by id; without those that are out of reach."""
    seen = ((image_id, looks.sight_of(image_id)) for image_id in images)
    return {image_id: sight.find_landmarks(one.grey).packed() for image_id, one in seen if one is not None}
