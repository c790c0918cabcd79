"""What a table tells of its images, in the words of ``store.Catalog``."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from cachetools import LRUCache

from lookalike.cluster.labels import folder_label, having
from lookalike.cluster.listing import list_images
from lookalike.cluster.rows import Stored
from lookalike.cluster.table import Table
from lookalike.errors import NotFoundError
from lookalike.kernels.arrays import Ids
from lookalike.store import FileStamp, Filters, ImageFacts, ListedImage, Totals

_SMALLS = 4096  # small pictures that are remembered: 40 MB at most


class Smalls:
    """Small pictures that were read, most along with their images: the second look asks for them next."""

    def __init__(self, table: Table) -> None:
        """Remember nothing yet; what is not remembered is read from a table."""
        self._table = table
        self._read: LRUCache[int, bytes | None] = LRUCache(_SMALLS)
        self._lock = threading.Lock()

    def remember(self, found: Iterable[Stored]) -> None:
        """Keep the small pictures of images for a while."""
        with self._lock:
            self._read.update((image.facts.image_id, image.small) for image in found)

    def of(self, image_id: int) -> bytes | None:
        """The small picture of an image, encoded; None if none is kept."""
        with self._lock:
            if image_id in self._read:
                return self._read[image_id]
        small = self._table.small_of(image_id)
        if small is not None:
            with self._lock:
                self._read[image_id] = small
        return small


class TableCatalog:
    """Tells of the images of a table what ``store.Catalog`` tells of those of a collection."""

    def __init__(self, table: Table, smalls: Smalls) -> None:
        """Use a table; one catalog serves one question, since it remembers the stamps of what it told.

        Args:
            table: is read.
            smalls: of the same table.
        """
        self._table, self._smalls = table, smalls
        self._stamps: dict[Path, FileStamp] = {}

    def images(self, ids: Iterable[int]) -> dict[int, ImageFacts]:
        """Facts about images, by id; those that are gone are left out."""
        found = self._table.images((i for i in ids if i >= 0), small=True)
        self._smalls.remember(found)
        self._stamps |= {image.facts.paths[0]: image.stamp for image in found if image.facts.paths}
        return {image.facts.image_id: image.facts for image in found if image.facts.paths}

    def image(self, image_id: int) -> ImageFacts:
        """Facts about one image.

        Raises:
            NotFoundError: there is no such image.
        """
        found = self.images([image_id])
        if image_id not in found:
            raise NotFoundError(f"there is no image {image_id} in the table")
        return found[image_id]

    def stamp(self, path: Path) -> FileStamp | None:
        """Size and time of the first file of an image that ``images`` told of."""
        return self._stamps.get(path)

    def listed(self, filters: Filters, *, after: int = 0, limit: int) -> list[ListedImage]:
        """List images, ascending by id, as of one moment; see ``listing.list_images``."""
        return list_images(self._table.frozen(), filters, after=after, limit=limit)

    def totals(self) -> Totals:
        """How much there is; of folders those that were imported, with the number of images below each."""
        table = self._table.frozen()
        files = sum(len(batch.column("paths").flatten()) for batch in table.scan(["paths"]))
        counts = {folder: table.count(having([folder_label(folder)])) for folder in table.sources()}
        return Totals(len(table), files, {folder: images for folder, images in counts.items() if images})

    def has_below(self, folder: Path) -> bool:
        """Whether any image has a file below a folder or an address; it is not opened."""
        return self._table.count(having([folder_label(folder)])) > 0

    def below(self, folder: Path) -> Ids:
        """Ids, ascending, of images that have a file below a folder or an address; it is not opened."""
        return self.having([folder_label(folder)])

    def having(self, labels: Sequence[str]) -> Ids:
        """Ids, ascending, of images that have all of some labels; see ``labels``."""
        return np.sort(self._table.ids(having(labels)))

    def small_of(self, image_id: int) -> bytes | None:
        """The small picture of an image, encoded; None if none is kept."""
        return self._smalls.of(image_id)
