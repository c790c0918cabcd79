"""What may help against attacks, measured on the same pictures as the attacks themselves.

The attacker knows of none of them. One who does aims at the defended program; a defence that fails here
needs no stronger attacker, and one that holds here may still fall to one.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from PIL import Image

from lookalike.images import alter
from lookalike.kernels.arrays import Vectors, unit_rows
from lookalike.labs.attack.judge import Seen, bits_apart, cosine_distances, judge
from lookalike.labs.attack.runs import Run, Runner
from lookalike.labs.attack.transfer import near
from lookalike.labs.attack.victim import embed_all
from lookalike.labs.embedded import open_whole
from lookalike.settings import Settings

JITTERS = 8
LEAST_AREA = 0.85
SECRET_SEEDS = (1, 2, 3)
SECOND_HASH = "PDQ"


def jittered(runner: Runner, images: list[Image.Image]) -> Vectors:
    """The mean embedding of several slightly cropped views of each picture, (n, dim) unit rows."""
    generator = np.random.default_rng(0)  # the program's own; the attacker does not know it
    total: Vectors | None = None
    for _ in range(JITTERS):
        views = [
            alter.crop(image, generator.uniform(LEAST_AREA, 1), (generator.random(), generator.random()))
            for image in images
        ]
        part = embed_all(runner.victim.embedder, views, runner.threads)
        total = part if total is None else total + part
    return unit_rows(np.asarray(total, np.float32))


def averaging(runner: Runner, run: Run) -> dict[str, Any]:
    """Queries are embedded as the mean of jittered views."""
    victim = runner.victim
    border = victim.embedder.card.same_distance
    clean = jittered(runner, runner.starts(run.objective))
    now = jittered(runner, runner.pictures(run))
    copies = clean if run.objective == "evade" else jittered(runner, runner.subjects.copies)
    originals = victim.known.vectors[runner.subjects.places]
    judged = judge(
        Seen(clean, None), Seen(now, None), runner.aim(run.objective), victim.known.vectors, border
    )
    return {
        **run.facts(defence="averaging over jitters"),
        **judged,
        "clean_found": float((cosine_distances(copies, originals) <= border).mean()),
    }


def second_hash(runner: Runner, run: Run, settings: Settings) -> dict[str, Any]:
    """A hash of another kind has its say: a match needs both (collide), or one of them will do (evade).

    ``clean_found`` is the share of unattacked edited copies that are found by that rule, and
    ``strangers_matched`` the share of pairs of different pictures.
    """
    victim, subjects = runner.victim, runner.subjects
    border, known = victim.embedder.card.same_distance, victim.known
    wanted_rows = runner.aim(run.objective).wanted
    targets = [open_whole(known.paths[row], settings) for row in subjects.targets]
    wanted = subjects.originals if run.objective == "evade" else targets
    join = np.logical_or if run.objective == "evade" else np.logical_and

    def matched(images: list[Image.Image], rows: np.ndarray, others: list[Image.Image]) -> np.ndarray:
        embeddings = embed_all(victim.embedder, images, runner.threads)
        by_network = cosine_distances(embeddings, known.vectors[rows]) <= border
        return np.asarray(join(by_network, near(SECOND_HASH, images, others)))

    before = matched(runner.starts(run.objective), wanted_rows, wanted)
    now = matched(runner.pictures(run), wanted_rows, wanted)
    hit = ~now[before] if run.objective == "evade" else now[~before]
    return {
        **run.facts(defence=f"second hash ({SECOND_HASH})"),
        "success": float(hit.mean()) if len(hit) else None,
        "clean_found": float(matched(subjects.copies, subjects.places, subjects.originals).mean()),
        "strangers_matched": float(matched(subjects.originals, subjects.targets, targets).mean()),
    }


def secret_planes(runner: Runner, run: Run) -> dict[str, Any]:
    """Hashes are made with hyperplanes that the attacker, who knows the usual ones, does not know."""
    now = embed_all(runner.victim.embedder, runner.pictures(run), runner.threads)
    clean = embed_all(runner.victim.embedder, runner.starts(run.objective), runner.threads)
    targets = runner.victim.known.vectors[runner.aim(run.objective).wanted]
    return {
        **run.facts(defence="secret hyperplanes"),
        "target_bits_clean": float(bits_apart(clean, targets).mean()),
        "target_bits_known": float(bits_apart(now, targets).mean()),
        "target_bits_secret": float(
            np.mean([bits_apart(now, targets, seed).mean() for seed in SECRET_SEEDS])
        ),
    }
