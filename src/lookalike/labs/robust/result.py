"""What a run was asked for, and what it found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Any

import numpy as np

from lookalike.embed import Embedder
from lookalike.errors import UsageError
from lookalike.labs.robust.borders import Borders
from lookalike.labs.robust.copies import Queries
from lookalike.labs.robust.methods import EMBEDDING, HASH_SEED, METHODS
from lookalike.labs.robust.reading import ENOUGH, Pictures
from lookalike.labs.robust.scores import Score
from lookalike.paths import shown

MOST_FALSE_POSITIVES = 0.01


@dataclass(frozen=True, slots=True)
class Setting:
    """What a run is asked for.

    Attributes:
        queries: pictures to alter, at most.
        false_positives: share of the pairs of different pictures that may lie within a method's border.
        seed: of what is drawn.
        quick: fewer strengths.
    """

    queries: int
    false_positives: float
    seed: int
    quick: bool

    def __post_init__(self) -> None:
        if self.queries < 1:
            raise UsageError(f"queries must be 1 or more, not {self.queries}")
        if not 0 <= self.false_positives <= MOST_FALSE_POSITIVES:
            raise UsageError(
                f"the rate of false positives must be from 0 to {MOST_FALSE_POSITIVES}, "
                f"not {self.false_positives}"
            )
        if self.seed < 0:
            raise UsageError(f"seed must be 0 or more, not {self.seed}")


@dataclass(frozen=True, slots=True)
class Robustness:
    """What a run found.

    Attributes:
        setting: what was asked for.
        pictures: what the copies were compared with.
        embedder: of the embedding and our hash.
        queries: what was altered.
        borders: of each method.
        scores: one an edit.
    """

    setting: Setting
    pictures: Pictures
    embedder: Embedder
    queries: Queries
    borders: Borders
    scores: Sequence[Score]

    def failing(self, required: float) -> list[Score]:
        """The mild edits of which our embedding puts fewer originals first than is required."""
        return [row for row in self.scores if row.edit.mild and row.first[EMBEDDING] < required]

    def mean(self, measure: str, *, mild: bool) -> dict[str, float]:
        """By method, the mean over the edits that are mild, or over the others.

        Args:
            measure: ``"first"`` or ``"found"``.
            mild: which edits.
        """
        rows: list[Mapping[str, float]] = [
            getattr(row, measure) for row in self.scores if row.edit.mild is mild
        ]
        return {method: float(np.mean([row[method] for row in rows])) for method in METHODS}

    def facts(self) -> dict[str, Any]:
        """All of it as JSON holds it."""
        borders = self.borders
        return {
            "benchmark": "robust",
            "settings": {
                **asdict(self.setting),
                "folder": shown(self.pictures.folder.name),
                "model": self.embedder.card.name,
                "fingerprint": self.embedder.fingerprint,
                "hash_seed": HASH_SEED,
                "reduced_above": 2 * ENOUGH,
                "packages": {name: version(name) for name in ("ImageHash", "pdqhash", "pillow")},
            },
            "images": len(self.pictures.paths),
            "unreadable": len(self.pictures.rejected),
            "queries": len(self.queries.places),
            "false_positive_rate": self.setting.false_positives,
            "methods": list(METHODS),
            "pairs": {
                "counted": borders.pairs,
                "between_folders": borders.between_folders,
                "left_out_as_the_same": borders.left_out,
                "nearest": [
                    {
                        "first": self.name(pair.first),
                        "second": self.name(pair.second),
                        "distance": round(pair.distance, 4),
                    }
                    for pair in borders.nearest
                ],
            },
            "borders": {
                method: {"within": round(border.within, 4), "rate": border.rate, "bits": border.bits}
                for method, border in borders.methods.items()
            },
            "means": {
                kind: {
                    measure: _rounded(self.mean(measure, mild=kind == "mild"))
                    for measure in ("first", "found")
                }
                for kind in ("mild", "rough")
            },
            "alterations": [
                {
                    "name": row.edit.name,
                    "strength": row.edit.strength,
                    "description": row.edit.description,
                    "mild": row.edit.mild,
                    "first": _rounded(row.first),
                    "found": _rounded(row.found),
                }
                for row in self.scores
            ],
        }

    def name(self, place: int) -> str:
        """A picture's path below the folder, for people."""
        return shown(self.pictures.paths[place].relative_to(self.pictures.folder))


def _rounded(values: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, 4) for name, value in values.items()}
