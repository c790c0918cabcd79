"""Whether pictures made against one network also fool what the attacker did not see."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from lookalike.embed import Embedder
from lookalike.embed.preprocess import to_pixels
from lookalike.kernels.arrays import Vectors
from lookalike.labs.attack.judge import Labels, Seen, judge
from lookalike.labs.attack.runs import Run, Runner
from lookalike.labs.attack.victim import Classifier, embed_all
from lookalike.labs.learn.network import normalised
from lookalike.labs.shared.classic_hashes import HASHES, Bits
from lookalike.labs.shared.pictures import open_whole
from lookalike.settings import Settings

NEAR_SHARE = 1 / 8
"""Share of bits that may differ for two classic hashes to count as the same: 32 of 256, about the 31 that
PDQ's authors recommend, and 8 of 64."""


@dataclass(frozen=True, slots=True)
class Unseen:
    """An embedder that the attacker did not see.

    Attributes:
        embedder: it.
        known: (n, dim) the collection, embedded by it.
    """

    embedder: Embedder
    known: Vectors


def to_network(runner: Runner, run: Run, unseen: Unseen) -> dict[str, Any]:
    """Judge a run's files by another embedder.

    Args:
        runner: holds the files.
        run: that is done; "misclassify" has no success here, since embedders give no labels.
        unseen: the other embedder.

    Returns:
        An entry for the result file.
    """
    embedder = unseen.embedder

    def see(images: list[Image.Image]) -> Seen:
        return Seen(embed_all(embedder, images, runner.threads), None)

    clean = runner.clean(run.objective, embedder.fingerprint, lambda: see(runner.starts(run.objective)))
    judged = judge(clean, see(runner.pictures(run)), runner.aim(run.objective), unseen.known, embedder.card)
    return run.facts(network=embedder.card.name) | judged


def to_classifier(runner: Runner, run: Run, classifier: Classifier, name: str) -> dict[str, Any]:
    """Judge a run's files by another classifier.

    Args:
        runner: holds the files.
        run: that is done.
        classifier: the other one.
        name: of it, for people.
    """

    def see(images: list[Image.Image]) -> Labels:
        return classifier.labels(normalised(torch.from_numpy(to_pixels(images, classifier.side))))

    true = runner.subjects.labels
    clean, now = see(runner.starts(run.objective)), see(runner.pictures(run))
    changed = (now != true)[clean == true]
    share = float(changed.mean()) if len(changed) else None
    return {
        **run.facts(network=name),
        "label_changed": share,
        "label_right": float((now == true).mean()),
        "success": share,
        "counted": len(changed),
    }


def to_hashes(runner: Runner, run: Run, settings: Settings) -> Iterator[dict[str, Any]]:
    """Judge a run's files by hashes that do not learn: near the original, or for collisions the target.

    Yields:
        An entry for the result file for each hash; ``success`` is like that of ``judge``.
    """
    subjects, known = runner.subjects, runner.victim.known
    aim = runner.aim(run.objective)
    wanted: list[Image.Image] = subjects.originals
    if aim.objective == "collide":
        wanted = [open_whole(known.paths[row], settings) for row in subjects.targets]
    starts, attacked = runner.starts(run.objective), runner.pictures(run)
    for name in HASHES:
        goal = classic(name, wanted)
        before, now = (near(classic(name, images), goal).diagonal() for images in (starts, attacked))
        hit = now[~before] if aim.objective == "collide" else ~now[before]
        yield {
            **run.facts(network=name),
            "within_before": float(before.mean()),
            "within": float(now.mean()),
            "success": float(hit.mean()) if len(hit) else None,
            "counted": len(hit),
        }


def classic(name: str, images: list[Image.Image]) -> Bits:
    """Classic hashes of pictures, (n, bytes) uint8."""
    compute = HASHES[name]
    return np.stack([compute(image) for image in images])


def near(first: Bits, second: Bits) -> NDArray[np.bool_]:
    """Whether classic hashes count as the same, each of (n, bytes) with each of (m, bytes), (n, m)."""
    apart = np.bitwise_count(first[:, None] ^ second[None]).sum(2)
    return np.asarray(apart <= NEAR_SHARE * 8 * first.shape[1])
