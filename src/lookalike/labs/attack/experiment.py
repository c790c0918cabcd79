"""The whole experiment: attacks at every budget, transfer, defences, and their result file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from rich.console import Console
from rich.progress import track

from lookalike.embed import load_embedder
from lookalike.errors import UsageError
from lookalike.labs.attack import defences, transfer
from lookalike.labs.attack.loop import FGSM, Method, pgd
from lookalike.labs.attack.runs import BITS_ONLY, OBJECTIVES, Run, Runner
from lookalike.labs.attack.subjects import EDIT, draw_subjects
from lookalike.labs.attack.victim import Classifier, load_victim
from lookalike.labs.bench.classic_hashes import HASHES
from lookalike.labs.embedded import embed_folder
from lookalike.labs.learn.checkpoints import weights_digest
from lookalike.labs.learn.folders import Split
from lookalike.labs.results import write_facts
from lookalike.settings import Settings

RESULT = "attack.json"
BUDGETS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.03)
DEFENDED = "defended classifier"
_RUNS = "attack-runs"


@dataclass(frozen=True, slots=True)
class Plan:
    """What to measure.

    Attributes:
        model: the embedder that is attacked.
        objectives: some of ``OBJECTIVES``.
        budgets: most change of a pixel value, in [0, 1].
        pictures: how many are attacked.
        steps: of projected gradient descent.
        seed: of everything that is drawn.
        transfer: another embedder, which the attacker did not see; empty for none.
    """

    model: str
    objectives: tuple[str, ...]
    budgets: tuple[float, ...]
    pictures: int
    steps: int
    seed: int
    transfer: str

    def __post_init__(self) -> None:
        if unknown := sorted(set(self.objectives) - set(OBJECTIVES)):
            raise UsageError(f"objective must be one of {', '.join(OBJECTIVES)}, not {unknown[0]!r}")
        if not self.budgets or not all(0 < budget <= 1 for budget in self.budgets):
            raise UsageError(f"budgets are changes of intensity above 0 and up to 1, not {self.budgets}")
        if self.pictures < 1 or self.steps < 1:
            raise UsageError("pictures and steps must be 1 or more")


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
        UsageError: "misclassify" without a classifier.
    """
    if "misclassify" in plan.objectives and classifier is None:
        raise UsageError("the objective misclassify needs a trained classifier: --classifier MODEL.pt")
    victim = load_victim(folder, plan.model, classifier, out, device, settings)
    subjects = draw_subjects(parts, victim.known, plan.pictures, plan.seed, settings)
    networks = [each.network for each in (classifier, defended) if each is not None]
    identity = json.dumps(
        [
            victim.embedder.fingerprint,
            [weights_digest(network) for network in networks],
            [str(path) for path in subjects.paths],
            len(victim.known.paths),
        ]
    )
    runner = Runner(victim, subjects, out / _RUNS, plan.seed, settings.threads, identity)
    methods = (FGSM, pgd(plan.steps))
    entries = [
        entry
        for run in _tracked(_runs(plan, methods, plan.objectives), "Attacking")
        for entry in runner.do(run)
    ]
    strong = [run for run in _runs(plan, methods[1:], plan.objectives) if run.budget > 0]
    write_facts(
        out / RESULT,
        settings={
            **asdict(plan),
            "collection": len(victim.known.paths),
            "edit": EDIT,
            "side": victim.side,
            "border": victim.embedder.card.same_distance,
            "hash_bits": 256,
            "near_share": transfer.NEAR_SHARE,
        },
        pictures=len(subjects),
        runs=entries,
        transfer=list(_transferred(runner, folder, plan, strong, out, settings)),
        defences=list(_defended(runner, plan, strong, defended, settings)),
    )
    return runner


def _runs(plan: Plan, methods: Sequence[Method], objectives: Sequence[str]) -> list[Run]:
    """Every combination; with a budget of 0 too, at which nothing may succeed."""
    return [
        Run(objective, method, budget, "classifier" if objective == "misclassify" else Path(plan.model).stem)
        for objective in objectives
        for method in methods
        for budget in (0.0, *plan.budgets)
    ]


def _tracked(runs: Sequence[Run], words: str) -> Iterator[Run]:
    console = Console(stderr=True)
    yield from track(runs, words, console=console, transient=True, disable=not console.is_terminal)


def _transferred(
    runner: Runner, folder: Path, plan: Plan, runs: Sequence[Run], out: Path, settings: Settings
) -> Iterator[dict[str, Any]]:
    runs = [run for run in runs if run.objective != "misclassify"]
    if plan.transfer:
        other = load_embedder(plan.transfer)
        known = embed_folder(folder, other, out, settings)
        if known.paths != runner.victim.known.paths:
            raise UsageError("pictures of the collection changed while they were embedded; start again")
        for run in _tracked(runs, "Judging by another network"):
            yield transfer.to_network(runner, run, other, known.vectors)
    for run in _tracked(runs, "Judging by classic hashes"):
        for name in HASHES:
            yield transfer.to_hash(runner, run, name, settings)


def _defended(
    runner: Runner, plan: Plan, runs: Sequence[Run], defended: Classifier | None, settings: Settings
) -> Iterator[dict[str, Any]]:
    for run in _tracked([run for run in runs if run.objective != "misclassify"], "Defending"):
        yield defences.averaging(runner, run)
        yield defences.second_hash(runner, run, settings)
    if "collide" in plan.objectives:
        for run in _tracked(_runs(plan, [pgd(plan.steps)], [BITS_ONLY])[1:], "Aiming at the hash alone"):
            runner.do(run)
            yield defences.secret_planes(runner, run)
    if defended is not None and "misclassify" in plan.objectives:
        for run in _tracked(_runs(plan, (FGSM, pgd(plan.steps)), ["misclassify"]), "Attacking the defended"):
            own = Run(run.objective, run.method, run.budget, DEFENDED)
            for entry in runner.do(own, defended):
                yield entry | {"defence": "adversarial fine-tuning"}
