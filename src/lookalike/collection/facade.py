"""The collection of pictures: what the command line, the web page and programs all work with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from lookalike.calibration import Calibration
from lookalike.collection.adding import add_files, files_to_read
from lookalike.collection.duplicates.group import Group
from lookalike.collection.duplicates.search import DuplicateSearch
from lookalike.collection.duplicates.terms import FPR, Terms
from lookalike.collection.forgetting import files_at, prune_lost, unwanted_at
from lookalike.collection.looks import Looks
from lookalike.collection.moving import move
from lookalike.collection.own_embedder import OwnEmbedder, lasting
from lookalike.collection.pictures import Source
from lookalike.collection.presence import present
from lookalike.collection.questions import Answer, Question, answer, ask
from lookalike.collection.refusing import part_refused
from lookalike.collection.reports import (
    AddReport,
    CheckReport,
    Match,
    Progress,
    ReembedReport,
    Upload,
    unheard,
)
from lookalike.collection.status import Status, status_of
from lookalike.collection.uploads import Uploads
from lookalike.embed import Embedder, load_embedder
from lookalike.errors import LookalikeError, NotFoundError, UsageError
from lookalike.index import LSHIndex
from lookalike.kernels.arrays import Vectors
from lookalike.paths import absolute, all_absolute, shown
from lookalike.settings import Settings, settings_given
from lookalike.store import (
    Catalog,
    Database,
    FollowingIndex,
    History,
    Recorder,
    Refusals,
    Succession,
    problems_in,
)

_CATALOG = "catalog.sqlite"
_CACHES = "index"
_UPLOADS = "uploads"


class Collection:
    """A user's indexed pictures in one folder.

    Any number of processes may search a collection while one adds to it; each sees new images at its next
    search.

    Attributes:
        settings: limits, threads and model.
        catalog: which images and files there are, to be read.

    >>> with Collection.open("/tmp/holiday", create=True) as pictures:  # doctest: +SKIP
    ...     pictures.add(["~/Pictures"])
    ...     pictures.search("beach.jpg")[0].path
    """

    def __init__(self, folder: Path, database: Database, settings: Settings) -> None:
        """Use ``open`` instead."""
        self._folder, self._database, self.settings = folder, database, settings
        self.catalog, self._recorder, self._history = Catalog(database), Recorder(database), History(database)
        self._own = OwnEmbedder(self.catalog, self._recorder, settings.model)
        self._uploads = Uploads(folder / _UPLOADS, self.catalog, self._recorder)
        self._following: FollowingIndex | None = None

    @classmethod
    def open(
        cls, folder: str | Path | None = None, *, create: bool = False, settings: Settings | None = None
    ) -> Self:
        """Open a collection.

        Args:
            folder: where it is stored; if None, the folder that the settings name.
            create: make it if it is not there.
            settings: limits, threads and model; if None, what ``load_settings`` finds.

        Raises:
            NotFoundError: there is none, and ``create`` is false.
            DamagedError: what is there is not a usable catalog.
            UsageError: ``folder`` is no path, ``settings`` are none, or the place cannot hold a collection.
            StorageError: the machine cannot open it: no permission, or no room.
        """
        settings = settings_given(settings)
        place = settings.collection if folder is None else absolute(folder)
        return cls(place, Database(place / _CATALOG, create=create), settings)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __len__(self) -> int:
        return self.catalog.count()

    def __repr__(self) -> str:
        """Tell folder, contents and state: ``<Collection /holiday: 8 images of 'resnet34', open>``."""
        if self._database.closed:
            return f"<Collection {shown(self._folder)}: closed>"
        try:
            name, _ = self.catalog.embedder() or ("", "")
            count = f"{len(self):,} {'image' if len(self) == 1 else 'images'}"
        except LookalikeError as error:  # a debugger must be able to show a damaged one, too
            return f"<Collection {shown(self._folder)}: {error}>"
        return f"<Collection {shown(self._folder)}: {count}{f' of {name!r}' if name else ''}, open>"

    @property
    def embedder(self) -> Embedder:
        """The embedder that made the stored vectors; while there are none, the one that the settings name.

        Raises:
            EmbedderMismatch: the embedder of that name is not the one that made the stored vectors.
        """
        return self._own.current()

    def attempts(self) -> Iterator[Embedder]:
        """Yield the embedder to embed and search with, until an attempt ends with the same embedder.

        Another process may move the collection to another embedder at any time: see ``OwnEmbedder.attempts``.
        """
        return self._own.attempts()

    def add(
        self,
        paths: Iterable[str | Path],
        *,
        prune: bool = False,
        sure: bool = False,
        rescan: bool = False,
        exclude: Sequence[str] = (),
        save: bool = True,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> AddReport:
        """Add the pictures in files and folders.

        Unchanged files are skipped. When ``on_progress`` reports a file done, it is stored for good; an
        interrupted ``add`` goes on where it stopped when it is called again.

        Args:
            paths: files, and folders to walk.
            prune: also forget known files below ``paths`` that are gone. The report withholds them if they
                may be on a drive that is not mounted: see ``forgetting.prune_lost``.
            sure: forget them even then.
            rescan: read every file again, even if its size and time are as they were.
            exclude: glob patterns of names, or of paths below ``paths``, to leave out.
            save: also write the index cache. In a large collection that takes much longer than adding a
                picture; without it, the next start reads what was added from the catalog.
            on_progress: called on this thread, first with ``done=0``.

        Returns:
            What was done; unusable files are listed there and do not stop the rest.

        Raises:
            EmbedderMismatch: the collection belongs to another embedder.
            UsageError: ``paths`` or ``exclude`` is no list.
            StorageError: the machine cannot go on: the disk is full, or too many files are open.
        """
        if isinstance(exclude, str | bytes):
            raise UsageError(f"exclude must be a list of patterns, not the single pattern {exclude!r}")
        places = all_absolute(paths)
        report = AddReport()
        files = files_to_read(places, self.catalog, report, exclude, rescan=rescan)
        note = on_progress or unheard
        note(Progress(0, len(files)))
        if files:
            add_files(files, report, self.catalog, self._recorder, self._own.claim(), self.settings, note)
        part_refused(report, places, files, Refusals(self._database))
        if prune:
            prune_lost(places, report, self.catalog, self._recorder, sure=sure)
        if save and self.catalog.embedder() is not None:
            self._index().save()
        return report

    def add_uploads(self, pictures: Sequence[bytes]) -> list[Upload]:
        """Add encoded pictures, and keep those that are new as files in the collection's own folder.

        No index cache is written: the next search reads what was added from the catalog. For one thread at a
        time.

        Args:
            pictures: encoded images, as files hold them.

        Returns:
            What became of each picture, in their order; an unusable one does not stop the rest.

        Raises:
            EmbedderMismatch: the collection belongs to another embedder.
        """
        return self._uploads.add(pictures, self._own, self.settings)

    def remove(self, paths: Iterable[str | Path], *, forever: bool = False) -> int:
        """Forget files, or all files below folders; the files themselves are left alone.

        Args:
            paths: files and folders.
            forever: also forget all copies, files of the same bytes, and never add one again, as ``add`` else
                does. ``status`` lists them, and ``undo_removal`` lets them in again.

        Returns:
            How many files were forgotten.

        Raises:
            NotFoundError: nothing known lies at one of the paths; then nothing was forgotten.
        """
        files = files_at(all_absolute(paths), self.catalog)
        index = self._index()  # first, since it can refuse
        forgotten = self._recorder.ban(files) if forever else self._recorder.forget(files)
        index.save()
        return forgotten

    def undo_removal(self, paths: Iterable[str | Path]) -> int:
        """Let images in again that were removed for good, and count them; ``add`` then takes them again.

        Args:
            paths: where they lay when they were removed, folders above that, or files that hold them now.

        Raises:
            NotFoundError: nothing that lay at one of the paths was removed for good; then nothing was done.
        """
        return self._recorder.unban(unwanted_at(all_absolute(paths), self.catalog, self.settings.limits))

    def forget(self, image_id: int) -> list[Path]:
        """Forget an image and all files that it lies in.

        The files themselves are left alone, but for the one that ``add_uploads`` made.

        Returns:
            Where the image lay, sorted.

        Raises:
            NotFoundError: there is no such image.
        """
        image = self.catalog.image(image_id)
        paths = self._recorder.forget_image(image_id)
        self._uploads.delete(image)
        return paths

    def search(
        self,
        picture: Source,
        k: int = 10,
        *,
        metric: str = "cosine",
        exact: bool = False,
        recall: float | None = None,
    ) -> list[Match]:
        """Find the images that look most like a picture.

        Args:
            picture: a path, URL, encoded bytes or a PIL image.
            k: most matches to return.
            metric: "cosine", "euclidean", "manhattan", "minkowski:P", or "hamming" (on the signs of the
                embedding's components).
            exact: compare with every image.
            recall: share of the true k nearest that is good enough; 0.95 if None.

        Returns:
            At most k matches, the nearest first.

        Raises:
            ImageError: the picture cannot be read.
            NotFoundError: the collection is empty.
            UsageError: k, metric or recall makes no sense.
        """
        question = Question(k, metric, exact, recall)
        self._refuse_empty()
        return ask(picture, question, self.attempts(), self.settings.limits, self.answer).matches

    def answer(self, vector: Vectors, question: Question) -> Answer:
        """Answer a question about a picture of which there is an embedding.

        Args:
            vector: (dim,) float32 of unit length, by the collection's embedder.
            question: what is wanted.

        Raises:
            NotFoundError: the collection is empty.
            EmbedderMismatch: the vector is another embedder's.
        """
        self._refuse_empty()
        return answer(vector, question, self.current(), self.catalog, self.embedder.card)

    @property
    def revision(self) -> int:
        """Number of changes so far: it grows with each, whichever process makes it."""
        return self._history.revision()

    def current(self) -> LSHIndex:
        """Bring the index up to date with the catalog, and give it out."""
        return self._index().current()

    def duplicates(
        self,
        paths: Iterable[str | Path] = (),
        *,
        against: str | Path | None = None,
        similar: bool = False,
        fpr: float = FPR,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> list[Group]:
        """Find the images that lie in several files, and groups of images that are copies of each other.

        What is new since the last time is looked at first. What ``on_progress`` reports done is remembered,
        so that an interrupted search goes on where it stopped.

        Args:
            paths: files and folders that the search is about; none for the whole collection.
            against: a folder of the collection: only copies of images in it are looked for.
            similar: let groups also hold images that are similar and no copies; their ``p`` is above ``fpr``.
            fpr: share of pairs of strangers that may be taken for copies.
            on_progress: called on this thread.

        Returns:
            Groups of at least two files, those with most files first.

        Raises:
            NotFoundError: the collection is empty, or nothing known lies at one of the paths.
        """
        terms = Terms.of(paths, against, similar=similar, fpr=fpr)
        return self.duplicate_search().find(terms, on_progress or unheard)

    def duplicate_search(self) -> DuplicateSearch:
        """What ``duplicates`` asks; it also remembers decisions, and says what was seen so far."""
        self._refuse_empty()
        looks = Looks(self.catalog, self._recorder, self.settings.limits, keep=self.settings.sights)
        kept = Calibration.load(self._folder / _CACHES, self.embedder.fingerprint)
        return DuplicateSearch(
            self._database,
            looks,
            self.current,
            self.embedder,
            kept or Calibration.shipped(self.embedder.fingerprint),
            threads=self.settings.threads,
        )

    def reembed(self, model: str, *, on_progress: Callable[[Progress], None] | None = None) -> ReembedReport:
        """Move the collection to another embedder, which reads every picture again.

        Searches and additions go on with the present embedder until all is done; then the new one takes
        over in one step. What ``on_progress`` reports done is kept: an interrupted ``reembed`` goes on where
        it stopped when it is called again. The embedder that made the collection need not be at hand.

        Args:
            model: the new embedder, as ``load_embedder`` takes it.
            on_progress: called on this thread, first with ``done=0``.

        Returns:
            What was done. While an image is missing, the collection stays with its embedder.

        Raises:
            NotFoundError: the collection is empty.
        """
        if self.catalog.embedder() is None:
            raise NotFoundError(f"the collection at {self._folder} is empty; just index with --model {model}")
        name, embedder = lasting(model), load_embedder(model)
        if self.catalog.embedder() == (name, embedder.fingerprint):
            return ReembedReport(moved=True)
        succession = Succession(self._database)
        report = move(name, embedder, self.catalog, succession, self.settings, on_progress or unheard)
        if report.moved:
            self._own.adopt(embedder)
            self._index().save()
        return report

    def files(self) -> list[Path]:
        """List the paths of all known files, sorted."""
        return self.catalog.paths()

    def images(self) -> list[tuple[int, Path]]:
        """List the id of every image, ascending, with the first of its paths where a file is, if one is."""
        return [(image_id, present(path, self.catalog)) for image_id, path in self.catalog.places()]

    def vectors(self, ids: Iterable[int]) -> Vectors:
        """Read the stored embeddings of images.

        Returns:
            (len(ids), dim) float32, rows of unit length in the order of ``ids``.

        Raises:
            NotFoundError: an image has been removed.
        """
        return self.catalog.vectors(ids, self.embedder.card.dim, self.embedder.fingerprint)

    def status(self) -> Status:
        """Count what the collection holds, and look what has become of its files."""
        index = self._index().state() if self.catalog.embedder() else "none"
        return status_of(self._folder, self.catalog, index)

    def check(self) -> CheckReport:
        """Verify everything that is stored; an index cache that turns out to be damaged is rebuilt."""
        problems = problems_in(self._database)
        repaired = self._index().check() if not problems and self.catalog.embedder() else []
        return CheckReport(len(self), problems, repaired)

    def close(self) -> None:
        """Close the catalog's file; the collection cannot be used any more."""
        self._database.close()

    def _refuse_empty(self) -> None:
        if self.catalog.embedder() is None or not len(self):
            raise NotFoundError(f"the collection at {self._folder} is empty; add to it: lookalike index PATH")

    def _index(self) -> FollowingIndex:
        embedder = self.embedder
        if self._following is None or self._following.fingerprint != embedder.fingerprint:
            self._following = FollowingIndex(
                self._history, self._folder / _CACHES, embedder.fingerprint, embedder.card.dim
            )
        return self._following
