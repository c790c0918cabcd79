"""A collection's collages, divided: their panels are found and embedded once, when they have been indexed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing, suppress

import numpy as np
from PIL import Image

from lookalike import sight
from lookalike.collection.kept_panels import packed
from lookalike.collection.looks import Looks
from lookalike.collection.pictures import enough_for
from lookalike.collection.reports import Progress
from lookalike.collection.workers import tasks_of, worked
from lookalike.embed import Embedder
from lookalike.errors import ImageError, NotFoundError
from lookalike.kernels.arrays import Ids
from lookalike.store import Catalog, Database, LookedAtPairs, PanelsOfImages

_RECORDED = 1024  # images that are divided before that is recorded: a second or two


class OwnPanels:
    """Keeps the panels of one collection's collages, by one embedder."""

    def __init__(
        self, database: Database, catalog: Catalog, looks: Looks, embedder: Embedder, threads: int
    ) -> None:
        """Find nothing yet.

        Args:
            database: where they are kept, and how far the images have been looked through.
            catalog: has the small pictures; of the same database.
            looks: reads the files of collages.
            embedder: the collection's.
            threads: how many may look at pictures at the same time.
        """
        self._stored = PanelsOfImages(database, embedder.fingerprint, sight.PANEL_RULES)
        self._scans = LookedAtPairs(database, sight.PANEL_RULES)
        self._scan = f"{embedder.fingerprint} panels"
        self._catalog, self._looks, self._embedder, self._threads = catalog, looks, embedder, threads

    def bring_up_to_date(self, ids: Ids, on_progress: Callable[[Progress], None]) -> None:
        """Divide all images that have not been divided yet, or whose panels are damaged.

        It takes 1 ms for each image, and for a collage as long as to read its file and 12 ms for each panel;
        an interrupted call is gone on with by the next one. Without a copy part of the embeddings, by which
        panels are compared, nothing is done; an image without a small picture is taken for no collage.

        Args:
            ids: of all images.
            on_progress: called on this thread, if there are so many new images that it takes more than a
                second or two. What is reported done is recorded.
        """
        if not self._can_divide():
            return
        reached = self._scans.reached(self._scan)
        self._divide([image_id for image_id in self._stored.lost() if image_id <= reached])
        new = np.sort(ids[ids > reached]).tolist()
        for start in range(0, len(new), _RECORDED):
            if len(new) > _RECORDED:
                on_progress(Progress(start, len(new)))
            images = new[start : start + _RECORDED]
            self._divide(images)
            self._scans.record([], self._scan, images[-1])
        if len(new) > _RECORDED:
            on_progress(Progress(len(new), len(new)))

    def divide(self, images: Sequence[int]) -> None:
        """Divide a few images that have just come, by id, and no others.

        Raises:
            StorageError: the panels cannot be recorded.
            Busy: another process writes for too long.
        """
        if self._can_divide():
            self._divide(images)

    def _can_divide(self) -> bool:
        return bool(self._embedder.card.copy_dim) and self._catalog.keeps() != "vectors"

    def _divide(self, images: Sequence[int]) -> None:
        """Find and keep the panels of images, on this thread if they are few."""
        if not images:
            return
        tasks = list(tasks_of(images))
        found: dict[int, bytes] = {}
        if len(tasks) == 1:
            found |= self._found_in(images)
        else:
            with closing(worked(tasks, self._found_in, self._threads)) as finished:
                for some in finished:
                    for panels in some:
                        found |= panels
        self._stored.record(images, found)

    def _found_in(self, images: Sequence[int]) -> dict[int, bytes]:
        """Panels by image, as they are kept."""
        found: dict[int, bytes] = {}
        for image_id in images:
            data = self._catalog.small_of(image_id)
            # Damaged, gone meanwhile, or the network has no vector for a panel.
            with suppress(ImageError, NotFoundError):
                if data is not None and (panels := self._panels(image_id, sight.decode_small(data))):
                    found[image_id] = panels
        return found

    def _panels(self, image_id: int, small: Image.Image) -> bytes:
        """The panels of an image, as they are kept; empty if it is no collage.

        They are found in its file if that is there, since gaps blur in a small picture, unless more are found
        there, as of cells without gaps. They are cut out of the file, too: of nine in a small picture, each
        has a tenth of the pixels that the network sees.
        """
        boxes = sight.find_cells(small)
        if not boxes and not sight.may_have_cells(small):
            return b""
        image, enough = self._catalog.image(image_id), enough_for(self._embedder)
        if (whole := self._looks.in_file(image, sight.SMALL_SIDE)) is not None:
            boxes = max(sight.find_cells(whole), boxes, key=len)
        if not boxes:
            return b""
        cut = self._looks.panels_in_file(image, boxes, enough) or [box.cut_out(small) for box in boxes]
        return packed(boxes, self._embedder.card.copy_part(self._embedder.embed(cut)))
