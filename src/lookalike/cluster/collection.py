"""A table as the collection that a server asks: questions, answers and verdicts are those of one machine."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from time import time_ns
from typing import Unpack, cast

from lookalike.cluster import labels
from lookalike.cluster.calibrating import TableCalibration
from lookalike.cluster.catalog import Smalls, TableCatalog
from lookalike.cluster.handles import Handles
from lookalike.cluster.ids import ATTEMPTS, id_of
from lookalike.cluster.index import ClusterIndex
from lookalike.cluster.originals import Originals
from lookalike.cluster.rows import Row
from lookalike.cluster.table import Table
from lookalike.collection.adding import Encoded, Taken, take_in
from lookalike.collection.answers import Match
from lookalike.collection.basis import Basis
from lookalike.collection.looks import Looks
from lookalike.collection.queries import Query, query_of_image
from lookalike.collection.questions import Found, Question, answer
from lookalike.collection.reports import Upload, unheard
from lookalike.collection.uploads import in_order
from lookalike.embed import Embedder, load_embedder
from lookalike.errors import Busy, EmbedderMismatch, NotFoundError
from lookalike.images.decoders import Decoders
from lookalike.index import LSHIndex
from lookalike.settings import Settings
from lookalike.store import Annotation, Catalog, Change, FileStamp, NewImage, Recorder

_REMOVED = "removed meanwhile; add it again"
_TRIES = 20  # to change what is said of one image that others change at the same time


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
        self._calibration = TableCalibration(table)

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
            self._calibration.current(),
            self.settings.limits,
            self.settings.threads,
        )
        return Answered(answer(query, question, basis), index.missing)

    def query_of(self, image_id: int, embedder: Embedder | None = None) -> Query:
        """An image of the table as a query; with its panels if their ``embedder`` is given.

        Raises:
            NotFoundError: there is no such image.
        """
        return query_of_image(self.catalog.image(image_id), self._looks, self.settings.limits, embedder)

    def image_of(self, sha256: bytes) -> int | None:
        """The id of the image with these bytes; None if there is none."""
        known = self._known([sha256]).get(sha256)
        return None if known is None else known.image_id

    def copies_of(self, query: Query, question: Question) -> tuple[Match, ...]:
        """What of the table answers a question; see ``Before``.

        Raises:
            Busy: a shard did not answer.
        """
        return tuple(self.answer(query, question).found.matches) if len(self.table) else ()

    def add_uploads(
        self, pictures: Sequence[bytes], decoders: Decoders, said: Sequence[Change] = ()
    ) -> list[Upload]:
        """Add encoded pictures, and keep each beside the table; all that is new is one commit.

        When this returns, every replica of every shard that runs has the pictures.

        Args:
            pictures: encoded images, as files hold them.
            decoders: decode them.
            said: of each picture that can be used, in their order; if empty, nothing is said.

        Returns:
            What became of each picture, in their order; an unusable one does not stop the rest.

        Raises:
            UsageError: what is said makes no sense; then nothing was added.
            StorageError: the store cannot keep them.
        """
        digests = [hashlib.sha256(data).digest() for data in pictures]
        given = dict(zip(digests, pictures, strict=True))
        changes = dict(zip(digests, said, strict=True)) if said else {}
        first = {sha256: Annotation().changed(changes.get(sha256, {})) for sha256 in given}
        outcomes = self._known(given)
        rows: list[Row] = []

        def record(taken: Taken[bytes]) -> None:
            rows.extend(self._row(given[sha256], image, first[sha256]) for sha256, image in taken.new)
            outcomes.update((sha256, Upload(None, sha256, reason=why)) for sha256, why in taken.refused)

        def read(sha256: bytes) -> Encoded:
            return Encoded(sha256, given[sha256])

        new = [sha256 for sha256 in given if sha256 not in outcomes]
        take_in(new, read, record, self.embedder, self.settings, unheard, decoders)
        if rows:
            done = self.table.add(rows)
            outcomes |= {sha256: Upload(image_id, sha256, new) for sha256, (image_id, new) in done.items()}
            self._show()
        for sha256, upload in outcomes.items():
            if upload.image_id is not None and not upload.new:
                try:
                    self.annotate(upload.image_id, **changes.get(sha256, {}))
                except NotFoundError:
                    outcomes[sha256] = Upload(None, sha256, reason=_REMOVED)
        return in_order(digests, outcomes)

    def annotate(self, image_id: int, **said: Unpack[Change]) -> None:
        """Change the ``name``, ``metadata`` and ``tags`` of an image: see ``Change``.

        Raises:
            NotFoundError: there is no such image.
            UsageError: what is said makes no sense.
            Busy: others change the same image all the time.
        """
        for _ in range(_TRIES):
            image = self.catalog.image(image_id)
            before, now = image.annotation, image.annotation.changed(said)
            if now == before:
                return
            values = {
                "said": labels.as_sql(labels.to_text(now)),
                "labels": labels.as_list(labels.labels_of(image.paths, now)),
            }
            text = labels.as_sql(labels.to_text(before))
            if self.table.change(values, f"image_id = {image_id} AND said IS NOT DISTINCT FROM {text}"):
                return  # else somebody has changed it meanwhile
        raise Busy(f"others change what is said of image {image_id}; try again")

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

    def _known(self, digests: Iterable[bytes]) -> dict[bytes, Upload]:
        """Those of some pictures that are in the table, by the SHA-256 of their bytes."""
        wanted = set(digests)
        held = self.table.holders(id_of(sha256, attempt) for sha256 in wanted for attempt in range(ATTEMPTS))
        return {sha256: Upload(image_id, sha256) for image_id, sha256 in held.items() if sha256 in wanted}

    def _row(self, data: bytes, image: NewImage, annotation: Annotation) -> Row:
        path = self._originals.keep(data, image.sha256, image.format)
        stamp = FileStamp(len(data), time_ns())
        facts = image.format, image.width, image.height, image.vector, image.small, annotation
        return Row(image.sha256, (path,), stamp, *facts, doubt=image.remark)

    def _show(self) -> None:
        """Let every search from now on, by whichever router, find the table as it is now."""
        version = self.table.version
        self._index.show(version)
        self._shards.bring_to(version)
