"""The work of one router: what ``web.service`` does for a collection, for a table and its shards."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import cast

from PIL import Image

from lookalike import Collection, sight
from lookalike.cluster.collection import TableCollection
from lookalike.cluster.refusing import refusal
from lookalike.collection.queries import Query
from lookalike.collection.questions import Question
from lookalike.collection.reports import Upload
from lookalike.embed import Embedder
from lookalike.errors import NotFoundError
from lookalike.images.addresses import Permitted
from lookalike.images.files import Elsewhere
from lookalike.index import LSHIndex
from lookalike.sight import decode_small
from lookalike.store import Change, ImageFacts, Totals
from lookalike.web.means import Means
from lookalike.web.pipeline import Pipeline
from lookalike.web.sampling import RecallSampler
from lookalike.web.service import Fetched, Picture, Result, Searched, Service
from lookalike.web.thumbnails import Thumbnails

_WRITES = 4  # commits at a time; Lance orders them
_SAMPLED = 4_000_000  # images; among more, the exact search by which recall is sampled would take seconds
_ASKED = 16  # searches that wait for shards at a time: waiting takes no core, and one may wait for seconds


class TableThumbnails(Thumbnails):
    """Thumbnails that are made of the small picture if no file of the image can be reached.

    Those of objects are too, if they need no more pixels: a whole object costs a request, and megabytes.
    """

    def __init__(self, collection: TableCollection, pipeline: Pipeline) -> None:
        super().__init__(collection.settings.limits, pipeline.decoders)
        self._catalog = collection.catalog

    def make(self, image: ImageFacts, side: int) -> bytes:
        """Make a thumbnail; see ``Thumbnails.make``."""
        far = all(isinstance(path, Elsewhere) for path in image.paths)
        small = self._catalog.small_of(image.image_id) if far and side <= sight.SMALL_SIDE else None
        try:
            return super().make(image, side) if small is None else _thumbnail(small, side)
        except NotFoundError:
            small = self._catalog.small_of(image.image_id)
            if small is None:
                raise
            return _thumbnail(small, side)


def _thumbnail(small: bytes, side: int) -> bytes:
    """A WebP file of a small picture, at most so many pixels a side."""
    picture = decode_small(small)
    picture.thumbnail((side, side), Image.Resampling.BICUBIC)
    file = io.BytesIO()
    picture.save(file, "WEBP", quality=80, method=2)
    return file.getvalue()


class ClusterService(Service):
    """What the routes of ``web`` ask, answered by shards."""

    def __init__(self, name: str, collection: TableCollection, means: Means, permitted: Permitted) -> None:
        """Load what the first search needs.

        Args:
            name: of the collection.
            collection: to be served.
            means: of the process.
            permitted: says which addresses a picture's URL may lead to.
        """
        self.name, self.table = name, collection
        self.collection = cast(Collection, collection)  # the routes that are served ask no more of it
        self._use(means)
        self.thumbnails = TableThumbnails(collection, self.pipeline)
        told = self.metrics.recall.labels(name)
        self.sampler = RecallSampler(self.pipeline, lambda: cast(LSHIndex, collection.current()), told)
        self._permitted = permitted
        self._writers, self._askers = ThreadPoolExecutor(_WRITES, "write"), ThreadPoolExecutor(_ASKED, "ask")
        self._hasher = None
        self._counted: tuple[int, Totals] | None = None
        blank = Image.new("RGB", (8, 8))
        collection.embedder.embed([blank])
        sight.Sight(blank)  # loads OpenCV

    async def search(self, picture: Picture, question: Question) -> Searched:
        """Find what looks like a picture; see ``Service.search``."""
        return (await self.search_shards(picture, question, allow_partial=False))[0]

    async def search_shards(
        self, picture: Picture, question: Question, *, allow_partial: bool
    ) -> tuple[Searched, bool]:
        """Find what looks like a picture.

        Args:
            picture: what to search for.
            question: what is wanted.
            allow_partial: answer without the shards that do not.

        Returns:
            The answer, and whether a shard had no part in it.

        Raises:
            Busy: a shard did not answer.
            UsageError: no image lies in the folder that was named.
        """
        here = await self.fetched(picture)
        with self.admission.search():
            started = asyncio.get_running_loop().time()
            query = await self.query(here, self.table.embedder)
            seconds = asyncio.get_running_loop().time() - started
            ask = partial(self.table.answer, query, question, partial=allow_partial)
            answered = await asyncio.wrap_future(self._askers.submit(ask))
        if not question.exact and answered.found.images <= _SAMPLED:
            self.sampler.remember(query.vector)
        return Searched(answered.found, seconds), answered.missing > 0

    async def change(self, work: Callable[[], Result]) -> Result:
        """Run a function that changes the table, on one of the threads for that."""
        return await asyncio.wrap_future(self._writers.submit(work))

    async def add(self, pictures: list[bytes], said: list[Change]) -> list[Upload]:
        """Add encoded pictures to the table; see ``TableCollection.add_uploads``."""
        return await self.change(partial(self.table.add_uploads, pictures, self.pipeline.decoders, said))

    async def forget(self, image_id: int) -> None:
        """Forget an image.

        Raises:
            NotFoundError: there is no such image.
        """
        await self.change(partial(self.table.forget, image_id))

    async def query(self, picture: Fetched, embedder: Embedder) -> Query:
        """What of a picture is compared with others; see ``Service.query``."""
        if isinstance(picture, int):
            return await self.pipeline.compute(partial(self.table.query_of, picture))
        return await super().query(picture, embedder)

    def totals(self) -> Totals:
        """How much the table holds; counted again when it has changed."""
        version = self.table.revision
        if self._counted is None or self._counted[0] != version:
            self._counted = version, self.table.totals()
        return self._counted[1]

    def bytes_on_disk(self) -> int:
        """Size of the newest version's columns."""
        return self.table.table.bytes_of_data()

    def check_folder(self, folder: Path) -> None:
        """Make sure that images lie below a folder or an address; see ``TableCollection.check_folder``."""
        self.table.check_folder(folder)

    @property
    def map(self) -> Path:
        """Where no map lies: tables have none."""
        return Path("/nonexistent")

    def read_map(self) -> bytes:
        """Refuse to show a map, which is made of a collection.

        Raises:
            UsageError: always.
        """
        raise refusal("map")

    def close(self) -> None:
        """End the threads."""
        self.pipeline.close()
        self._askers.shutdown(cancel_futures=True)
        self._writers.shutdown(cancel_futures=True)
