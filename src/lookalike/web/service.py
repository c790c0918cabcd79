"""The work of one server process, whatever the protocol: it asks the collection on threads of its own."""

from __future__ import annotations

import asyncio
import io
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO

from PIL import Image

from lookalike import Collection, Comparison, Hasher, images
from lookalike.collection.originals import original
from lookalike.collection.pictures import enough_for
from lookalike.collection.questions import Answer, Question
from lookalike.collection.reports import Upload
from lookalike.disk import bytes_in
from lookalike.embed import Embedder
from lookalike.errors import ImageError, NotFoundError, UsageError
from lookalike.images.addresses import Permitted
from lookalike.kernels.arrays import Vectors
from lookalike.paths import absolute
from lookalike.store import ImageFacts, Totals
from lookalike.web.admission import Admission
from lookalike.web.metrics import Metrics
from lookalike.web.pipeline import Pipeline
from lookalike.web.sampling import RecallSampler
from lookalike.web.thumbnails import Thumbnails

_MAP = Path("map") / "map.html"

Picture = BinaryIO | str | int
"""An uploaded file, a URL, or the id of an image in the collection."""


@dataclass(frozen=True, slots=True)
class Found:
    """An answer, and how long the picture took before it could be asked about.

    Attributes:
        answer: of the collection.
        embed_seconds: from the picture to its embedding, waiting included.
    """

    answer: Answer
    embed_seconds: float


class Service:
    """The collection that one process serves, and the threads that work for its requests."""

    def __init__(
        self, collection: Collection, folder: Path, queue: int, permitted: Permitted, metrics: Metrics
    ) -> None:
        """Start the threads and read what the first search needs.

        Args:
            collection: to be served.
            folder: where the collection is stored.
            queue: most pictures in work.
            permitted: says which addresses a picture's URL may lead to.
            metrics: told what is done.
        """
        self.collection, self.folder = collection, folder
        self.limits = collection.settings.limits
        self.admission = Admission(queue)
        self.metrics = metrics
        self.pipeline = Pipeline(collection.settings.threads)
        self.thumbnails = Thumbnails(self.limits, self.pipeline.decoders)
        self.sampler = RecallSampler(self.pipeline, collection.current, metrics)
        self._permitted = permitted
        self._writer = ThreadPoolExecutor(1, "write")
        self._hasher: tuple[Embedder, Hasher] | None = None
        self._totals: tuple[int, Totals] | None = None
        collection.embedder.embed([Image.new("RGB", (8, 8))])
        collection.current()

    async def search(self, picture: Picture, question: Question) -> Found:
        """Find what looks like a picture.

        Raises:
            LookalikeError: as ``Collection.search``.
        """
        self.check_folder(question.folder)
        for embedder in self.collection.attempts():
            started = time.perf_counter()
            vector = await self.vector(picture, embedder)
            seconds = time.perf_counter() - started
            answer = await self.pipeline.search(partial(self.collection.answer, vector, question))
        if not question.exact:
            self.sampler.remember(vector)
        return Found(answer, seconds)

    async def compare(self, first: Picture, second: Picture) -> tuple[Comparison, str, str]:
        """Compare two pictures, and compute the perceptual hash of each.

        Raises:
            LookalikeError: as ``Hasher.compare``.
        """
        embedder = self.collection.embedder
        seen = await asyncio.gather(self._seen(first, embedder), self._seen(second, embedder))
        if self._hasher is None or self._hasher[0] is not embedder:
            self._hasher = embedder, Hasher(embedder, settings=self.collection.settings)
        hasher = self._hasher[1]
        (a, image_a), (b, image_b) = seen
        pictures = None if image_a is None or image_b is None else (image_a, image_b)
        compared = await self.pipeline.compute(partial(hasher.compare_seen, a, b, pictures))
        return compared, hasher.hash_vector(a), hasher.hash_vector(b)

    async def add(self, pictures: list[bytes]) -> list[Upload]:
        """Add encoded pictures to the collection; see ``Collection.add_uploads``."""
        add = partial(self.collection.add_uploads, pictures, decoders=self.pipeline.decoders)
        return await asyncio.wrap_future(self._writer.submit(add))

    async def forget(self, image_id: int) -> None:
        """Forget an image.

        Raises:
            NotFoundError: there is no such image.
        """
        await asyncio.wrap_future(self._writer.submit(self.collection.forget, image_id))

    async def vector(self, picture: Picture, embedder: Embedder) -> Vectors:
        """A picture's embedding, (dim,) float32.

        Raises:
            NotFoundError: there is no image of this id.
            ImageError: the picture cannot be had or read.
        """
        if isinstance(picture, int):
            facts = await self.pipeline.search(partial(self.collection.catalog.image, picture))
            return facts.vector
        return await self.pipeline.embed(embedder, await self._opening(picture, enough_for(embedder)))

    async def _seen(self, picture: Picture, embedder: Embedder) -> tuple[Vectors, Image.Image | None]:
        """A picture's embedding and the picture; None for an image of the collection whose file is gone.

        Raises:
            LookalikeError: as ``vector``.
        """
        side = enough_for(embedder)
        if isinstance(picture, int):
            facts = await self.pipeline.search(partial(self.collection.catalog.image, picture))
            return facts.vector, await self.pipeline.decode(partial(self._stored, facts, side))
        image = await self.pipeline.decode(await self._opening(picture, side))
        return await self.pipeline.embed(embedder, lambda: image), image

    def _stored(self, image: ImageFacts, side: int) -> Image.Image | None:
        try:
            data = original(image.paths, image.sha256, self.limits)
            return self.pipeline.decoders.decode(data, limits=self.limits, at_least=side).image
        except ImageError:
            return None

    def check_folder(self, folder: Path | None) -> None:
        """Make sure that a folder is one that was indexed, or lies below one; it is never opened.

        Raises:
            UsageError: it does not.
        """
        if folder is None:
            return
        known = self.totals().folders
        if absolute(folder) != folder or not any(folder.is_relative_to(place) for place in known):
            raise UsageError("folder must be one of those that GET /v1/stats lists, or lie below one")

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
        """Set the metrics that describe a state, which nobody counts while it changes."""
        self.metrics.inside.set(self.admission.inside)
        self.metrics.images.set(len(self.collection.current()))
        self.metrics.index_bytes.set(self.bytes_on_disk())

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
        self.pipeline.close()
        self._writer.shutdown(cancel_futures=True)
        self.collection.close()

    async def _opening(self, picture: BinaryIO | str, side: int) -> Callable[[], Image.Image]:
        """What opens a picture, once its bytes are here."""
        if isinstance(picture, str):
            fetch = partial(images.fetch, picture, self.limits, permitted=self._permitted)
            picture = io.BytesIO(await self.pipeline.fetch(fetch))
        file = picture

        def open_image() -> Image.Image:
            file.seek(0)
            return self.pipeline.decoders.decode(file.read(), limits=self.limits, at_least=side).image

        return open_image
