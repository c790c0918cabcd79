"""A table as the collection that a server asks: questions, answers and verdicts are those of one machine."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from cachetools import LRUCache

from lookalike.calibration import Calibration
from lookalike.cluster.handles import Handles
from lookalike.cluster.index import ClusterIndex
from lookalike.cluster.originals import Originals
from lookalike.cluster.refusing import refusal
from lookalike.cluster.rows import Row, Stored
from lookalike.cluster.table import Table
from lookalike.collection.adding import Encoded, Taken, take_in
from lookalike.collection.basis import Basis
from lookalike.collection.looks import Looks
from lookalike.collection.queries import Query, query_of_image
from lookalike.collection.questions import Found, Question, answer
from lookalike.collection.reports import Upload, unheard
from lookalike.embed import Embedder, load_embedder
from lookalike.errors import EmbedderMismatch, NotFoundError
from lookalike.images.decoders import Decoders
from lookalike.index import LSHIndex
from lookalike.kernels.arrays import Ids
from lookalike.settings import Settings
from lookalike.store import Catalog, FileStamp, Filters, ImageFacts, ListedImage, NewImage, Recorder

_SMALLS = 4096  # small pictures that are remembered: 40 MB at most


class Smalls:
    """Small pictures that were read along with their images, whose second look asks for them next."""

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
        return self._table.small_of(image_id)


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
        """Refuse a list: a table keeps no order of ids by which it could be read page by page.

        Raises:
            UsageError: always.
        """
        raise refusal("list of images")

    def having(self, labels: Sequence[str]) -> Ids:
        """Refuse a filter on tags or metadata, which a table does not keep.

        Raises:
            UsageError: always.
        """
        raise refusal("names, metadata and tags")

    def small_of(self, image_id: int) -> bytes | None:
        """The small picture of an image, encoded; None if none is kept."""
        return self._smalls.of(image_id)


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer, and how many shards had no part in it."""

    found: Found
    missing: int


class TableCollection:
    """The pictures of a table, searched by shards.

    Attributes:
        settings: limits and threads.
        embedder: the one that made the table's vectors.
    """

    def __init__(self, table: Table, shards: Handles, settings: Settings) -> None:
        """Load the embedder.

        Raises:
            EmbedderMismatch: the embedder that made the table's vectors is not at hand.
        """
        self.table, self.settings, self._shards = table, settings, shards
        self.embedder: Embedder = load_embedder(table.embedder)
        if self.embedder.fingerprint != table.fingerprint:
            raise EmbedderMismatch(
                f"{table.uri} was made by another version of {table.embedder!r}; import it into a new table"
            )
        self._index = ClusterIndex(table, shards)
        self._originals = Originals(table.uri)
        # Looks and Basis ask of a catalog and an index no more than those of a table can do.
        self._smalls = Smalls(table)
        catalog, nobody = cast(Catalog, self.catalog), cast(Recorder, None)
        self._looks = Looks(catalog, nobody, settings.limits, keep=False)
        self._calibration = Calibration.shipped(table.fingerprint)

    @property
    def catalog(self) -> TableCatalog:
        """Tells what lies behind ids."""
        return TableCatalog(self.table, self._smalls)

    @property
    def revision(self) -> int:
        """Version of the table."""
        return self.table.version

    def current(self) -> ClusterIndex:
        """The index of all shards."""
        return self._index

    def answer(self, query: Query, question: Question, *, partial: bool = False) -> Answered:
        """Answer a question about a picture; see ``Collection.answer``.

        Args:
            query: by the table's embedder.
            question: what is wanted.
            partial: do without the shards that do not answer.

        Raises:
            Busy: a shard did not answer.
            NotFoundError: the table is empty.
        """
        table = self.table.frozen()
        if not len(table):
            raise NotFoundError(
                f"table {self.table.uri} is empty; add to it: lookalike cluster import SOURCE"
            )
        index = self._index.asked(table, partial=partial)
        basis = Basis(
            self.embedder,
            cast(LSHIndex, index),
            cast(Catalog, TableCatalog(table, self._smalls)),
            self._looks,
            self._calibration,
            self.settings.limits,
            self.settings.threads,
        )
        return Answered(answer(query, question, basis), index.missing)

    def query_of(self, image_id: int) -> Query:
        """An image of the table as a query.

        Raises:
            NotFoundError: there is no such image.
        """
        return query_of_image(self.catalog.image(image_id), self._looks, self.settings.limits)

    def add_uploads(self, pictures: Sequence[bytes], decoders: Decoders) -> list[Upload]:
        """Add encoded pictures, and keep each beside the table; all that is new is one commit.

        When this returns, every replica of every shard that runs has the pictures.

        Args:
            pictures: encoded images, as files hold them.
            decoders: decode them.

        Returns:
            What became of each picture, in their order; an unusable one does not stop the rest.

        Raises:
            StorageError: the store cannot keep them.
        """
        digests = [hashlib.sha256(data).digest() for data in pictures]
        given = dict(zip(digests, pictures, strict=True))
        outcomes: dict[bytes, Upload] = {}
        rows: list[Row] = []

        def record(taken: Taken[bytes]) -> None:
            rows.extend(self._row(given[sha256], image) for sha256, image in taken.new)
            outcomes.update((sha256, Upload(None, sha256, reason=why)) for sha256, why in taken.refused)

        def read(sha256: bytes) -> Encoded:
            return Encoded(sha256, given[sha256])

        take_in(list(given), read, record, self.embedder, self.settings, unheard, decoders)
        if rows:
            done = self.table.add(rows)
            outcomes |= {sha256: Upload(image_id, sha256, new) for sha256, (image_id, new) in done.items()}
            self._show()
        uploads = []
        for sha256 in digests:
            uploads.append(outcomes[sha256])
            outcomes[sha256] = replace(outcomes[sha256], new=False)  # the same picture again is not new
        return uploads

    def forget(self, image_id: int) -> None:
        """Forget an image, and its file if it was uploaded; no search that begins later finds it.

        Raises:
            NotFoundError: there is no such image.
        """
        image = self.catalog.image(image_id)
        self.table.delete(f"image_id = {image_id}")
        for path in image.paths:
            self._originals.drop(path)
        self._show()

    def _row(self, data: bytes, image: NewImage) -> Row:
        path = self._originals.keep(data, image.sha256, image.format)
        stamp = FileStamp(len(data), 0)
        return Row(
            image.sha256, (path,), stamp, image.format, image.width, image.height, image.vector, image.small
        )

    def _show(self) -> None:
        """Let every search from now on, by whichever router, find the table as it is now."""
        version = self.table.version
        self._index.show(version)
        self._shards.bring_to(version)


def counting(table: Table) -> Callable[[], tuple[int, int]]:
    """Counts the table's images and files, anew when it has changed."""
    kept: dict[int, tuple[int, int]] = {}

    def count() -> tuple[int, int]:
        version = table.version
        if version not in kept:
            kept.clear()
            files = sum(len(batch.column("paths").flatten()) for batch in table.scan(["paths"]))
            kept[version] = len(table), files
        return kept[version]

    return count
