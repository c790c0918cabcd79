"""The work of one router: what ``web.service`` does for a collection, for a table and its shards."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import cast

from PIL import Image

from lookalike import Collection, sight
from lookalike.cluster.collection import TableCollection
from lookalike.cluster.refusing import no_banks, refusal
from lookalike.collection.queries import Query
from lookalike.collection.questions import Question, no_pictures_in
from lookalike.embed import Embedder
from lookalike.errors import NotFoundError
from lookalike.images.addresses import Permitted
from lookalike.images.files import Elsewhere
from lookalike.index import LSHIndex
from lookalike.sight import decode_small
from lookalike.store import ImageFacts
from lookalike.web.means import Means
from lookalike.web.pipeline import Pipeline
from lookalike.web.sampling import RecallSampler
from lookalike.web.service import Picture, Searched, Service
from lookalike.web.thumbnails import Thumbnails, small_file

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
            return super().make(image, side) if small is None else small_file(decode_small(small), side)
        except NotFoundError:
            small = self._catalog.small_of(image.image_id)
            if small is None:
                raise
            return small_file(decode_small(small), side)


class ClusterService(Service):
    """What the routes of ``web`` ask, answered by shards."""

    def __init__(
        self,
        name: str,
        collection: TableCollection,
        means: Means,
        permitted: Permitted,
        banking: Service | None = None,
    ) -> None:
        """Load what the first search needs.

        Args:
            name: of the collection.
            collection: to be served.
            means: of the process.
            permitted: says which addresses a picture's URL may lead to.
            banking: checks pictures against banks; None if there are none.
        """
        self.name, self.table = name, collection
        self.collection = cast(Collection, collection)  # the routes that are served ask no more of it
        self._use(means)
        self.thumbnails = TableThumbnails(collection, self.pipeline)
        told = self.metrics.recall.labels(name)
        self.sampler = RecallSampler(self.pipeline, lambda: cast(LSHIndex, collection.current()), told)
        self._permitted, self._banking = permitted, banking
        self.lacks = ("duplicates", "map") if banking else ("banks", "duplicates", "map", "review")
        self._writer, self._askers = ThreadPoolExecutor(_WRITES, "write"), ThreadPoolExecutor(_ASKED, "ask")
        self._hasher, self._totals = None, None
        blank = Image.new("RGB", (8, 8))
        collection.embedder.embed([blank])
        sight.Sight(blank)  # loads OpenCV

    @property
    def banking(self) -> Service:
        """The service that checks pictures against banks.

        Raises:
            UsageError: there are none.
        """
        if self._banking is None:
            raise no_banks()
        return self._banking

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

    def query_of(self, image_id: int, embedder: Embedder | None = None) -> Query:
        """What of an image of the table is compared with others; see ``Service.query_of``."""
        return self.table.query_of(image_id, embedder)

    def bytes_on_disk(self) -> int:
        """Size of the newest version's columns."""
        return self.table.table.bytes_of_data()

    def check_folder(self, folder: Path) -> None:
        """Make sure that images lie below a folder or an address.

        Raises:
            UsageError: none do.
        """
        if not self.table.catalog.has_below(folder):
            raise no_pictures_in(folder)

    def is_ready(self) -> None:
        """Make sure that the table can be read, and the banks too; see ``Service.is_ready``."""
        super().is_ready()
        if self._banking is not None:
            self._banking.is_ready()

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
        """End the threads, and close the banks' collection."""
        if self._banking is not None:
            self._banking.close()
        self.pipeline.close()
        self._askers.shutdown(cancel_futures=True)
        self._writer.shutdown(cancel_futures=True)
