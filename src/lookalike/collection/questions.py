"""Questions to a collection, and their answers, with what finding them cost."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TypedDict, get_args

import numpy as np

from lookalike.collection.answers import COPIES, Answer, Match, Verdict, chance_of_any
from lookalike.collection.basis import Bases, Basis
from lookalike.collection.judging import Judged, Near, judge_near
from lookalike.collection.pictures import Source
from lookalike.collection.presence import there_first
from lookalike.collection.queries import Query, query_for_many
from lookalike.errors import EmbedderMismatch, LookalikeError, UsageError
from lookalike.images import Limits
from lookalike.index import Neighbors, Work
from lookalike.index.base import check_radius, check_search
from lookalike.kernels.arrays import Ids
from lookalike.kernels.metrics import Metric, parse_metric
from lookalike.paths import all_absolute, shown
from lookalike.store import Catalog, FileStamp, ImageFacts, labels_wanted

FPR = 1e-6
"""Share of pairs of different pictures that may be called copies."""

VERDICTS: tuple[Verdict, ...] = get_args(Verdict)

_FEWEST = 20
"""Images that the index finds at least, however few are wanted: a copy may lie behind some that only look
alike, and is found among them by its copy part and the second look."""

_ORDER = {verdict: place for place, verdict in enumerate(COPIES)}


def check_fpr(fpr: float) -> None:
    """Check a share of pairs of different pictures that may be called copies.

    Raises:
        UsageError: it is not above 0 and below 1.
    """
    if not isinstance(fpr, int | float) or not 0 < fpr < 1:
        raise UsageError(f"fpr must be above 0 and below 1, not {fpr!r}")


def as_verdicts(words: Iterable[str]) -> frozenset[Verdict]:
    """Verdicts by their names.

    Raises:
        UsageError: there is no such verdict.
    """
    if isinstance(words, str):
        raise UsageError(f"verdicts must be a list of verdicts, not the single text {words!r}")
    named = [word.strip() if isinstance(word, str) else word for word in words]
    verdicts = frozenset(verdict for verdict in VERDICTS if verdict in named)
    for word in named:
        if word not in verdicts:
            raise UsageError(f"there is no verdict {word!r}; known are {', '.join(VERDICTS)}")
    return verdicts


class Wanted(TypedDict, total=False):
    """What may be said of a search, besides the picture and the number of matches; see ``Question``."""

    metric: str
    exact: bool
    recall: float | None
    max_distance: float | None
    folder: str | Path | None
    tag: str | Collection[str] | None
    meta: Mapping[str, object] | None
    verdicts: Collection[Verdict] | None
    fpr: float


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked about a picture.

    Attributes:
        k: most matches to return.
        metric: "cosine", "euclidean", "manhattan", "minkowski:P", or "hamming" (on the signs of the
            embedding's components). It orders the images; verdicts do not depend on it.
        exact: compare with every image.
        recall: share of the true k nearest that is good enough; 0.95 if None.
        max_distance: matches farther away are left out.
        folder: only images that have a file in this folder, or below it.
        tag: only images with this tag, or with all of several.
        meta: only images whose metadata have these values at these top-level keys, as {"shop": 12}.
        verdicts: only matches of these verdicts, as {"identical", "copy"}; of all if None.
        fpr: share of pairs of different pictures that may be called copies, above 0 and below 1.
    """

    k: int = 10
    metric: str = "cosine"
    exact: bool = False
    recall: float | None = None
    max_distance: float | None = None
    folder: str | Path | None = None
    tag: str | Collection[str] | None = None
    meta: Mapping[str, object] | None = None
    verdicts: Collection[Verdict] | None = None
    fpr: float = FPR

    def __post_init__(self) -> None:
        parse_metric(self.metric)
        check_search(self.k, self.recall)
        if self.max_distance is not None:
            check_radius(self.max_distance)
        check_fpr(self.fpr)
        labels_wanted(self.tag, self.meta)
        if self.verdicts is not None:
            object.__setattr__(self, "verdicts", as_verdicts(self.verdicts))


@dataclass(frozen=True, slots=True)
class Found(Answer):
    """An answer, with what is known of the images and what finding them cost.

    Attributes:
        facts: about the image of each match, in the same order.
        stamps: size and time of the first file of each match, when it was indexed.
        work: what the index did, for all pictures that it was asked about together.
        seconds: how long the index took for them.
        judge_seconds: how long the verdicts took, second looks included.
    """

    facts: list[ImageFacts]
    stamps: list[FileStamp | None]
    work: Work
    seconds: float
    judge_seconds: float


def question_of(k: int, wanted: Wanted) -> Question:
    """The question of a program of this machine, whose ``folder`` may be relative to the working folder.

    Raises:
        UsageError: k or something else that is wanted makes no sense.
    """
    question = Question(k, **wanted)
    if question.folder is None:
        return question
    return replace(question, folder=all_absolute([question.folder])[0])


def ask(picture: Source, question: Question, bases: Bases, limits: Limits) -> Found:
    """Embed a picture and answer a question about it, again if the collection changes its embedder meanwhile.

    The index is brought up to date on another thread: in a new process it has to be read, which keeps one
    core busy as long as the picture does.

    Args:
        picture: see ``Source``.
        question: what is wanted.
        bases: what each attempt stands on.
        limits: what the picture may cost.

    Raises:
        NotFoundError: the collection is empty.
        ImageError: the picture cannot be read.
    """
    for embedder in bases.own.attempts():
        with ThreadPoolExecutor(1) as beside:
            brought = beside.submit(bases.now)
            try:
                query = query_for_many(picture, embedder, limits)
            except LookalikeError:
                brought.result()  # what is wrong with the collection is told first
                raise
        basis = brought.result()
        if basis.embedder is not embedder:  # it has just changed
            query = query_for_many(picture, basis.embedder, limits)
        found = answer(query, question, basis)
    return found


