"""One run: an objective, a method, a budget. What it made and what was measured stays on disk."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from torch import Tensor

from lookalike.images import Limits, decode, read_file
from lookalike.labs.attack.judge import Aim, Seen, hash_planes, judge
from lookalike.labs.attack.loop import Loss, Method, perturb
from lookalike.labs.attack.objectives import Collide, Evade, Misclassify
from lookalike.labs.attack.pipeline import to_image, to_tensor
from lookalike.labs.attack.subjects import Subjects
from lookalike.labs.attack.victim import AT_ONCE, Classifier, Victim
from lookalike.labs.results import read_facts, write_facts

OBJECTIVES = ("misclassify", "evade", "collide")
BITS_ONLY = "collide-bits"
"""A collision of the hash alone, for which the attacker has to know its hyperplanes."""


@dataclass(frozen=True, slots=True)
class Run:
    """What shall be run.

    Attributes:
        objective: one of ``OBJECTIVES``, or ``BITS_ONLY``.
        method: how.
        budget: most change of a pixel value, in [0, 1].
        network: what is attacked, for people.
    """

    objective: str
    method: Method
    budget: float
    network: str

    @property
    def name(self) -> str:
        """For files."""
        return f"{self.objective}-{self.network}-{self.method.name}-{self.budget:g}".replace("/", "_")

    def facts(
        self, through: str = "file", *, network: str | None = None, defence: str | None = None
    ) -> dict[str, Any]:
        """What names an entry of the result file.

        Args:
            through: "float" or "file", which way the pictures went to the judge.
            network: what judged, where it is not what was attacked.
            defence: what protected it.
        """
        return {
            "objective": self.objective,
            "method": self.method.name,
            "network": network or self.network,
            "budget": self.budget,
            "through": through,
            "defence": defence,
        }


class Runner:
    """Runs attacks in a folder, and leaves out what has been run there with the same settings."""

    def __init__(
        self, victim: Victim, subjects: Subjects, folder: Path, seed: int, threads: int, identity: str
    ) -> None:
        """Prepare.

        Args:
            victim: what is attacked.
            subjects: with which pictures.
            folder: for pictures and measurements.
            seed: of random starts.
            threads: for the embedder.
            identity: text that changes whenever a kept run would be another; the run's own values aside.
        """
        self.victim, self.subjects, self._folder = victim, subjects, folder
        self._seed, self.threads, self._identity = seed, threads, identity

    def aim(self, objective: str) -> Aim:
        """What an objective is measured against."""
        collides = objective in ("collide", BITS_ONLY)
        wanted = self.subjects.targets if collides else self.subjects.places
        kind = "collide" if collides else objective
        return Aim(wanted, self.subjects.places, self.subjects.labels, kind)

    def starts(self, objective: str) -> list[Image.Image]:
        """The pictures that an objective changes."""
        return self.subjects.copies if objective == "evade" else self.subjects.originals

    def pictures(self, run: Run) -> list[Image.Image]:
        """The attacked pictures of a run that is done, read from their files."""
        limits = Limits()
        return [decode(read_file(path, limits), limits=limits).image for path in self._paths(run)]

    def do(self, run: Run, classifier: Classifier | None = None) -> list[dict[str, Any]]:
        """Attack, save, measure; or read what was kept.

        Args:
            run: what.
            classifier: the one to attack; the victim's where None.

        Returns:
            Two entries for the result file: through float tensors, and through files.
        """
        kept = self._folder / f"{run.name}.json"
        settings = json.dumps([self._identity, self._seed, run.method.steps, run.budget])
        if kept.exists():
            facts = read_facts(kept)
            if facts["settings"] == settings:
                entries: list[dict[str, Any]] = facts["entries"]
                return entries
        before = [to_tensor(image).to(self.victim.device) for image in self.starts(run.objective)]
        after = self._attack(run, before, classifier)
        for path, picture in zip(self._paths(run), after, strict=True):
            path.parent.mkdir(parents=True, exist_ok=True)
            to_image(picture).save(path)
        judging = self.victim if classifier is None else replace(self.victim, classifier=classifier)
        seen: dict[str, tuple[Seen, Seen]] = {
            "float": (judging.as_tensors(before), judging.as_tensors(after)),
            "file": (
                judging.as_images(self.starts(run.objective), self.threads),
                judging.as_images(self.pictures(run), self.threads),
            ),
        }
        aim, card = self.aim(run.objective), self.victim.embedder.card
        entries = [
            run.facts(through) | judge(clean, now, aim, self.victim.known.vectors, card.same_distance)
            for through, (clean, now) in seen.items()
        ]
        write_facts(kept, settings=settings, entries=entries)
        return entries

    def _attack(self, run: Run, before: Sequence[Tensor], classifier: Classifier | None) -> list[Tensor]:
        generator = torch.Generator().manual_seed(self._seed)
        after: list[Tensor] = []
        for start in range(0, len(before), AT_ONCE):
            part = slice(start, start + AT_ONCE)
            after += perturb(
                before[part], self._loss(run.objective, part, classifier), run.budget, run.method, generator
            )
        return after

    def _loss(self, objective: str, part: slice, classifier: Classifier | None) -> Loss:
        victim, device = self.victim, self.victim.device
        if objective == "misclassify":
            attacked = classifier or victim.classifier
            if attacked is None:
                raise ValueError("misclassify needs a classifier")
            labels = torch.from_numpy(self.subjects.labels[part]).to(device)
            return Misclassify(attacked.network, attacked.side, labels)
        wanted = torch.from_numpy(victim.known.vectors[self.aim(objective).wanted[part]]).to(device)
        if objective == "evade":
            return Evade(victim.network, victim.side, wanted)
        planes = torch.from_numpy(hash_planes(wanted.shape[1])).to(device)
        return Collide(victim.network, victim.side, wanted, planes, pull=float(objective != BITS_ONLY))

    def _paths(self, run: Run) -> list[Path]:
        return [self._folder / run.name / f"{number:04d}.png" for number in range(len(self.subjects))]
