"""The look back: which pictures were there already when others were added to a bank."""

from __future__ import annotations

from typing import Protocol

from lookalike.collection.answers import Match
from lookalike.collection.facade import Collection
from lookalike.collection.queries import Query
from lookalike.collection.questions import Question, answer


class Before(Protocol):
    """Pictures in which a look back searches: those of the collection, or of a cluster's table."""

    def image_of(self, sha256: bytes) -> int | None:
        """The id of the image with these bytes; None if there is none."""

    def query_of(self, image_id: int) -> Query:
        """An image as a query."""

    def copies_of(self, query: Query, question: Question) -> tuple[Match, ...]:
        """The copies of a picture among them, as a search with this question finds them."""


class OwnBefore:
    """The pictures that the banks' own collection had; see ``Before``."""

    def __init__(self, collection: Collection, last: int) -> None:
        """Keep what is to be asked.

        Args:
            collection: that holds the banks.
            last: the greatest id that an image had before.
        """
        self._collection, self._last = collection, last

    def image_of(self, sha256: bytes) -> int | None:
        """The id of the image with these bytes; None if there was none."""
        image = self._collection.catalog.image_of(sha256)
        return image if image is not None and image <= self._last else None

    def query_of(self, image_id: int) -> Query:
        """An image as a query; see ``Bases.query_of``."""
        return self._collection.bases.query_of(image_id)

    def copies_of(self, query: Query, question: Question) -> tuple[Match, ...]:
        """What of the images that were there answers a question."""
        basis = self._collection.bases.now()
        ids = basis.index.ids()
        before = ids[ids <= self._last]
        return tuple(answer(query, question, basis, before).matches) if len(before) else ()
