"""What a result file must hold for the report to use it: one of another version lacks some of it."""

from __future__ import annotations

from typing import Any

_FACTS = {
    "evaluation-": ("top_1", "neighbours", "mean_average_precision"),
    "neighbours": ("metrics", "hashing", "queries", "rows", "settings"),
    "growth-": ("data", "sizes", "series", "crossovers", "exact_name", "lsh_name", "settings"),
    "map": ("points", "classes", "methods", "embedding"),
    "attack": ("runs", "pictures", "settings", "transfer", "defences", "costs", "colliding"),
    "robust": ("methods", "alterations", "queries", "images", "false_positive_rate"),
}
"""By the beginning of a result's name, the facts that claims and sections look at."""


def lacking(name: str, facts: dict[str, Any]) -> str | None:
    """The first fact that a result lacks; None if it has all, or the report does not know such results."""
    wanted = next((facts for start, facts in _FACTS.items() if name.startswith(start)), ())
    return next((fact for fact in wanted if fact not in facts), None)
