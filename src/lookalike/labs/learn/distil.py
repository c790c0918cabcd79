"""Make the bundled network: learn from a teacher, from labels and from edits of unlabelled pictures.

For each picture of a batch the network sees a mild and a hard edit; both have to arrive at the teacher's
view of the untouched picture, tell it from all others, and know its class.
"""

from __future__ import annotations

import json
import math
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from lookalike.disk import replacing
from lookalike.errors import DamagedError
from lookalike.kernels.arrays import Vectors
from lookalike.labs.learn.archive import read_archive
from lookalike.labs.learn.devices import fast_precision
from lookalike.labs.learn.edits import Plan, edited_batches
from lookalike.labs.learn.network import DIM, EmbeddingNetwork, normalised
from lookalike.labs.learn.objectives import (
    CosineClassifier,
    contrastive_loss,
    entropy_loss,
    similarity_loss,
)
from lookalike.labs.learn.recipe import Recipe
from lookalike.labs.learn.teacher import teach
from lookalike.labs.learn.training_pictures import TrainingPictures, load
from lookalike.labs.learn.whitening import fit_whitening

CHECKPOINT = "checkpoint.pt"
_FEATURES = "teacher.npy"
_LOG = "log.jsonl"
_KEEP_EVERY = 250  # steps
_REPORT_EVERY = 25
_SOURCES = 2


class Student(nn.Module):
    """The network and the class directions, which are thrown away in the end."""

    def __init__(self, recipe: Recipe, classes: list[int]) -> None:
        super().__init__()
        self.network = EmbeddingNetwork(exponent=recipe.exponent, projected=True)
        self.classifiers = nn.ModuleList(CosineClassifier(DIM, count) for count in classes)


