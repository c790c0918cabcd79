"""A collection of pictures: what the command line, the web page and programs all work with."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Self

from lookalike.answers import Answer, Question, answer
from lookalike.disk import bytes_in, is_gone
from lookalike.embed import Embedder, load_embedder
from lookalike.errors import EmbedderMismatch, NotFoundError, UsageError
from lookalike.images import FoundFile, RejectedFile, scan
from lookalike.index import LSHIndex
from lookalike.intake import take_in
from lookalike.kernels.arrays import Vectors
from lookalike.paths import absolute, at_or_below, on_disk, shown
from lookalike.pictures import Source, embed_source, limits_of
from lookalike.reembedding import read_again
from lookalike.reports import AddReport, CheckReport, Match, Progress, ReembedReport, Status
from lookalike.settings import Settings, load_settings
from lookalike.store import Catalog, Database, FileStamp, FollowingIndex, Holdings, Succession

_CATALOG = "catalog.sqlite"
_CACHES = "index"


class Collection:
    """A user's indexed pictures in one folder.

    Any number of processes may search a collection while one adds to it; each sees new images at its next
    search.

    >>> with Collection.open("/tmp/holiday", create=True) as pictures:  # doctest: +SKIP
    ...     pictures.add(["~/Pictures"])
    ...     pictures.search("beach.jpg")[0].path
    """

    def __init__(self, folder: Path, database: Database, settings: Settings) -> None:
        """Use ``open`` instead."""
        self._folder, self._database, self.settings = folder, database, settings
        self._catalog, self.holdings = Catalog(database), Holdings(database)
        self._limits = limits_of(settings)
        self._loaded: Embedder | None = None
        self._following: FollowingIndex | None = None

    @classmethod
    def open(
        cls, folder: str | Path | None = None, *, create: bool = False, settings: Settings | None = None
    ) -> Self:
        """Open a collection.

        Args:
            folder: where it is stored; the one in the settings where None.
            create: make it if it is not there.
            settings: limits, threads and model; as ``load_settings`` finds them where None.

        Raises:
            NotFoundError: there is none, and ``create`` is false.
            DamagedError: what is there is not a usable catalog.
            UsageError: it cannot be opened for another reason, which is named.
        """
        settings = settings or load_settings()
        place = absolute(folder) if folder else settings.collection
        return cls(place, Database(place / _CATALOG, create=create), settings)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __len__(self) -> int:
        return self._catalog.count()

    @property
    def embedder(self) -> Embedder:
        """The collection's own embedder; the one in the settings while it is empty.

        Raises:
            EmbedderMismatch: the embedder of that name is not the one that made the stored vectors.
        """
        own = self._catalog.embedder()
        name, fingerprint = own or (self.settings.model, None)
        if self._loaded is None or fingerprint not in (None, self._loaded.fingerprint):
            embedder = load_embedder(name)
            if fingerprint not in (None, embedder.fingerprint):
                raise EmbedderMismatch(
                    f"this collection was made by another version of {name!r}; move it to the present one, "
                    f"which reads its pictures again: lookalike reembed --model {name}"
                )
            self._loaded = embedder
        return self._loaded

    def add(
        self,
        paths: Iterable[str | Path],
        *,
        prune: bool = False,
        exclude: Sequence[str] = (),
        save: bool = True,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> AddReport:
        """Add the pictures in files and folders.

        Unchanged files are skipped. When ``on_progress`` reports a file done, it is stored for good; an
        interrupted ``add`` goes on where it stopped when it is called again.

        Args:
            paths: files, and folders to walk.
            prune: also forget known files below ``paths`` that are gone.
            exclude: glob patterns of names, or of paths below ``paths``, to leave out.
            save: also write the index cache, which takes long beside adding a picture to a large collection;
                without it the next start has to read what was added from the catalog.
            on_progress: called on this thread, first with ``done=0``.

        Returns:
            What was done; unusable files are listed there and do not stop the rest.

        Raises:
            EmbedderMismatch: the collection belongs to another embedder.
        """
        wanted = _places(paths)
        report = AddReport()
        to_read = self._to_read(wanted, exclude, report)
        if on_progress:
            on_progress(Progress(0, len(to_read)))
        if to_read:
            self._catalog.claim(_lasting(self.settings.model), self.embedder.fingerprint)
            self._read(to_read, report, on_progress)
        if prune:
            report.pruned = self._prune(wanted)
        if save and self._catalog.embedder() is not None:
            self._index().save()
        return report

    def remove(self, paths: Iterable[str | Path]) -> int:
        """Forget files, or all files below folders; the files themselves are left alone.

        Returns:
            How many files were forgotten.

        Raises:
            NotFoundError: nothing known lies at one of the paths; then nothing was forgotten.
        """
        gone: list[Path] = []
        for place in _places(paths):
            known = [file for file, _ in self._catalog.files(place)]
            known = known or at_or_below(place, self.files())
            if not known:
                raise NotFoundError(f"nothing in the collection lies at {shown(place)}")
            gone += known
        index = self._index()  # first, since it can refuse
        forgotten = self._catalog.forget(gone)
        index.save()
        return forgotten

    def forget(self, image_id: int) -> list[Path]:
        """Forget an image and all files that it lies in; the files themselves are left alone.

        Returns:
            Where it lay, sorted.

        Raises:
            NotFoundError: there is no such image.
        """
        paths = self._catalog.forget_image(image_id)
        if not paths:
            raise NotFoundError(f"there is no image {image_id} in the collection")
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
            recall: share of the true k nearest that is good enough; 0.95 where None.

        Returns:
            At most k matches, the nearest first.

        Raises:
            ImageError: the picture cannot be read.
            NotFoundError: the collection is empty.
            UsageError: k, metric or recall makes no sense.
        """
        question = Question(k, metric, exact, recall)
        while True:
            self._refuse_empty()
            embedder = self.embedder
            vector = embed_source(picture, embedder, self._limits)[0]
            found = self.answer(vector, question)
            if self.embedder is embedder:  # else the collection moved meanwhile, and these may be mixed
                return found.matches

    def answer(self, vector: Vectors, question: Question) -> Answer:
        """Answer a question about a picture by its embedding.

        Args:
            vector: (dim,) float32 of unit length, by the collection's embedder.
            question: what is wanted.

        Raises:
            NotFoundError: the collection is empty.
            EmbedderMismatch: the vector is another embedder's.
        """
        self._refuse_empty()
        return answer(vector, question, self.current(), self.holdings)

    @property
    def revision(self) -> int:
        """Grows with every change to the collection, whichever process makes it."""
        return self._catalog.revision()

    def current(self) -> LSHIndex:
        """The index, brought up to date with the catalog."""
        return self._index().current()

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
        if self._catalog.embedder() is None:
            raise NotFoundError(f"the collection at {self._folder} is empty; just index with --model {model}")
        embedder, succession = load_embedder(model), Succession(self._database)
        report = ReembedReport()
        if self._catalog.embedder() == (_lasting(model), embedder.fingerprint):
            report.moved = True
            return report
        report.dropped = succession.begin(_lasting(model), embedder.fingerprint)
        while not report.missing and not report.moved:  # again where images were added meanwhile
            self._read_again(embedder, succession, report, on_progress)
            report.moved = not report.missing and succession.complete(embedder.fingerprint)
        if report.moved:
            self._loaded = embedder
            self._index().save()
        return report

    def files(self) -> list[Path]:
        """All known files, sorted."""
        return [path for path, _ in self._catalog.files()]

    def images(self) -> list[tuple[int, Path]]:
        """The id of every image, ascending, and the first of the paths where it lies."""
        return self._catalog.images()

    def vectors(self, ids: Iterable[int]) -> Vectors:
        """Stored embeddings of images, (ids, dim) float32 rows of unit length.

        Raises:
            NotFoundError: an image has been removed.
        """
        return self._catalog.vectors(ids, self.embedder.card.dim, self.embedder.fingerprint)

    def status(self) -> Status:
        """What the collection holds, and what has become of its files."""
        files = list(self._catalog.files())
        own = self._catalog.embedder() or (None, None)
        return Status(
            folder=self._folder,
            images=len(self),
            files=len(files),
            missing=[path for path, _ in files if is_gone(path)],
            roots=dict(sorted(Counter(root for _, root in files).items())),
            embedder=own[0],
            fingerprint=own[1],
            index=self._index().state() if own[0] else "none",
            bytes_on_disk=bytes_in(self._folder.rglob("*")),
        )

    def check(self) -> CheckReport:
        """Verify everything that is stored; index caches found damaged are rebuilt."""
        problems = self._catalog.problems()
        repaired = self._index().check() if not problems and self._catalog.embedder() else []
        return CheckReport(len(self), problems, repaired)

    def close(self) -> None:
        """Release the catalog."""
        self._database.close()

    def _refuse_empty(self) -> None:
        if self._catalog.embedder() is None or not len(self):
            raise NotFoundError(f"the collection at {self._folder} is empty; add to it: lookalike index PATH")

    def _index(self) -> FollowingIndex:
        embedder = self.embedder
        if self._following is None or self._following.fingerprint != embedder.fingerprint:
            self._following = FollowingIndex(
                self._catalog, self._folder / _CACHES, embedder.fingerprint, embedder.card.dim
            )
        return self._following

    def _to_read(self, wanted: list[Path], exclude: Sequence[str], report: AddReport) -> list[FoundFile]:
        """The files that are new or changed."""
        to_read = []
        for item in scan(wanted, exclude=exclude, skipped=report.skipped):
            if isinstance(item, RejectedFile):
                report.rejected.append(item)
            elif self._catalog.stamp(item.path) == FileStamp(item.size, item.mtime_ns):
                report.unchanged += 1
            else:
                to_read.append(item)
        return to_read

    def _read(
        self, files: list[FoundFile], report: AddReport, on_progress: Callable[[Progress], None] | None
    ) -> None:
        done = 0
        intake = take_in(files, self._catalog, self.embedder, self._limits, self.settings.threads)
        with closing(intake):
            for taken in intake:
                recorded = self._catalog.record(taken.records)
                lost = [RejectedFile(path, "removed meanwhile; index it again") for path in recorded.lost]
                report.added += recorded.added
                report.linked += len(taken.records) - len(lost) - recorded.added
                report.rejected += [*taken.rejected, *lost]
                report.doubtful += taken.doubtful
                done += len(taken.records) + len(taken.rejected)
                if on_progress:
                    on_progress(Progress(done, len(files)))

    def _read_again(
        self,
        embedder: Embedder,
        succession: Succession,
        report: ReembedReport,
        on_progress: Callable[[Progress], None] | None,
    ) -> None:
        """Give each image that waits for one its new vector."""
        waiting = succession.waiting()
        total = len(waiting)
        done = 0
        if on_progress:
            on_progress(Progress(0, total))
        with closing(
            read_again(waiting, self._catalog, embedder, self._limits, self.settings.threads)
        ) as parts:
            for part in parts:
                succession.record(part.vectors, embedder.fingerprint)
                report.embedded += len(part.vectors)
                report.missing += part.missing
                done += len(part.vectors) + len(part.missing)
                if on_progress:
                    on_progress(Progress(done, total))

    def _prune(self, wanted: list[Path]) -> int:
        """Forget what is gone below paths that are there; a path that is not may be an unplugged drive."""
        gone = [
            file
            for place in wanted
            if not is_gone(Path(os.path.realpath(place)))
            for file, _ in self._catalog.files(place)
            if is_gone(file)
        ]
        return self._catalog.forget(gone)


def _places(paths: Iterable[str | Path]) -> list[Path]:
    """What a caller named, as absolute paths.

    Raises:
        UsageError: a single path, whose characters would each be taken for one, "/" among them.
    """
    if isinstance(paths, str | bytes):
        raise UsageError(f"paths must be a list of paths, not the single path {paths!r}")
    return [on_disk(absolute(path)) for path in paths]


def _lasting(model: str) -> str:
    """A model's name, or the path of its file, which must mean the same in any working folder."""
    return str(absolute(model)) if model.endswith(".onnx") else model
