"""The whole experiment: attacks at every budget, transfer, defences, and their result file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch

from lookalike.collection.comparison import HASH_BITS
from lookalike.embed import load_embedder
from lookalike.errors import UsageError
from lookalike.labs.attack import defences, loop, objectives, transfer
from lookalike.labs.attack.defences import Defended, secret_planes
from lookalike.labs.attack.loop import FGSM
from lookalike.labs.attack.pipeline import whole_levels
from lookalike.labs.attack.plan import Plan
from lookalike.labs.attack.runs import BITS_ONLY, Run, Runner
from lookalike.labs.attack.subjects import EDITS, draw_subjects
from lookalike.labs.attack.victim import Classifier, Victim, load_victim
from lookalike.labs.shared.embedded import embed_folder
from lookalike.labs.shared.progress import tracked
from lookalike.labs.shared.results import write_facts
from lookalike.labs.shared.splits import Split
from lookalike.settings import Settings

RESULT = "attack.json"
DEFENDED = "defended classifier"
HARDENING = "adversarial fine-tuning"
_RUNS = "attack-runs"

Entries = list[dict[str, Any]]


def experiment(
    folder: Path,
    parts: Split,
    plan: Plan,
    classifier: Classifier | None,
    defended: Classifier | None,
    out: Path,
    *,
    device: torch.device,
    settings: Settings,
) -> Runner:
    """Run everything that has not been run yet in ``out``, and write ``attack.json`` there.

    Args:
        folder: all of whose pictures are the collection that is searched.
        parts: of the folder; the test part is attacked.
        plan: what.
        classifier: for labels, and to be attacked by "misclassify".
        defended: one that was trained against attacks.
        out: folder for results, pictures and caches.
        device: for PyTorch.
        settings: limits and threads.

    Returns:
        What holds the attacked pictures.

    Raises:
        UsageError: "misclassify" without a classifier, or a defended classifier without "misclassify".
    """
    if "misclassify" in plan.objectives and classifier is None:
        raise UsageError("the objective misclassify needs a trained classifier: --classifier MODEL.pt")
    if defended is not None and "misclassify" not in plan.objectives:
        raise UsageError("a defended classifier is attacked by the objective misclassify, which is left out")
    victim = load_victim(folder, plan.model, classifier, out, device, settings)
    unseen = [_unseen(name, folder, victim, out, settings) for name in plan.transfer]
    subjects = draw_subjects(parts, victim.known, plan.pictures, plan.seed, settings)
    runner = Runner(victim, subjects, out / _RUNS, plan.seed, settings.threads)
    entries = [entry for run in tracked(plan.runs(), "Attacking") for entry in runner.do(run)]
    attacks = [run for run in plan.runs() if run.budget > 0]
    carried = _carried(runner, attacks, unseen, defended, settings)
    ruled, costs = _ruled(runner, attacks, settings)
    colliding = _colliding(runner, plan)
    hardened = _hardened(runner, plan, defended)
    write_facts(
        out / RESULT,
        settings=_settings(folder, plan, victim, unseen),
        pictures=len(subjects),
        runs=entries,
        transfer=carried,
        defences=[*ruled, *(entry for entry in colliding if entry["objective"] == BITS_ONLY), *hardened],
        costs=[*costs, *_accuracy(entries, hardened)],
        colliding={"hash_bits": HASH_BITS, "aims": colliding},
    )
    return runner


def _settings(folder: Path, plan: Plan, victim: Victim, unseen: Sequence[transfer.Unseen]) -> dict[str, Any]:
    return {
        **asdict(plan),
        "model": victim.embedder.card.name,  # and not where it lies on this machine
        "transfer": [other.embedder.card.name for other in unseen],
        "folder": folder.name,
        "collection": len(victim.known.paths),
        "edit": " or ".join(EDITS),
        "side": victim.side,
        "border": victim.embedder.card.same_distance,
        "hash_bits": HASH_BITS,
        "levels": {f"{budget:g}": whole_levels(budget) for budget in plan.budgets},
        "reach": loop.REACH,
        "margin": objectives.MARGIN,
        "near_share": transfer.NEAR_SHARE,
        "jitters": defences.JITTERS,
        "least_area": defences.LEAST_AREA,
        "secret_seeds": defences.SECRET_SEEDS,
    }


def _unseen(name: str, folder: Path, victim: Victim, out: Path, settings: Settings) -> transfer.Unseen:
    embedder = load_embedder(name)
    known = embed_folder(folder, embedder, out, settings)
    if known.paths != victim.known.paths:
        raise UsageError("pictures of the collection changed while they were embedded; start again")
    return transfer.Unseen(embedder, known.vectors)


def _carried(
    runner: Runner,
    runs: Sequence[Run],
    unseen: Sequence[transfer.Unseen],
    defended: Classifier | None,
    settings: Settings,
) -> Entries:
    """The same files, judged by what their makers did not see."""
    entries = []
    for run in tracked(runs, "Judging by what was not seen"):
        if run.objective == "misclassify":
            if defended is not None:
                entries.append(transfer.to_classifier(runner, run, defended, DEFENDED))
            continue
        entries += [transfer.to_network(runner, run, other) for other in unseen]
        entries += transfer.to_hashes(runner, run, settings)
    return entries


def _ruled(runner: Runner, runs: Sequence[Run], settings: Settings) -> tuple[Entries, Entries]:
    """The same files, judged by other rules; and what those cost."""
    searched = [run for run in runs if run.objective != "misclassify"]
    if not searched:
        return [], []
    judged = Defended(runner, settings)
    return [entry for run in tracked(searched, "Defending") for entry in judged.rules(run)], judged.prices()


def _colliding(runner: Runner, plan: Plan) -> Entries:
    """Hashes of collisions under hyperplanes that are known and others, aimed at the embedding or not."""
    if "collide" not in plan.objectives:
        return []
    network = Path(plan.model).stem
    runs = [
        run
        for objective in ("collide", BITS_ONLY)
        for run in plan.series(objective, plan.strong, network)
        if run.budget > 0
    ]
    entries = []
    for run in tracked(runs, "Aiming at the hash"):
        runner.do(run)
        entries.append(secret_planes(runner, run))
    return entries


def _hardened(runner: Runner, plan: Plan, defended: Classifier | None) -> Entries:
    """The attack on a classifier that was trained against it, whose weights the attacker has."""
    if defended is None or "misclassify" not in plan.objectives:
        return []
    own = runner.against(replace(runner.victim, classifier=defended))
    runs = [run for method in (FGSM, plan.strong) for run in plan.series("misclassify", method, DEFENDED)]
    return [
        entry | {"defence": HARDENING}
        for run in tracked(runs, "Attacking the defended")
        for entry in own.do(run)
    ]


def _accuracy(entries: Entries, hardened: Entries) -> Entries:
    """The price of hardening: pictures that nobody attacked and that are classified right."""
    plain, hard = (
        next((entry["label_right"] for entry in some if entry["budget"] == 0), None)
        for some in (entries, hardened)
    )
    return [] if hard is None else [{"defence": HARDENING, "clean_right": hard, "clean_right_without": plain}]