class Distillation:
    """A training run in a folder: what it knows, where it stands."""

    def __init__(
        self, recipe: Recipe, data: Path, folder: Path, processes: int, device: torch.device
    ) -> None:
        self._recipe, self._folder, self._processes = recipe, folder, processes
        self._device = device
        names = (data / recipe.training_list).read_text().splitlines()
        self.pictures = load(data / recipe.pictures, names, data / recipe.archive)
        features = _teacher_features(data / recipe.teacher, self.pictures, folder / _FEATURES, processes)
        targets = fit_whitening(features, DIM, recipe.target_power).unit(features)
        self._targets = torch.from_numpy(targets).to(device)
        self._sources = torch.from_numpy(self.pictures.sources).to(device)
        self._labels = torch.from_numpy(self.pictures.labels).to(device)
        torch.manual_seed(recipe.seed)
        self._student = Student(recipe, [self.pictures.classes(source) for source in range(_SOURCES)])
        # Without strictness: the archive lacks the counters of batches seen.
        body = self._student.network.body
        body.load_state_dict(read_archive(data / recipe.start), strict=False)
        self._student.to(device)
        for weight in self._student.parameters():
            if weight.ndim == 4:
                weight.data = weight.data.contiguous(memory_format=torch.channels_last)
        decayed = [weight for weight in self._student.parameters() if weight.ndim > 1]
        others = [weight for weight in self._student.parameters() if weight.ndim <= 1]
        self._optimiser = torch.optim.AdamW(
            [
                {"params": decayed, "weight_decay": recipe.weight_decay},
                {"params": others, "weight_decay": 0.0},
            ],
            lr=recipe.learning_rate,
            fused=True,
        )
        self._step = 0

    def resume(self) -> None:
        """Go on from the folder's checkpoint, if there is one.

        Raises:
            DamagedError: the checkpoint is of another recipe.
        """
        path = self._folder / CHECKPOINT
        if not path.exists():
            return
        kept = torch.load(path, map_location=self._device, weights_only=True)
        if kept["recipe"] != self._recipe.settings():
            raise DamagedError(f"{path} was made by another recipe; use another folder or remove it")
        self._student.load_state_dict(kept["student"])
        self._optimiser.load_state_dict(kept["optimiser"])
        self._step = kept["step"]

    def run(self) -> EmbeddingNetwork:
        """Train to the end, with a checkpoint every few hundred steps; return the network."""
        sides = self._recipe.side_of_each_step()
        plan = Plan(self.pictures.sources, self._recipe.shares, sides, self._recipe.seed)
        self._student.train()
        began, terms = time.monotonic(), []
        for mild, hard, numbers in edited_batches(self.pictures, plan, self._step, self._processes):
            for group in self._optimiser.param_groups:
                group["lr"] = self._rate(len(sides))
            losses = self._losses(mild, hard, numbers)
            loss = torch.stack([getattr(self._recipe, name) * value for name, value in losses.items()]).sum()
            self._optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(self._student.parameters(), 1.0)
            self._optimiser.step()
            self._step += 1
            terms.append({name: float(value.detach()) for name, value in losses.items()})
            if self._step % _REPORT_EVERY == 0 or self._step == len(sides):
                self._report(terms, (time.monotonic() - began) / len(terms), len(sides))
                began, terms = time.monotonic(), []
            if self._step % _KEEP_EVERY == 0 or self._step == len(sides):
                self._keep()
        return self._student.network.eval()

    def _losses(self, mild: Tensor, hard: Tensor, numbers: Tensor) -> dict[str, Tensor]:
        """Every loss by the name of its weight in the recipe."""
        pixels = normalised(torch.cat([mild, hard]).to(self._device))
        numbers = numbers.to(self._device)
        with fast_precision(self._device):
            embeddings = self._student.network(pixels)
        embeddings = functional.normalize(embeddings.float(), dim=1)
        targets = self._targets[numbers].repeat(2, 1)
        first, second = embeddings.chunk(2)
        sources, labels = self._sources[numbers].repeat(2), self._labels[numbers].repeat(2)
        classes = [
            functional.cross_entropy(classifier(embeddings[sources == source]), labels[sources == source])
            for source, classifier in enumerate(self._student.classifiers)
        ]
        temperature = self._recipe.temperature
        return {
            "similarity": similarity_loss(embeddings, targets, self._targets, temperature),
            "cosine": 1 - (embeddings * targets).sum(1).mean(),
            "contrastive": contrastive_loss(first, second, temperature),
            "entropy": entropy_loss(first, second),
            "labels": torch.stack(classes).sum(),
        }

    def _rate(self, steps: int) -> float:
        """The learning rate of this step."""
        warm = min(1.0, (self._step + 1) / self._recipe.warm_up)
        return warm * self._recipe.learning_rate * (1 + math.cos(math.pi * self._step / steps)) / 2

    def _report(self, terms: list[dict[str, float]], seconds: float, steps: int) -> None:
        means = {name: round(float(np.mean([term[name] for term in terms])), 4) for name in terms[0]}
        line = json.dumps({"step": self._step, "of": steps, "seconds_a_step": round(seconds, 3), **means})
        with (self._folder / _LOG).open("a") as log:
            log.write(line + "\n")
        print(line, flush=True)

    def _keep(self) -> None:
        """Replace the checkpoint whole."""
        content: dict[str, Any] = {
            "recipe": self._recipe.settings(),
            "student": self._student.state_dict(),
            "optimiser": self._optimiser.state_dict(),
            "step": self._step,
        }
        with replacing(self._folder / CHECKPOINT) as file:
            torch.save(content, file)


def _teacher_features(teacher: Path, pictures: TrainingPictures, cache: Path, processes: int) -> Vectors:
    """(n, 1280) float32, computed once a folder: it takes minutes."""
    if cache.exists():
        features: Vectors = np.load(cache, allow_pickle=False)
        if len(features) == len(pictures.pixels):
            return features
    features = teach(teacher, pictures.pixels, processes)
    with replacing(cache) as file:
        np.save(file, features)
    return features
