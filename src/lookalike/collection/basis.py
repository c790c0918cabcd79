"""The basis of answers: a collection's embedder, index, catalog and calibration as of one moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lookalike import sight
from lookalike.calibration import Calibration
from lookalike.collection.calibrating import OwnCalibration
from lookalike.collection.looks import Looks
from lookalike.collection.own_embedder import OwnEmbedder
from lookalike.collection.queries import Query, query_of_image
from lookalike.embed import Embedder
from lookalike.errors import LookalikeError, NotFoundError
from lookalike.images import Limits
from lookalike.index import LSHIndex
from lookalike.settings import Settings
from lookalike.store import Catalog, Database, Decisions, History, PanelsOfImages, Recorder
from lookalike.store.snapshots import CACHES, FollowingIndex

if TYPE_CHECKING:
    from lookalike.collection.dividing import OwnPanels
    from lookalike.collection.kept_panels import KeptPanels
    from lookalike.collection.marking import OwnLandmarks
    from lookalike.collection.reports import Progress, Upload
    from lookalike.images.decoders import Decoders


@dataclass(frozen=True, slots=True)
class Basis:
    """What answers stand on, all of it of the same embedder.

    Attributes:
        embedder: makes the embeddings of queries.
        index: over all images, up to date.
        catalog: tells what lies behind the ids that the index finds.
        looks: compares pictures with images.
        calibration: says how often strangers score as high.
        limits: what reading one picture may cost.
        threads: how many may look at pictures at the same time.
        database: has the landmarks of images; None if there are none, as of a table of a cluster.
        panels: of the collages among the images; None if there are none.
    """

    embedder: Embedder
    index: LSHIndex
    catalog: Catalog
    looks: Looks
    calibration: Calibration
    limits: Limits
    threads: int
    database: Database | None = None
    panels: KeptPanels | None = None

    def panels_of(self, image_id: int) -> int:
        """How many pictures an image is known to be put together from; 0 if it is no collage."""
        return 0 if self.panels is None else self.panels.count_of(image_id)


class Bases:
    """Brings what answers stand on up to date with the catalog, whichever process has changed it.

    Attributes:
        own: the collection's embedder.
        database: the collection's.
        catalog: the collection's.
        settings: limits, threads, the model of a new collection, and whether small pictures are kept.
        folder: where the collection is stored.
    """

    def __init__(
        self, folder: Path, database: Database, catalog: Catalog, recorder: Recorder, settings: Settings
    ) -> None:
        """Nothing is read before it is asked for.

        Args:
            folder: where the collection is stored.
            database: the collection's.
            catalog: of that database.
            recorder: of that database.
            settings: limits, threads, the model of a new collection, and whether small pictures are kept.
        """
        self.own = OwnEmbedder(catalog, recorder, settings.model)
        self.database, self.catalog, self.settings, self.folder = database, catalog, settings, folder
        self._history = History(database)
        self._looks = Looks(catalog, recorder, settings.limits, keep=settings.sights)
        self._calibration = OwnCalibration(
            folder / CACHES, catalog, Decisions(database), self._looks, settings.threads
        )
        self._following: FollowingIndex | None = None
        self._once = False
        self._panels: KeptPanels | None = None

    def expect_one_question(self) -> None:
        """Say that this process ends after one answer: then less is read for it; see ``FollowingIndex``."""
        self._once = True

    def decode_by(self, decoders: Decoders) -> None:
        """Let files of the collection be decoded by a pool from now on."""
        self._looks.decode = decoders.decode

    def revision(self) -> int:
        """Number of changes so far."""
        return self._history.revision()

    def index(self) -> FollowingIndex:
        """The index of the collection's embedder."""
        embedder = self.own.current()
        if self._following is None or self._following.fingerprint != embedder.fingerprint:
            self._following = FollowingIndex(
                self._history,
                self.folder / CACHES,
                embedder.fingerprint,
                embedder.card.dim,
                once=self._once,
            )
        return self._following

    def calibration(self) -> Calibration:
        """How often strangers score as high, for the collection's embedder."""
        return self._calibration.current(self.own.current().fingerprint)

    def state(self) -> tuple[str, int]:
        """How far the index cache is, and how many images the calibration was measured on; see ``Status``."""
        if self.catalog.embedder() is None:
            return "none", 0
        return self.index().state(), self.calibration().images

    def query_of(self, image_id: int, embedder: Embedder | None = None) -> Query:
        """An image of the collection as a query; with its panels if their ``embedder`` is given.

        Raises:
            NotFoundError: there is no such image.
        """
        return query_of_image(self.catalog.image(image_id), self._looks, self.settings.limits, embedder)

    def now(self) -> Basis:
        """What an answer stands on now.

        Raises:
            NotFoundError: the collection is empty.
            EmbedderMismatch: the embedder that made the stored vectors is not at hand.
        """
        if self.catalog.embedder() is None or not self.catalog.count():
            raise NotFoundError(f"the collection at {self.folder} is empty; add to it: lookalike index PATH")
        embedder = self.own.current()
        return Basis(
            embedder,
            self.index().current(),
            self.catalog,
            self._looks,
            self.calibration(),
            self.settings.limits,
            self.settings.threads,
            self.database,
            self._panels_now(embedder),
        )

    def _panels_now(self, embedder: Embedder) -> KeptPanels | None:
        """The panels of the collages among the images, read again if they have changed; None without any."""
        stored = PanelsOfImages(self.database, embedder.fingerprint, sight.PANEL_RULES)
        mark = stored.mark()
        if not mark.images:
            return None
        if self._panels is None or self._panels.mark != mark:
            from lookalike.collection.kept_panels import KeptPanels  # noqa: PLC0415  (few collections have any)

            dim = embedder.card.copy_dim or embedder.card.dim
            self._panels = KeptPanels(stored.all(), dim, mark)
        return self._panels

    def attempts(self) -> Iterator[Basis]:
        """Yield a basis for each attempt to answer; see ``OwnEmbedder.attempts``.

        Raises:
            NotFoundError: the collection is empty.
        """
        for _ in self.own.attempts():
            yield self.now()

    def keep(self, on_progress: Callable[[Progress], None] | None = None) -> None:
        """Write the index cache, measure what strangers score if the collection has grown much, find the
        landmarks of images in crowds, and divide collages.

        Args:
            on_progress: told of how many images landmarks were found, and after that, if more than a thousand
                are new, how many of these were looked through for collages. Its counts go on from the one to
                the other. Called on this thread; if None, nobody is told.
        """
        from lookalike.collection.reports import continued, unheard  # noqa: PLC0415

        note, marked = on_progress or unheard, 0

        def note_marked(progress: Progress) -> None:
            nonlocal marked
            marked = progress.total
            note(progress)

        index, embedder = self.index(), self.own.current()
        index.save()
        self._calibration.measure(index.current().ids(), embedder)
        self._landmarks().bring_up_to_date(index.current(), embedder, note_marked)
        self._own_panels(embedder).bring_up_to_date(index.current().ids(), continued(note, marked))

    def marked(self, uploads: list[Upload]) -> list[Upload]:
        """Uploads as they are, once the new ones are divided, and the landmarks found of those in a crowd.

        What cannot be done now is left to ``keep``.
        """
        new = [upload.image_id for upload in uploads if upload.new and upload.image_id is not None]
        with suppress(LookalikeError):
            if new and self.own.current().card.copy_dim:
                self._own_panels(self.own.current()).divide(new)
                self._landmarks().mark(new, self.index().current(), self.own.current())
        return uploads

    def _own_panels(self, embedder: Embedder) -> OwnPanels:
        from lookalike.collection.dividing import OwnPanels  # noqa: PLC0415

        return OwnPanels(self.database, self.catalog, self._looks, embedder, self.settings.threads)

    def _landmarks(self) -> OwnLandmarks:
        from lookalike.collection.marking import OwnLandmarks  # noqa: PLC0415

        return OwnLandmarks(self.database, self.catalog, self._looks, self.settings.threads)