def answer(query: Query, question: Question, basis: Basis, among: Ids | None = None) -> Found:
    """Answer a question about a picture.

    Args:
        query: the picture, by the embedder of the collection.
        question: what is wanted.
        basis: what the answer stands on.
        among: (n,) int64, ids of the only images that are asked about, as if there were no others; if None,
            all images.

    Raises:
        EmbedderMismatch: the query is another embedder's.
    """
    (found,) = answers([query], question, basis, among)
    return found


def answers(
    queries: Sequence[Query], question: Question, basis: Basis, among: Ids | None = None
) -> list[Found]:
    """Answer a question about each of some pictures, which the index looks for in one call.

    Args:
        queries: the pictures, by the embedder of the collection; at least one.
        question: as in ``answer``.
        basis: as in ``answer``.
        among: as in ``answer``.

    Raises:
        EmbedderMismatch: a query is another embedder's.
    """
    if any(query.vector.shape != (basis.index.dim,) for query in queries):
        raise EmbedderMismatch("the collection has just moved to another embedder; ask again")
    started = time.perf_counter()
    images = len(basis.index if among is None else among)
    among = _wanted(question, basis.catalog, among)
    neighbors = _nearest(queries, question, basis, among)
    search = images, neighbors.work, time.perf_counter() - started
    near = iter(zip(neighbors.ids.tolist(), neighbors.distances.tolist(), strict=True))
    return [
        _found(query, list(islice(near, 1 + len(query.panels))), question, basis, search, among)
        for query in queries
    ]


def _found(
    query: Query,
    near: Sequence[Near],
    question: Question,
    basis: Basis,
    search: tuple[int, Work, float],
    among: Ids | None,
) -> Found:
    """The answer about a picture.

    Args:
        query: the picture.
        near: the nearest images of the picture, then those of each of its panels.
        question: what is wanted.
        basis: what the answer stands on.
        search: how many images were searched, what the index did, and how long that took.
        among: ids of the only images that are wanted; None for all.
    """
    started = time.perf_counter()
    images, work, seconds = search
    metric = parse_metric(question.metric)
    chosen = _chosen(judge_near(query, near, metric, question.fpr, basis, among), question)
    matches = _matches(query, chosen, images)
    return Found(
        matches=matches,
        images=images,
        fpr=question.fpr,
        expected_false=question.fpr * images,
        remark="" if any(one.image.sha256 == query.sha256 for one in chosen) else query.remark,
        facts=[image for image, _, _ in chosen],
        stamps=[basis.catalog.stamp(match.path) for match in matches],
        work=work,
        seconds=seconds,
        judge_seconds=time.perf_counter() - started,
    )


def images_in(folder: Path, catalog: Catalog) -> Ids:
    """Ids, ascending, of the images that have a file in a folder or below it; it is not opened.

    Raises:
        UsageError: there are none. A slip in the folder's name must not pass for "nothing found".
    """
    ids = catalog.below(folder)
    if not len(ids):
        raise no_pictures_in(folder)
    return ids


def no_pictures_in(folder: Path) -> UsageError:
    """The error for a folder in which no picture of the collection lies."""
    return UsageError(f"no picture of the collection lies in the folder {shown(folder)}")


def _wanted(question: Question, catalog: Catalog, among: Ids | None) -> Ids | None:
    """Those of some images that lie in the folder and have the labels that are asked for; None for all."""
    if question.folder is not None:
        inside = images_in(Path(question.folder), catalog)
        among = inside if among is None else np.intersect1d(inside, among)
    if labels := labels_wanted(question.tag, question.meta):
        having = catalog.having(labels)
        among = having if among is None else np.intersect1d(having, among)
    return among


def _nearest(queries: Sequence[Query], question: Question, basis: Basis, among: Ids | None) -> Neighbors:
    k = min(max(question.k, _FEWEST), max(1, len(basis.index)))  # room is made for k, however few there are
    parts = [part for query in queries for part in (query, *(panel.query for panel in query.panels))]
    return basis.index.search(
        np.stack([part.vector for part in parts]),
        k,
        exact=question.exact,
        recall=question.recall,
        metric=parse_metric(question.metric),
        among=among,
    )


def _chosen(judged: Sequence[Judged], question: Question) -> list[Judged]:
    """What was asked for, in the order of the matches: identical, copies, the others; each by distance."""
    wanted = [
        one
        for one in judged
        if (question.max_distance is None or one.distance <= question.max_distance)
        and (question.verdicts is None or one.judgement.verdict in question.verdicts)
    ]
    wanted.sort(key=lambda one: (_ORDER.get(one.judgement.verdict, len(_ORDER)), one.distance))
    return wanted[: question.k]


def _matches(query: Query, chosen: Sequence[Judged], images: int) -> list[Match]:
    rows = np.array([image.vector for image, _, _ in chosen], np.float32).reshape(-1, len(query.vector))
    similarities = (1 - Metric("cosine").exact(query.vector, rows)).tolist()
    matches = []
    for rank, ((image, distance, judged), similarity) in enumerate(
        zip(chosen, similarities, strict=True), start=1
    ):
        paths, missing = there_first(image.paths)
        matches.append(
            Match(
                rank=rank,
                image_id=image.image_id,
                similarity=similarity,
                distance=distance,
                paths=paths,
                copy_similarity=judged.copy_similarity,
                verdict=judged.verdict,
                p=judged.p,
                p_search=chance_of_any(judged.p, images),
                missing=missing,
                evidence=judged.evidence,
                name=image.annotation.called(paths[0], image.sha256),
                metadata=image.annotation.metadata,
                tags=image.annotation.tags,
            )
        )
    return matches
