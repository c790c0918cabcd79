"""The demo's result as plain values: all that its page shows, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from lookalike.errors import UsageError


@dataclass(frozen=True, slots=True)
class DemoMatch:
    """A picture that the search answered with.

    Attributes:
        image: the picture, RGB, of any size; the page shows it small.
        path: where it lies, as text for people.
        similarity: cosine similarity to the query, -1 to 1.
        is_original: whether the query was made from this picture.
    """

    image: Image.Image
    path: str
    similarity: float
    is_original: bool


@dataclass(frozen=True, slots=True)
class DemoRow:
    """One altered copy and what the search answered.

    Attributes:
        alteration: name of the alteration.
        description: of the alteration, for people.
        query: the altered copy, RGB.
        original: the picture that it was made from; None for a picture that is not in the collection.
        matches: the nearest first.
    """

    alteration: str
    description: str
    query: Image.Image
    original: Path | None
    matches: tuple[DemoMatch, ...]

    @property
    def rank(self) -> int | None:
        """Where the original came among the matches, 1 for first; None if it is not there."""
        return next((rank for rank, match in enumerate(self.matches, 1) if match.is_original), None)


@dataclass(frozen=True, slots=True)
class AlterationScore:
    """How well copies altered in one way were found; every query counts, shown on the page or not.

    Attributes:
        alteration: name of the alteration.
        description: of the alteration, for people.
        ranks: for each query, where its original came, 1 for first; None if it was not among the matches.
    """

    alteration: str
    description: str
    ranks: tuple[int | None, ...]

    def __post_init__(self) -> None:
        if not self.ranks:
            raise UsageError(f"the score of {self.alteration} needs the rank of at least one query")
        if any(rank is not None and rank < 1 for rank in self.ranks):
            raise UsageError(f"ranks of {self.alteration} count from 1 (None for a miss), not {self.ranks}")

    @property
    def first(self) -> int:
        """How many queries had their original come first."""
        return self.ranks.count(1)

    @property
    def missed(self) -> int:
        """Queries whose original was not among the matches."""
        return self.ranks.count(None)

    @property
    def lower(self) -> int:
        """Queries whose original was among the matches, but not first."""
        return len(self.ranks) - self.first - self.missed


@dataclass(frozen=True, slots=True)
class DemoReport:
    """All that the page tells.

    Attributes:
        collection: what was searched, in words or as a path.
        images: pictures in it.
        index_seconds: wall time from the first file to the last stored embedding.
        median_search_ms: median wall time of a search, embedding included, in milliseconds.
        embedder: name of the embedder.
        scores: one for each alteration, in the order to show.
        rows: examples, in the order to show.
    """

    collection: str
    images: int
    index_seconds: float
    median_search_ms: float
    embedder: str
    scores: tuple[AlterationScore, ...]
    rows: tuple[DemoRow, ...]

    def __post_init__(self) -> None:
        if not self.scores:
            raise UsageError("a report needs the score of at least one alteration")

    @property
    def images_per_second(self) -> float:
        """Indexing rate; 0 if no time was measured."""
        return self.images / self.index_seconds if self.index_seconds > 0 else 0.0

    @property
    def queries(self) -> int:
        """How many altered copies were searched for."""
        return sum(len(score.ranks) for score in self.scores)

    @property
    def first(self) -> int:
        """How many altered copies had their original come first."""
        return sum(score.first for score in self.scores)
