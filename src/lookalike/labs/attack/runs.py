"""One run: an objective, a method, a budget. What it made and what was measured stays on disk."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from lookalike.embed.providers.torch_embedder import weights_digest
from lookalike.labs.attack.judge import Aim, Seen, hash_planes, judge
from lookalike.labs.attack.loop import Loss, Method, gradients, perturb
from lookalike.labs.attack.objectives import Collide, Evade, Misclassify
from lookalike.labs.attack.pipeline import LEVELS, to_file, to_tensor
from lookalike.labs.attack.subjects import EDITS, Subjects
from lookalike.labs.attack.victim import AT_ONCE, Victim
from lookalike.labs.shared.pictures import open_whole
from lookalike.labs.shared.results import kept_facts, write_facts
from lookalike.settings import Settings

OBJECTIVES = ("misclassify", "evade", "collide")
BITS_ONLY = "collide-bits"
"""A collision of the hash alone, for which the attacker has to know its hyperplanes."""

T = TypeVar("T")


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
        """Name of the files of this run."""
        return f"{self.objective}-{self.network}-{self.method.name}-{self.budget:g}".replace("/", "_")

    def facts(
        self, through: str = "file", *, network: str | None = None, defence: str | None = None
    ) -> dict[str, Any]:
        """What names an entry of the result file.

        Args:
            through: "float" or "file", which way the pictures went to the judge.
            network: what judged, if it is not the network that was attacked.
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

    def __init__(self, victim: Victim, subjects: Subjects, folder: Path, seed: int, threads: int) -> None:
        """Prepare.

        Args:
            victim: what is attacked.
            subjects: with which pictures.
            folder: for pictures and measurements.
            seed: of random starts.
            threads: for the embedder.
        """
        self.victim, self.subjects, self.threads = victim, subjects, threads
        self._folder, self._seed = folder, seed
        self._identity = _identity(victim, subjects)
        self._before: dict[tuple[str, str], Seen] = {}
        self._slopes: dict[tuple[str, int], list[Tensor]] = {}

    def against(self, victim: Victim) -> Runner:
        """The same pictures, seed and folder, but another victim."""
        return Runner(victim, self.subjects, self._folder, self._seed, self.threads)

    def aim(self, objective: str) -> Aim:
        """The pictures and classes that an objective is measured against."""
        collides = objective in ("collide", BITS_ONLY)
        wanted = self.subjects.targets if collides else self.subjects.places
        kind = "collide" if collides else objective
        return Aim(wanted, self.subjects.places, self.subjects.labels, kind)

    def starts(self, objective: str) -> list[Image.Image]:
        """The pictures that an objective changes."""
        return self.subjects.copies if objective == "evade" else self.subjects.originals

    def pictures(self, run: Run) -> list[Image.Image]:
        """The attacked pictures of a run that is done, read from their files."""
        return [open_whole(path, Settings()) for path in self._paths(run)]

    def do(self, run: Run) -> list[dict[str, Any]]:
        """Attack, save, measure; or read what was kept.

        Args:
            run: what.

        Returns:
            Two entries for the result file: through float tensors, and through files.
        """
        kept = self._folder / f"{run.name}.json"
        settings = json.dumps([self._identity, self._seed, run.method.steps, run.budget])
        facts = kept_facts(kept, settings)
        if facts is not None and all(path.exists() for path in self._paths(run)):
            entries: list[dict[str, Any]] = facts["entries"]
            return entries
        kept.unlink(missing_ok=True)  # it would still vouch for its pictures, which are replaced below
        starts = self.starts(run.objective)
        before = [to_tensor(image).to(self.victim.device) for image in starts]
        after = self._attack(run, before)
        for path, picture, start in zip(self._paths(run), after, starts, strict=True):
            path.parent.mkdir(parents=True, exist_ok=True)
            to_file(picture, start, run.budget).save(path)
        entries = [
            self._judged(run, "float", self.victim.as_tensors, before, after)
            | _change([(a - b).cpu().numpy() for a, b in zip(after, before, strict=True)]),
            self._judged(run, "file", self._as_images, starts, self.pictures(run))
            | _change([_levels(a) - _levels(b) for a, b in zip(self.pictures(run), starts, strict=True)]),
        ]
        write_facts(kept, settings=settings, entries=entries)
        return entries

    def clean(self, objective: str, through: str, see: Callable[[], Seen]) -> Seen:
        """What is seen before an attack, computed once.

        Args:
            objective: of the attack.
            through: any name for how it is seen.
            see: computes it.
        """
        key = (through, "copies" if objective == "evade" else "originals")
        if key not in self._before:
            self._before[key] = see()
        return self._before[key]

    def _judged(
        self, run: Run, through: str, see: Callable[[list[T]], Seen], before: list[T], after: list[T]
    ) -> dict[str, Any]:
        clean = self.clean(run.objective, through, lambda: see(before))
        known, card = self.victim.known.vectors, self.victim.embedder.card
        return run.facts(through) | judge(clean, see(after), self.aim(run.objective), known, card)

    def _as_images(self, images: list[Image.Image]) -> Seen:
        return self.victim.as_images(images, self.threads)

    def _attack(self, run: Run, before: Sequence[Tensor]) -> list[Tensor]:
        generator = torch.Generator().manual_seed(self._seed)
        after: list[Tensor] = []
        for start in range(0, len(before), AT_ONCE):
            part = slice(start, start + AT_ONCE)
            loss = self._loss(run.objective, part)
            slopes = None if run.method.random_start else self._first(run.objective, before, part, loss)
            after += perturb(before[part], loss, run.budget, run.method, generator, slopes)
        return after

    def _first(self, objective: str, before: Sequence[Tensor], part: slice, loss: Loss) -> list[Tensor]:
        """Gradients at the pictures themselves, which all budgets share."""
        key = (objective, part.start)
        if key not in self._slopes:
            self._slopes = {known: kept for known, kept in self._slopes.items() if known[0] == objective}
            self._slopes[key] = gradients(before[part], loss)
        return self._slopes[key]

    def _loss(self, objective: str, part: slice) -> Loss:
        victim, device = self.victim, self.victim.device
        if objective == "misclassify":
            if victim.classifier is None:
                raise ValueError("misclassify needs a classifier")
            labels = torch.from_numpy(self.subjects.labels[part]).to(device)
            return Misclassify(victim.classifier.network, victim.classifier.side, labels)
        wanted = torch.from_numpy(victim.known.vectors[self.aim(objective).wanted[part]]).to(device)
        if objective == "evade":
            return Evade(victim.network, victim.side, wanted, victim.network.copy_dim)
        planes = torch.tensor(hash_planes(wanted.shape[1])).to(device)
        pull = float(objective != BITS_ONLY)
        return Collide(victim.network, victim.side, wanted, planes, victim.network.copy_dim, pull)

    def _paths(self, run: Run) -> list[Path]:
        return [self._folder / run.name / f"{number:04d}.png" for number in range(len(self.subjects))]


def _identity(victim: Victim, subjects: Subjects) -> str:
    """Changes whenever a kept run would be another; the run's own values aside."""
    digest = hashlib.sha256(victim.known.vectors.tobytes())
    for rows in (subjects.labels, subjects.places, subjects.targets):
        digest.update(rows.tobytes())
    for path in subjects.paths:
        digest.update(path.read_bytes())
    classifier = "" if victim.classifier is None else weights_digest(victim.classifier.network)
    return f"{victim.embedder.fingerprint} {classifier} {EDITS} {digest.hexdigest()}"


def _levels(image: Image.Image) -> np.ndarray:
    return np.asarray(image, np.float32) / LEVELS


def _change(differences: Sequence[np.ndarray]) -> dict[str, float]:
    """How much was really changed: the most of any pixel value, and the mean over all of them."""
    sizes = [np.abs(difference).ravel() for difference in differences]
    return {
        "change_most": float(max(size.max() for size in sizes)),
        "change_mean": float(np.concatenate(sizes).mean()),
    }
