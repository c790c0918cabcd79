"""The service of one collection: what routes call. It asks the collection on the server's threads."""

from __future__ import annotations

import asyncio
import io
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO, TypeVar

from PIL import Image

from lookalike import Collection, Comparison, Hasher, images, sight
from lookalike.banks import Banks, CheckAnswer
from lookalike.banks.checking import Keep
from lookalike.banks.pdq import Pdq, pdq_of
from lookalike.collection.pictures import Opened, enough_for
from lookalike.collection.queries import Query, query_of_opened, query_with_panels
from lookalike.collection.questions import Found, Question, no_pictures_in
from lookalike.collection.reports import Upload
from lookalike.disk import bytes_in
from lookalike.embed import Embedder
from lookalike.errors import ImageError, NotFoundError, UsageError
from lookalike.images.addresses import Permitted
from lookalike.paths import absolute
from lookalike.review import Review
from lookalike.store import Change, Decision, Totals
from lookalike.web.duplicates import Duplicates
from lookalike.web.means import Means
from lookalike.web.sampling import RecallSampler

_MAP = Path("map") / "map.html"

Result = TypeVar("Result")

Picture = BinaryIO | str | int
"""An uploaded file, a URL, or the id of an image in the collection."""

Fetched = BinaryIO | int
"""A picture that is here: a file, or the id of an image in the collection."""


@dataclass(frozen=True, slots=True)
class Searched:
    """An answer, and how long the picture took before it could be asked about.

    Attributes:
        found: the collection's answer.
        embed_seconds: from the picture to its embedding, waiting included.
    """

    found: Found
    embed_seconds: float


