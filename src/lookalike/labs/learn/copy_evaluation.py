"""The evaluation of an embedder by copies: from a folder to figures for every method and kind of copy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lookalike.alterations import COPY_KINDS
from lookalike.embed import Embedder
from lookalike.labs.learn.copies import Described, describe, draw_trial
from lookalike.labs.learn.copy_methods import Method, contenders
from lookalike.labs.learn.copy_scores import (
    Pairs,
    border,
    joined,
    micro_average_precision,
    normalised,
    passing,
    summarised,
)
from lookalike.settings import Settings

RATE = 1e-6
"""Share of the false pairs that may pass the border of a recall."""

_BLOCK = 256  # queries scored at a time


@dataclass(frozen=True, slots=True)
class Figures:
    """Shares of copies, each from 0 to 1.

    Attributes:
        first: whose original scores highest of all pictures; if several do, the chance that it is first.
        recall: whose original passes the border that a share ``rate`` of all false pairs passes.
        recall_normalised: the same with normalised scores.
        same: whose original is as near as the embedder's card asks of copies; None without such a card.
    """

    first: float
    recall: float
    recall_normalised: float
    same: float | None


@dataclass(frozen=True, slots=True)
class MethodScore:
    """How one method fared.

    Attributes:
        name: of the method.
        micro_ap: micro average precision.
        micro_ap_normalised: the same with normalised scores.
        overall: figures of all copies.
        kinds: figures by kind of copy.
        border: score that the recall's border lies at.
        strangers_same: share of the false pairs that the embedder's card takes for copies; None without.
    """

    name: str
    micro_ap: float
    micro_ap_normalised: float
    overall: Figures
    kinds: dict[str, Figures]
    border: float
    strangers_same: float | None


@dataclass(frozen=True, slots=True)
class CopyEvaluation:
    """What was measured.

    Attributes:
        pictures: that were searched.
        queries: pictures with a match, and as many without; each was copied in every kind.
        seed: that they were drawn by.
        false_pairs: pairs of a copy and a picture that it is no copy of.
        rate: share of them that may pass the border of a recall.
        fingerprint: of the embedder that was evaluated.
        methods: the embedder's first.
    """

    pictures: int
    queries: int
    seed: int
    false_pairs: int
    rate: float
    fingerprint: str
    methods: tuple[MethodScore, ...]

    def facts(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return asdict(self)


def evaluate_copies(
    embedder: Embedder, folder: Path, queries: int, seed: int, settings: Settings
) -> CopyEvaluation:
    """Measure an embedder and what it is compared with.

    Args:
        embedder: any.
        folder: see ``draw_trial``.
        queries: pictures with a match, and as many without.
        seed: of what is drawn.
        settings: limits of pictures, and how many threads work.
    """
    describers, methods = contenders(embedder)
    described = describe(draw_trial(folder, queries, seed, settings), describers, settings)
    scored = [score_method(method, described, tuple(COPY_KINDS)) for method in methods]
    rows = len(described.database[describers[0].name])
    false_pairs = len(described.originals) * rows - int((described.originals >= 0).sum())
    return CopyEvaluation(
        pictures=rows,
        queries=queries,
        seed=seed,
        false_pairs=false_pairs,
        rate=passing(false_pairs, RATE) / false_pairs,
        fingerprint=embedder.fingerprint,
        methods=tuple(scored),
    )


def score_method(method: Method, described: Described, kinds: Sequence[str]) -> MethodScore:
    """The figures of a method.

    Args:
        method: any.
        described: with the rows of the method's describer.
        kinds: names of the kinds of copy, in the order in which each picture was copied.
    """
    queries, pictures = (rows[method.describer] for rows in (described.queries, described.database))
    originals = described.originals
    keep = passing(len(originals) * len(pictures), RATE) + 1
    parts: list[tuple[Pairs, Pairs]] = []
    strangers = 0
    for start in range(0, len(queries), _BLOCK):
        rows = slice(start, start + _BLOCK)
        scores = method.score(queries[rows], pictures)
        plain = summarised(scores, originals[rows], keep)
        parts.append((plain, summarised(normalised(scores), originals[rows], keep)))
        if method.same is not None:
            strangers += int((scores >= method.same).sum() - (plain.own >= method.same).sum())
    plain, counted = (joined(column, keep) for column in zip(*parts, strict=True))
    passed, passed_normalised = (pairs.own > border(pairs, RATE).score for pairs in (plain, counted))
    same = None if method.same is None else plain.own >= method.same

    def figures(rows: NDArray[np.bool_]) -> Figures:
        return Figures(
            float(plain.first[rows].mean()),
            float(passed[rows].mean()),
            float(passed_normalised[rows].mean()),
            None if same is None else float(same[rows].mean()),
        )

    kind_of = np.arange(len(queries)) % len(kinds)
    return MethodScore(
        method.name,
        micro_average_precision(plain),
        micro_average_precision(counted),
        figures(plain.matched),
        {kind: figures(plain.matched & (kind_of == place)) for place, kind in enumerate(kinds)},
        border(plain, RATE).score,
        None if method.same is None else strangers / plain.false_pairs,
    )
