"""Answers: what a search returns, and the matches in it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Self

from lookalike.collection.notebook import cell
from lookalike.sight import Evidence

_MOST_SHOWN = 50  # in a notebook, which keeps their pictures: each file is decoded

Verdict = Literal["identical", "copy", "similar", "different"]
"""What one picture is to another: made of the same bytes or pixels, an edited copy of it, only alike, or none
of these."""

COPIES: tuple[Verdict, ...] = ("identical", "copy")
"""Verdicts by which two pictures count as the same one, the surest first."""


@dataclass(frozen=True, slots=True)
class Match:
    """An image of the collection that looks like the query.

    Attributes:
        rank: 1 for the first: identical images come first, then copies, then the others by distance.
        image_id: stable as long as the image is in the collection.
        similarity: cosine of the angle between the embeddings, -1 to 1; 1 for the same picture.
        distance: by the metric asked for; smaller is nearer.
        paths: where the image lies, several if the same bytes lie in several places: first those where a file
            is, then those where it is gone; sorted within each.
        copy_similarity: cosine of the angle between the copy parts of the embeddings, -1 to 1: near 1 for an
            edited copy of the same picture. It equals ``similarity`` if the embedder has no copy part.
        verdict: what the image is to the query.
        p: chance that a picture which has nothing to do with the query scores as high, 0 to 1; 0 if the two
            are identical.
        p_search: chance that any picture of a collection of this size does, 0 to 1.
        missing: those of the paths where the file is gone.
        evidence: how the query lies on the image, by the second look; None if there was none, because the
            image was not among the best ones or neither its small picture nor its file is left.
        name: of the first of the paths, or under which the image was uploaded if that is its upload.
        metadata: what is said of the image, keys and values of JSON.
        tags: of the image, sorted.
    """

    rank: int
    image_id: int
    similarity: float
    distance: float
    paths: tuple[Path, ...]
    copy_similarity: float
    verdict: Verdict
    p: float
    p_search: float
    missing: tuple[Path, ...] = ()
    evidence: Evidence | None = None
    name: str = ""
    metadata: dict[str, Any] = field(default_factory=dict, hash=False)
    tags: tuple[str, ...] = ()

    def _repr_html_(self) -> str:
        """The match in a notebook: its picture, if a file can be read here, the verdict and the place."""
        words = f"{self.rank}. {self.verdict}", f"similarity {self.similarity:.3f}, p {self.p:.2g}"
        return cell(self.paths, words, self.name)

    @property
    def path(self) -> Path:
        """The first place where the image lies; a file is there unless all are gone."""
        return self.paths[0]

    def facts(self) -> dict[str, Any]:
        """The match as JSON shows it, on all surfaces; docs/json.md describes the fields."""
        return {
            "rank": self.rank,
            "image_id": self.image_id,
            "verdict": self.verdict,
            "p": self.p,
            "p_search": self.p_search,
            "similarity": self.similarity,
            "copy_similarity": self.copy_similarity,
            "distance": self.distance,
            "name": self.name,
            "path": str(self.path),
            "paths": [str(path) for path in self.paths],
            "missing": [str(path) for path in self.missing],
            "metadata": self.metadata,
            "tags": list(self.tags),
            "evidence": self.evidence and self.evidence.facts(),
        }

    @classmethod
    def of_facts(cls, facts: Mapping[str, Any]) -> Self:
        """The match that ``facts`` describes; of its evidence, the mask is not known.

        Raises:
            KeyError: a field is missing.
            TypeError: a field is of another type.
            ValueError: a field makes no sense.
        """
        evidence = facts["evidence"]
        return cls(
            rank=int(facts["rank"]),
            image_id=int(facts["image_id"]),
            similarity=float(facts["similarity"]),
            distance=float(facts["distance"]),
            paths=tuple(Path(path) for path in facts["paths"]),
            copy_similarity=float(facts["copy_similarity"]),
            verdict=facts["verdict"],
            p=float(facts["p"]),
            p_search=float(facts["p_search"]),
            missing=tuple(Path(path) for path in facts["missing"]),
            evidence=None if evidence is None else Evidence.of_facts(evidence),
            name=str(facts["name"]),
            metadata=dict(facts["metadata"]),
            tags=tuple(map(str, facts["tags"])),
        )


def chance_of_any(p: float, images: int) -> float:
    """The chance that at least one of some strangers scores so high, if each does with chance ``p``."""
    return 1.0 if p >= 1 else -math.expm1(images * math.log1p(-p))


@dataclass(frozen=True, slots=True)
class Answer:
    """What a search found.

    Attributes:
        matches: at most as many as were asked for, the best first.
        images: how many the collection held.
        fpr: share of strangers that may be called copies, as it was asked for.
        expected_false: how many images are called copies though they are none, per search of a collection of
            this size, on average: ``fpr`` times ``images``.
        remark: why only a part of the query was compared, one line: it is cut short, or one frame or page of
            several. Empty if all of it was, or if the file itself is among the matches, byte for byte.
    """

    matches: list[Match]
    images: int
    fpr: float
    expected_false: float
    remark: str

    def _repr_html_(self) -> str:
        """The answer in a notebook: its best matches, and how many images they were found among."""
        head = f"{len(self.matches):,} matches among {self.images:,} images"
        more = len(self.matches) - _MOST_SHOWN
        rest = f"<p>and {more:,} more</p>" if more > 0 else ""
        cells = "".join(match._repr_html_() for match in self.matches[:_MOST_SHOWN])
        return f"<div><p>{head}</p>{cells}{rest}</div>"