class Service:
    """The collection that one process serves, and the threads that work for its requests.

    What is ``async`` here never asks the catalog on the event loop's own thread. While another process
    writes, a change waits on a thread for it, and everything else goes on.

    Attributes:
        lacks: what the server refuses, as "duplicates", so that the page does not offer it; empty for a
            collection of one machine.
    """

    lacks: tuple[str, ...] = ()

    def __init__(
        self, name: str, collection: Collection, folder: Path, means: Means, permitted: Permitted
    ) -> None:
        """Read what the first search needs.

        Args:
            name: of the collection, among those of the server.
            collection: to be served.
            folder: where the collection is stored.
            means: what it shares with the server's other collections.
            permitted: says which addresses a picture's URL may lead to.
        """
        self.name, self.collection, self.folder = name, collection, folder
        self._use(means)
        collection.bases.decode_by(self.pipeline.decoders)
        self.thumbnails = means.thumbnails
        self.duplicates = Duplicates(collection)
        self.sampler = RecallSampler(self.pipeline, collection.current, self.metrics.recall.labels(name))
        self._permitted = permitted
        self._writer = ThreadPoolExecutor(1, "write")
        self.banks, self.review = Banks(collection), Review(collection)
        self._hasher: tuple[Embedder, Hasher] | None = None
        self._totals: tuple[int, Totals] | None = None
        blank = Image.new("RGB", (8, 8))
        with suppress(UsageError):  # of vectors that were made elsewhere: images can be searched by
            collection.embedder.embed([blank])
        sight.Sight(blank)  # loads OpenCV
        collection.current()
        collection.uploads.sweep(wait=False)

    @property
    def banking(self) -> Service:
        """The service of the collection that holds the banks."""
        return self

    def _use(self, means: Means) -> None:
        self.limits = means.settings.limits
        self.admission, self.changes = means.admission, means.changes
        self.metrics, self.pipeline = means.metrics, means.pipeline

    async def search(self, picture: Picture, question: Question) -> Searched:
        """Find what looks like a picture.

        Raises:
            LookalikeError: as ``Collection.search``.
        """
        if question.folder is not None:
            await self.pipeline.search(partial(self.check_folder, Path(question.folder)))
        here, attempts = await self.fetched(picture), self.collection.bases.own.attempts()
        with self.admission.search():
            while (embedder := await self.pipeline.search(partial(next, attempts, None))) is not None:
                started = time.perf_counter()
                query = await self.query(here, embedder)
                seconds = time.perf_counter() - started
                work = partial(self.collection.answer, query, question)
                found = await self.pipeline.search_for(query, work)
        if not question.exact:
            self.sampler.remember(query.vector)
        return Searched(found, seconds)

    async def compare(self, first: Picture, second: Picture) -> tuple[Comparison, str, str]:
        """Compare two pictures, and compute the perceptual hash of each.

        Raises:
            LookalikeError: as ``Hasher.compare``; of a picture that cannot be read, it says which one it is.
        """
        here = await asyncio.gather(self.fetched(first), self.fetched(second))
        with self.admission.search():
            embedder = await self.pipeline.search(lambda: self.collection.embedder)
            a, b = await asyncio.gather(
                *(self._side(*each, embedder) for each in zip(("first", "second"), here, strict=True))
            )
            return await self.pipeline.compute(partial(self._compared, a, b, embedder))

    async def check(self, picture: BinaryIO | str, keep: Keep | None = None) -> CheckAnswer:
        """Hold a picture, an upload or one at a URL, against all enabled banks.

        Args:
            picture: the upload or URL.
            keep: keeps it for review if a bank reports it.

        Raises:
            LookalikeError: as ``Banks.check``.
        """
        checking, decoders = self.banks.checking, self.pipeline.decoders
        await self.pipeline.search(checking.enabled)
        data = await self.bytes_of(picture)
        attempts = self.collection.bases.own.attempts()
        with self.admission.search():
            while (embedder := await self.pipeline.search(partial(next, attempts, None))) is not None:
                given = await self.pipeline.decode(partial(checking.open, data, embedder, decoders))
                suspect = await self.pipeline.compute(partial(checking.suspect, given, embedder))
                answer = await self.pipeline.search_for(suspect.query, partial(checking.judge, suspect))
        for result in answer.results:
            self.metrics.checked(self.name, result.bank, result.verdict)
        if keep is None or not answer.reported:
            return answer
        return await self.change(partial(keep, given.opened, suspect.model, answer))

    async def pdq(self, picture: BinaryIO | str) -> Pdq:
        """The PDQ hash of a picture, an upload or one at a URL, decoded at full size.

        Raises:
            ImageError: it cannot be had or read.
            MissingExtra: ``pdqhash`` is not installed.
        """
        data = await self.bytes_of(picture)
        work = partial(Opened.of_bytes, data, self.limits, decoders=self.pipeline.decoders)
        with self.admission.search():
            opened = await self.pipeline.decode(work)
            return await self.pipeline.compute(partial(pdq_of, opened.image))

    async def change(self, work: Callable[[], Result]) -> Result:
        """Run a function that changes the catalog, on the one thread for that."""
        return await asyncio.wrap_future(self._writer.submit(work))

    async def add(self, pictures: list[bytes], said: list[Change]) -> list[Upload]:
        """Add encoded pictures to the collection; see ``Collection.add_uploads``."""
        add = partial(self.collection.add_uploads, pictures, said=said, decoders=self.pipeline.decoders)
        return await asyncio.wrap_future(self._writer.submit(add))

    async def forget(self, image_id: int) -> None:
        """Forget an image.

        Raises:
            NotFoundError: there is no such image.
        """
        await asyncio.wrap_future(self._writer.submit(self.collection.forget, image_id))

    async def fetched(self, picture: Picture) -> Fetched:
        """A picture, in the form of a file if it was given by URL.

        Raises:
            ImageError: it cannot be had.
        """
        return io.BytesIO(await self.bytes_of(picture)) if isinstance(picture, str) else picture

    async def query(
        self,
        picture: Fetched,
        embedder: Embedder,
        query_of: Callable[[Opened, Embedder], Query] = query_with_panels,
    ) -> Query:
        """What of a picture is compared with others; ``query_of`` makes it of one that was opened.

        Raises:
            NotFoundError: there is no image of this id.
            ImageError: the picture cannot be read.
        """
        if isinstance(picture, int):
            return await self.pipeline.compute(partial(self.query_of, picture))
        decoders, side = self.pipeline.decoders, enough_for(embedder)

        def open_picture() -> Opened:
            picture.seek(0)
            return Opened.of_bytes(picture.read(), self.limits, at_least=side, decoders=decoders)

        opened = await self.pipeline.decode(open_picture)
        return await self.pipeline.compute(partial(query_of, opened, embedder))

    def query_of(self, image_id: int, embedder: Embedder | None = None) -> Query:
        """What of an image of the collection is compared with others; see ``Bases.query_of``.

        Raises:
            NotFoundError: there is no image of this id.
        """
        return self.collection.bases.query_of(image_id, embedder)

    async def bytes_of(self, picture: BinaryIO | str) -> bytes:
        """The bytes of an upload, or of what a URL leads to.

        Raises:
            ImageError: they cannot be had.
        """
        if isinstance(picture, str):
            fetch = partial(images.fetch, picture, self.limits, permitted=self._permitted)
            return await self.pipeline.fetch(fetch)
        return picture.read()

    async def _side(self, which: str, picture: Fetched, embedder: Embedder) -> Query:
        if isinstance(picture, int):
            return await self.pipeline.compute(partial(self.query_of, picture, embedder))
        try:
            return await self.query(picture, embedder, query_of_opened)
        except ImageError as error:
            raise type(error)(f"the {which} picture: {error}") from error

    def _compared(self, a: Query, b: Query, embedder: Embedder) -> tuple[Comparison, str, str]:
        if self._hasher is None or self._hasher[0] is not embedder:
            self._hasher = embedder, Hasher(embedder, settings=self.collection.settings)
        hasher = self._hasher[1]
        return hasher.compare_seen(a, b), hasher.hash_vector(a.vector), hasher.hash_vector(b.vector)

    async def decide(self, images: list[int], decision: Decision) -> int:
        """Remember a decision about duplicates; how many pairs of images it is about.

        Raises:
            NotFoundError: there is no such image.
        """
        return await asyncio.wrap_future(self._writer.submit(self.duplicates.decide, images, decision))

    def check_folder(self, folder: Path) -> None:
        """Make sure that a folder is one that was indexed, or lies below one; it is never opened.

        Raises:
            UsageError: it does not.
        """
        known = self.totals().folders
        if absolute(folder) != folder or not any(folder.is_relative_to(place) for place in known):
            raise no_pictures_in(folder)

    def totals(self) -> Totals:
        """How much the collection holds; counted again when it has changed."""
        revision = self.collection.revision
        if self._totals is None or self._totals[0] != revision:
            self._totals = revision, self.collection.catalog.totals()
        return self._totals[1]

    def bytes_on_disk(self) -> int:
        """Size of the catalog and its index caches."""
        return bytes_in([*self.folder.glob("catalog.sqlite*"), *self.folder.glob("index/*")])

    def observe(self) -> None:
        """Set the metrics of a state, which nothing else updates: images, bytes, pictures in work."""
        self.metrics.inside.set(self.admission.inside)
        self.metrics.images.labels(self.name).set(len(self.collection.current()))
        self.metrics.index_bytes.labels(self.name).set(self.bytes_on_disk())

    def is_ready(self) -> None:
        """Make sure that the collection can be searched.

        Raises:
            LookalikeError: it cannot.
        """
        self.collection.revision  # noqa: B018  reads the catalog

    @property
    def map(self) -> Path:
        """Where the collection's map lies, if it has been made."""
        return self.folder / _MAP

    def read_map(self) -> bytes:
        """The collection's map, a page.

        Raises:
            NotFoundError: none has been made.
        """
        try:
            return self.map.read_bytes()
        except OSError as error:
            raise NotFoundError(
                f"no map has been made; make it with: lookalike lab map {self.folder} --out {self.map.parent}"
            ) from error

    def close(self) -> None:
        """End the threads, at once those that wait for a picture, and close the collection."""
        self.duplicates.close()
        self.pipeline.close()
        self._writer.shutdown(cancel_futures=True)
        self.collection.close()
