"""The collection of pictures: what the command line, the web page and programs all work with.

Modules that a search does not need are imported by the methods that do: it often begins with a new process.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self, Unpack

from lookalike.collection.answers import Answer, Match
from lookalike.collection.basis import Bases
from lookalike.collection.pictures import Source
from lookalike.collection.presence import images_present
from lookalike.collection.queries import Query
from lookalike.collection.questions import Found, Question, Wanted, answer, ask, question_of
from lookalike.embed import Embedder
from lookalike.errors import LookalikeError
from lookalike.index import LSHIndex
from lookalike.kernels.arrays import Vectors
from lookalike.paths import absolute, all_absolute, shown
from lookalike.settings import Settings, settings_given
from lookalike.store import Annotations, Catalog, Change, Database, Recorder
from lookalike.store.keeping import Keep, settle

if TYPE_CHECKING:
    from lookalike.collection.duplicates.search import Given, Group
    from lookalike.collection.reports import AddReport, CheckReport, Progress, ReembedReport, Upload
    from lookalike.collection.status import Status
    from lookalike.collection.uploads import InMemory, Uploads
    from lookalike.images.decoders import Decoders


class Collection:
    """A user's indexed pictures in one folder.

    Any number of processes may search it while one adds to it; each sees new images at its next search.

    Attributes:
        settings: limits, threads and model.
        catalog: which images and files there are, to be read.
        bases: what answers stand on, brought up to date.

    >>> with Collection.open("/tmp/holiday", create=True) as pictures:  # doctest: +SKIP
    ...     pictures.add(["~/Pictures"])
    ...     pictures.search("beach.jpg")[0].path
    """

    def __init__(self, folder: Path, database: Database, settings: Settings) -> None:
        """Take over an open catalog; programs call ``open`` instead."""
        self._folder, self._database, self.settings = folder, database, settings
        self.catalog, self._recorder = Catalog(database), Recorder(database)
        self.bases = Bases(folder, database, self.catalog, self._recorder, settings)

    @classmethod
    def open(
        cls,
        folder: str | Path | None = None,
        *,
        create: bool = False,
        settings: Settings | None = None,
        keep: Keep | None = None,
    ) -> Self:
        """Open a collection.

        Args:
            folder: where it is stored; if None, the folder that the settings name.
            create: make it if it is not there.
            settings: limits, threads and model; if None, what ``load_settings`` finds.
            keep: how much a new collection keeps, "all" or "vectors", neither paths nor small pictures; one
                that exists must keep just that. If None, all, or as it was made.

        Raises:
            NotFoundError: there is none, and ``create`` is false.
            DamagedError: what is there is not a usable catalog.
            UsageError: ``folder`` is no path or keeps something else, or ``settings`` are none.
            StorageError: the machine cannot open it: no permission, or no room.
        """
        settings = settings_given(settings)
        place = settings.collection if folder is None else absolute(folder)
        database = Database(place / "catalog.sqlite", create=create)
        if keep is not None:
            settle(database, keep)
        return cls(place, database, settings)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __len__(self) -> int:
        return self.catalog.count()

    def __repr__(self) -> str:
        """Tell folder, contents and state: ``<Collection /holiday: 8 images of 'resnet34', open>``."""
        from lookalike.collection.status import state_of  # noqa: PLC0415

        return f"<Collection {shown(self._folder)}: {state_of(self._database, self.catalog)}>"

    @property
    def embedder(self) -> Embedder:
        """The embedder that made the stored vectors; while there are none, the one that the settings name.

        Raises:
            EmbedderMismatch: the embedder of that name is not the one that made the stored vectors.
        """
        return self.bases.own.current()

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

        Unchanged files are skipped. What ``on_progress`` reports done is stored for good; an interrupted
        ``add`` goes on where it stopped when it is called again.

        Args:
            paths: files, and folders to walk.
            prune: also forget known files below ``paths`` that are gone. The report withholds them if they
                may be on a drive that is not mounted: see ``forgetting.prune_lost``.
            sure: forget them even then.
            rescan: read every file again, even if its size and time are as they were.
            exclude: glob patterns of names, or of paths below ``paths``, to leave out.
            save: also write the index cache, measure the rate of false copies if the collection has grown by
                half, find landmarks of pages and divide collages, as further work to do; nothing of that if
                no usable picture is at ``paths`` and none is forgotten. It may take much longer than adding.
            on_progress: called on this thread, first with ``done=0``.

        Returns:
            What was done; unusable files are listed there and do not stop the rest.

        Raises:
            EmbedderMismatch: the collection belongs to another embedder.
            UsageError: ``paths`` or ``exclude`` is no list; or ``prune``, and no paths are kept.
            StorageError: the machine cannot go on: the disk is full, or too many files are open.
        """
        from lookalike.collection.filling import How, fill  # noqa: PLC0415

        how = How(prune, sure, rescan, exclude, save)
        return fill(paths, how, self.bases, self._recorder, on_progress)

    @cached_property
    def uploads(self) -> Uploads:
        """The pictures that ``add_uploads`` keeps."""
        from lookalike.collection.uploads import UPLOADS, Uploads  # noqa: PLC0415

        return Uploads(self._folder / UPLOADS, self._database)

    def add_uploads(
        self, pictures: Sequence[InMemory], *, said: Sequence[Change] = (), decoders: Decoders | None = None
    ) -> list[Upload]:
        """Add pictures in memory; each is kept as a file in the collection's own folder, even if it is known.

        Args:
            pictures: encoded images, as files hold them, and Pillow images.
            said: ``name``, ``metadata`` and ``tags`` of each, as ``annotate`` takes them; if empty, of none.
            decoders: decode them; if None, processes that end with this call do.

        Returns:
            What became of each, in their order; an unusable one does not stop the rest.

        Raises:
            ImageError, EmbedderMismatch, StorageError: a Pillow image cannot be read; else as ``add``.
        """
        return self.bases.marked(self.uploads.add(pictures, self.bases.own, self.settings, decoders, said))

    def annotate(self, image_id: int, **said: Unpack[Change]) -> None:
        """Change the ``name``, ``metadata`` and ``tags`` of an image: see ``Change``.

        Raises:
            NotFoundError: there is no such image.
            UsageError: what is said makes no sense.
        """
        Annotations(self._database).change({self.catalog.image(image_id).sha256: said})

    def remove(self, paths: Iterable[str | Path], *, forever: bool = False) -> int:
        """Forget files, or all below folders, and what is said of their images; count the files, touch none.

        Args:
            paths: files and folders.
            forever: also forget files of the same bytes, and never add one again until ``undo_removal``.

        Raises:
            NotFoundError: nothing known lies at one of the paths; then nothing was forgotten.
        """
        from lookalike.collection.forgetting import forget_at  # noqa: PLC0415

        index = self.bases.index()
        return forget_at(all_absolute(paths), self.catalog, self._recorder, index, forever=forever)

    def undo_removal(self, paths: Iterable[str | Path]) -> int:
        """Let images in again that were removed for good, and count them; ``add`` then takes them again.

        Args:
            paths: where they lay when they were removed, folders above that, or files that hold them now.

        Raises:
            NotFoundError: nothing that lay at one of the paths was removed for good; then nothing was done.
        """
        from lookalike.collection.forgetting import unwanted_at  # noqa: PLC0415

        return self._recorder.unban(unwanted_at(all_absolute(paths), self.catalog, self.settings.limits))

    def forget(self, image_id: int) -> list[Path]:
        """Forget an image, and tell where it lay, sorted; of its files only an upload is deleted.

        Raises:
            NotFoundError: there is no such image.
        """
        image = self.catalog.image(image_id)
        paths = self._recorder.forget_image(image_id)
        self.uploads.delete(image.sha256, paths)
        return paths

    def search(self, picture: Source, k: int = 10, **wanted: Unpack[Wanted]) -> list[Match]:
        """Find at most ``k`` images that are copies of a picture, or look most like it.

        Args:
            picture: a path, URL, encoded bytes or a PIL image.
            k: most matches: identical images first, then copies, then the others, each by distance.
            **wanted: ``metric``, ``folder``, ``tag``, ``verdicts``, ``fpr`` and others: see ``Question``.

        Raises:
            ImageError: the picture cannot be read.
            NotFoundError: the collection is empty.
            UsageError: k or something else that is wanted makes no sense.
        """
        return self.ask(picture, k, **wanted).matches

    def ask(self, picture: Source, k: int = 10, **wanted: Unpack[Wanted]) -> Answer:
        """The same as ``search``, with the rate of false copies at the collection's size."""
        return ask(picture, question_of(k, wanted), self.bases, self.settings.limits)

    def search_many(
        self, pictures: Iterable[Source], k: int = 10, **wanted: Unpack[Wanted]
    ) -> Iterator[Answer | LookalikeError]:
        """Search by many pictures, 64 at a time, on all cores.

        Args:
            pictures: as for ``search``; they are read as the answers are asked for.
            k: most matches of each.
            **wanted: as for ``search``.

        Yields:
            What ``ask`` returns for each picture, in order, or the ``ImageError`` that it would raise.

        Raises:
            NotFoundError: the collection is empty.
            UsageError: as for ``search``, or something is no picture.
        """
        from lookalike.collection.many import ask_many  # noqa: PLC0415

        return ask_many(pictures, question_of(k, wanted), self.bases)

    def answer(self, query: Query, question: Question) -> Found:
        """Answer a question about a picture that the collection's embedder has embedded before.

        Raises:
            NotFoundError: the collection is empty.
            EmbedderMismatch: the query is another embedder's.
        """
        return answer(query, question, self.bases.now())

    @property
    def revision(self) -> int:
        """Number of changes so far, by any process."""
        return self.bases.revision()

    def current(self) -> LSHIndex:
        """Bring the index up to date with the catalog, and give it out."""
        return self.bases.index().current()

    def duplicates(self, paths: Iterable[str | Path] = (), **given: Unpack[Given]) -> list[Group]:
        """Find images, at some paths or anywhere, that are copies of each other; for the rest see ``Given``.

        Raises:
            NotFoundError: the collection is empty, or nothing known lies at one of the paths.
        """
        from lookalike.collection.duplicates.search import DuplicateSearch, Terms  # noqa: PLC0415

        return DuplicateSearch(self.bases).find(Terms.of(paths, **given), given.get("on_progress"))

    def reembed(self, model: str, *, on_progress: Callable[[Progress], None] | None = None) -> ReembedReport:
        """Move the collection to another embedder, which reads every picture again.

        Searches and additions go on with the present embedder until the new one takes over in one step. What
        ``on_progress`` reports done is kept for the next call. The old embedder need not be at hand for it.

        Args:
            model: the new embedder, as ``load_embedder`` takes it.
            on_progress: called on this thread, first with ``done=0``.

        Returns:
            What was done. While an image is missing, the collection stays with its embedder.

        Raises:
            NotFoundError: the collection is empty.
        """
        from lookalike.collection.moving import reembed  # noqa: PLC0415

        return reembed(model, self.bases, on_progress)

    def files(self) -> list[Path]:
        """List the paths of all known files, sorted."""
        return self.catalog.paths()

    def images(self) -> list[tuple[int, Path]]:
        """List the id of every image, ascending, with the first of its paths where a file is, if one is."""
        return images_present(self.catalog)

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
        from lookalike.collection.status import status_of  # noqa: PLC0415

        return status_of(self._folder, self.catalog, *self.bases.state())

    def check(self, *, repair: bool = False) -> CheckReport:
        """Verify all that is stored, and rebuild damaged index caches.

        With ``repair``, damaged rows of the catalog are read again from their files, or forgotten.
        """
        from lookalike.collection.verifying import verify  # noqa: PLC0415

        return verify(self.bases, self.uploads, repair=repair)

    def close(self) -> None:
        """Close the catalog's file; the collection cannot be used any more."""
        self._database.close()
