"""Whether pictures made against one network also fool what the attacker did not see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lookalike.embed import Embedder
from lookalike.kernels.arrays import Vectors
from lookalike.labs.attack.judge import Seen, judge
from lookalike.labs.attack.runs import Run, Runner
from lookalike.labs.attack.victim import embed_all
from lookalike.labs.bench.classic_hashes import HASHES
from lookalike.labs.embedded import open_whole
from lookalike.settings import Settings

NEAR_SHARE = 1 / 8
"""Share of bits that may differ for two classic hashes to count as the same: 32 of 256, about the 31 that
PDQ's authors recommend, and 8 of 64."""


def to_network(runner: Runner, run: Run, embedder: Embedder, known: Vectors) -> dict[str, Any]:
    """Judge a run's files by another embedder.

    Args:
        runner: holds the files.
        run: that is done.
        embedder: the unseen one.
        known: the collection, embedded by it.

    Returns:
        An entry for the result file.
    """
    clean, now = (
        Seen(embed_all(embedder, images, runner.threads), None)
        for images in (runner.starts(run.objective), runner.pictures(run))
    )
    return {
        **run.facts(network=embedder.card.name),
        **judge(clean, now, runner.aim(run.objective), known, embedder.card.same_distance),
    }


def to_hash(runner: Runner, run: Run, name: str, settings: Settings) -> dict[str, Any]:
    """Judge a run's files by a hash that does not learn: near the original, or near the target.

    Returns:
        An entry for the result file: ``success`` like that of ``judge``, for "evade" and "collide".
    """
    subjects, known = runner.subjects, runner.victim.known
    wanted: list[Image.Image] = subjects.originals
    if runner.aim(run.objective).objective == "collide":
        wanted = [open_whole(known.paths[row], settings) for row in subjects.targets]
    before = near(name, runner.starts(run.objective), wanted)
    now = near(name, runner.pictures(run), wanted)
    hit = now[~before] if run.objective != "evade" else ~now[before]
    return {
        **run.facts(network=name),
        "within_before": float(before.mean()),
        "within": float(now.mean()),
        "success": float(hit.mean()) if len(hit) else None,
    }


def near(name: str, first: Sequence[Image.Image], second: Sequence[Image.Image]) -> NDArray[np.bool_]:
    """Whether the classic hashes of each pair of pictures count as the same, (n,)."""
    compute = HASHES[name]
    apart = []
    for a, b in zip(first, second, strict=True):
        bits = compute(a) ^ compute(b)
        apart.append(np.bitwise_count(bits).sum() <= NEAR_SHARE * 8 * bits.size)
    return np.array(apart, bool)
