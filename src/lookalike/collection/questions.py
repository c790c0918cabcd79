"""A question to a collection, and its answer with what finding it cost."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lookalike.collection.pictures import Source, embed_source
from lookalike.collection.presence import there_first
from lookalike.collection.reports import Match
from lookalike.embed import Embedder, ModelCard
from lookalike.errors import EmbedderMismatch
from lookalike.images import Limits
from lookalike.index import LSHIndex, Work
from lookalike.index.base import check_radius, check_search
from lookalike.kernels.arrays import Vectors
from lookalike.kernels.metrics import Metric, parse_metric
from lookalike.store import Catalog, ImageFacts


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked about a picture.

    Attributes:
        k: most matches to return.
        metric: as ``parse_metric`` takes it.
        exact: compare with every image.
        recall: share of the true k nearest that is good enough; 0.95 if None.
        max_distance: matches farther away are left out.
        folder: only images that have a file in this folder, or below it.
    """

    k: int = 10
    metric: str = "cosine"
    exact: bool = False
    recall: float | None = None
    max_distance: float | None = None
    folder: Path | None = None

    def __post_init__(self) -> None:
        parse_metric(self.metric)
        check_search(self.k, self.recall)
        if self.max_distance is not None:
            check_radius(self.max_distance)


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found.

    Attributes:
        matches: at most k, the nearest first.
        facts: about the image of each match, in the same order.
        images: how many the index held.
        work: what the index did.
        seconds: how long the index took.
    """

    matches: list[Match]
    facts: list[ImageFacts]
    images: int
    work: Work
    seconds: float


def ask(
    picture: Source,
    question: Question,
    embedders: Iterable[Embedder],
    limits: Limits,
    answered: Callable[[Vectors, Question], Answer],
) -> Answer:
    """Embed a picture and answer a question about it, again if the collection changes its embedder meanwhile.

    Args:
        picture: see ``Source``.
        question: what is wanted.
        embedders: the collection's embedder for each attempt: ``OwnEmbedder.attempts``.
        limits: what the picture may cost.
        answered: answers the question for the picture's embedding, (dim,) float32.

    Raises:
        ImageError: the picture cannot be read.
    """
    for embedder in embedders:
        found = answered(embed_source(picture, embedder, limits)[0], question)
    return found


def answer(vector: Vectors, question: Question, index: LSHIndex, catalog: Catalog, card: ModelCard) -> Answer:
    """Answer a question about a picture by its embedding.

    Args:
        vector: (dim,) float32 of unit length, by the embedder of the collection.
        question: what is wanted.
        index: over the collection, up to date.
        catalog: tells what lies behind the ids that the index finds.
        card: of the embedder; tells which part of an embedding is its copy part.

    Raises:
        EmbedderMismatch: the vector is another embedder's.
    """
    if vector.shape != (index.dim,):
        raise EmbedderMismatch("the collection has just moved to another embedder; ask again")
    among = None if question.folder is None else catalog.below(question.folder)
    images = len(index)
    k = min(question.k, max(1, images))  # room is made for k answers, however few there are
    started = time.perf_counter()
    found = index.search(
        vector,
        k,
        exact=question.exact,
        recall=question.recall,
        metric=parse_metric(question.metric),
        among=among,
    )
    seconds = time.perf_counter() - started
    known = catalog.images(found.ids[0].tolist())
    placed = [
        (known[image_id], distance)
        for image_id, distance in zip(found.ids[0].tolist(), found.distances[0].tolist(), strict=True)
        # Absent: fewer than k were found, or another process has just removed it.
        if image_id in known
        and known[image_id].vector.shape == vector.shape
        and (question.max_distance is None or distance <= question.max_distance)
    ]
    rows = np.array([image.vector for image, _ in placed], np.float32).reshape(-1, index.dim)
    cosine = Metric("cosine")
    similarities = 1 - cosine.exact(vector, rows)
    copies = 1 - cosine.exact(card.copy_part(vector[None])[0], card.copy_part(rows))
    matches = [
        _match(rank, image, (similarity, copy), distance)
        for rank, ((image, distance), similarity, copy) in enumerate(
            zip(placed, similarities.tolist(), copies.tolist(), strict=True), start=1
        )
    ]
    return Answer(matches, [image for image, _ in placed], images, found.work, seconds)


def _match(rank: int, image: ImageFacts, similarities: tuple[float, float], distance: float) -> Match:
    """A match, with its similarities by the whole embedding and by the copy part."""
    whole, copy = similarities
    paths, missing = there_first(image.paths)
    return Match(rank, image.image_id, whole, distance, paths, copy, missing)
