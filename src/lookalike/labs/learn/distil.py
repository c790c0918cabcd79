"""Teach the copy tail to see every edited copy of a picture as the teacher sees the untouched picture.

Two views of each picture of a batch go through the tail. Both have to arrive at the teacher's view of that
picture, tell it from all other pictures, meet each other, and use the whole sphere.
"""

from __future__ import annotations

import copy
import json
import random
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from lookalike.disk import replacing
from lookalike.errors import DamagedError
from lookalike.kernels.arrays import Vectors
from lookalike.labs.learn.objectives import contrastive_loss, entropy_loss, similarity_loss
from lookalike.labs.learn.recipe import Recipe, Stage
from lookalike.labs.learn.two_readings import Tail
from lookalike.labs.learn.views import Views

CHECKPOINT = "checkpoint.pt"
LOG = "log.jsonl"
_KEEP_EVERY = 100  # steps
_REPORT_EVERY = 25
_FIT_ON = 24  # batches from which the first projection is fitted
_RIDGE = 0.1  # of the mean variance
_DECAY = 0.998  # of the average of the weights, a step
_LONGEST_GRADIENT = 2.0


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a training stands.

    Attributes:
        stage: number of the stage.
        step: steps done in it.
    """

    stage: int
    step: int


class Distillation:
    """A training run in a folder: what it knows, where it stands.

    Attributes:
        averaged: the tail with the running average of its weights, which is what is used in the end.
    """

    def __init__(
        self, recipe: Recipe, tail: Tail, targets: Vectors, folder: Path, device: torch.device
    ) -> None:
        """Start anew, or at the folder's checkpoint.

        Args:
            recipe: says everything.
            tail: to start from; it is changed.
            targets: (n, 384) float32 unit rows, the teacher's view of each picture.
            folder: gets checkpoint and log.
            device: to train on.

        Raises:
            DamagedError: the checkpoint is of another recipe.
        """
        self._recipe, self._folder, self._device = recipe, folder, device
        self._targets = torch.from_numpy(targets).to(device)
        self._tail = tail.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.averaged = copy.deepcopy(self._tail).eval()
        self._optimiser = self._new_optimiser()
        self._at = Progress(0, 0)
        path = folder / CHECKPOINT
        if path.exists():
            self._restore(path)

    def train(self, number: int, stage: Stage, views: Views) -> None:
        """Train one stage to its end; does nothing where the checkpoint is past it."""
        if number < self._at.stage:
            return
        if number > self._at.stage:
            self._tail.load_state_dict(self.averaged.state_dict())
            self._optimiser = self._new_optimiser()
            self._at = Progress(number, 0)
        if self._at == Progress(0, 0) and not self._recipe.start:
            self._fit_projection(views)
        self._tail.train()
        began, terms = time.monotonic(), []
        for step in range(self._at.step, stage.steps):
            terms.append(self._step(step, stage, views))
            self._at = Progress(number, step + 1)
            last = step + 1 == stage.steps
            if (step + 1) % _REPORT_EVERY == 0 or last:
                self._report(stage, terms, (time.monotonic() - began) / len(terms))
                began, terms = time.monotonic(), []
            if (step + 1) % _KEEP_EVERY == 0 or last:
                self._keep()

    def _step(self, step: int, stage: Stage, views: Views) -> dict[str, float]:
        for group in self._optimiser.param_groups:
            group["lr"] = self._rate(step, stage.steps)
        numbers, maps = self._batch(step, views)
        embeddings = functional.normalize(self._tail(maps), dim=1)
        losses = self._losses(embeddings, self._targets[numbers])
        loss = torch.stack([getattr(self._recipe, name) * value for name, value in losses.items()]).sum()
        self._optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self._tail.parameters(), _LONGEST_GRADIENT)
        self._optimiser.step()
        self._average(min(_DECAY, (step + 1) / (step + 20)))
        return {name: float(value.detach()) for name, value in losses.items()}

    def _batch(self, step: int, views: Views) -> tuple[Tensor, Tensor]:
        """Numbers of a step's pictures, and two views of each; the same whenever it is asked for."""
        draw = random.Random(f"{self._recipe.seed} {self._at.stage} {step}")
        numbers = draw.sample(range(views.count), min(self._recipe.pictures, views.count))
        return torch.tensor(numbers, device=self._device), views.two(numbers, draw).to(self._device)

    def _losses(self, embeddings: Tensor, targets: Tensor) -> dict[str, Tensor]:
        """Every loss by the name of its weight in the recipe."""
        first, second = embeddings.chunk(2)
        wanted, temperature = targets.repeat(2, 1), self._recipe.temperature
        return {
            "cosine": 1 - (embeddings * wanted).sum(1).mean(),
            "similarity": similarity_loss(embeddings, wanted, self._targets, temperature),
            "contrastive": contrastive_loss(first, second, temperature),
            "entropy": entropy_loss(first, second),
        }

    def _rate(self, step: int, steps: int) -> float:
        """The learning rate: it rises, stays, and falls to zero over the second half."""
        left = min(1.0, 2 * (1 - step / steps))
        return self._recipe.learning_rate * min(1.0, (step + 1) / self._recipe.warm_up) * left

    @torch.no_grad()
    def _average(self, decay: float) -> None:
        for mean, values in zip(
            self.averaged.state_dict().values(), self._tail.state_dict().values(), strict=True
        ):
            if mean.dtype.is_floating_point:
                mean.lerp_(values, 1 - decay)

    @torch.no_grad()
    def _fit_projection(self, views: Views) -> None:
        """Start with the linear map from the pooled maps to the targets that least squares gives."""
        self._tail.eval()
        pooled, wanted = [], []
        for step in range(_FIT_ON):
            numbers, maps = self._batch(-1 - step, views)
            pooled.append(self._tail.pooled(maps))
            wanted.append(self._targets[numbers].repeat(2, 1))
        x, y = torch.cat(pooled).double(), torch.cat(wanted).double()
        centre = x.mean(0)
        x = x - centre
        ridge = _RIDGE * x.pow(2).sum() / x.shape[1] * torch.eye(x.shape[1], device=x.device, dtype=x.dtype)
        solved = torch.linalg.solve(x.T @ x + ridge, x.T @ y)
        projection = self._tail.projection
        projection.weight.copy_(solved.T)
        projection.bias.copy_(y.mean(0) - centre @ solved)
        self.averaged.load_state_dict(self._tail.state_dict())

    def _new_optimiser(self) -> torch.optim.Optimizer:
        parameters = list(self._tail.parameters())
        return torch.optim.AdamW(
            [
                {"params": [p for p in parameters if p.ndim > 1], "weight_decay": self._recipe.weight_decay},
                {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0},
            ],
            lr=self._recipe.learning_rate,
            fused=True,
        )

    def _report(self, stage: Stage, terms: list[dict[str, float]], seconds: float) -> None:
        means = {name: round(float(np.mean([term[name] for term in terms])), 4) for name in terms[0]}
        where = {"stage": self._at.stage, "step": self._at.step, "of": stage.steps}
        line = json.dumps({**where, "seconds_a_step": round(seconds, 3), **means})
        with (self._folder / LOG).open("a") as log:
            log.write(line + "\n")
        print(line, flush=True)

    def _keep(self) -> None:
        content: dict[str, Any] = {
            "recipe": self._recipe.settings(),
            "tail": self._tail.state_dict(),
            "averaged": self.averaged.state_dict(),
            "optimiser": self._optimiser.state_dict(),
            "stage": self._at.stage,
            "step": self._at.step,
        }
        with replacing(self._folder / CHECKPOINT) as file:
            torch.save(content, file)

    def _restore(self, path: Path) -> None:
        kept = torch.load(path, map_location=self._device, weights_only=True)
        if kept["recipe"] != self._recipe.settings():
            raise DamagedError(f"{path} was made by another recipe; use another folder or remove it")
        self._tail.load_state_dict(kept["tail"])
        self.averaged.load_state_dict(kept["averaged"])
        self._optimiser.load_state_dict(kept["optimiser"])
        self._at = Progress(kept["stage"], kept["step"])
