"""Strangers that ship with the program: photos, drawn pages and icons, measured with the bundled network.

``lookalike lab bench verdicts --pictures FOLDER --ship`` measures them and writes ``shipped.json``.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from lookalike.calibration.tail import Tail

FILE = "shipped.json"

PAIRS = 2_000
"""Pairs that what ships counts for beside a collection's own; 45 pictures have as many of their own."""


@lru_cache(maxsize=1)
def _shipped() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Path(__file__).with_name(FILE).read_text(encoding="utf-8"))
    return found


def fingerprint() -> str:
    """Of the embedder that the strangers were measured with."""
    return str(_shipped()["fingerprint"])


@lru_cache(maxsize=1)
def levelled() -> Tail:
    """Strangers whose scores count from their levels in their own collection."""
    return tail_from(_shipped()["levelled"])


@lru_cache(maxsize=1)
def plain() -> Tail:
    """The same strangers without levels, for a collection that has no background."""
    return tail_from(_shipped()["plain"])


def tail_from(facts: dict[str, Any]) -> Tail:
    """A tail from what ``facts_of`` made of it."""
    scores, shares = (np.array(facts[name], np.float64) for name in ("scores", "shares"))
    return Tail(scores, shares, float(facts["scale"]), int(facts["pairs"]))


def facts_of(tail: Tail) -> dict[str, Any]:
    """A tail as JSON can hold it."""
    return {
        "scores": [round(float(score), 4) for score in tail.scores],
        "shares": [float(f"{share:.4g}") for share in tail.shares],
        "scale": round(tail.scale, 4),
        "pairs": tail.pairs,
    }
