"""Teach the network to see every edited copy of a picture as the teacher sees the untouched picture.

Two views of each picture of a batch go through trunk and copy tail. Both have to arrive at the teacher's view
of that picture, tell it from all other pictures, meet each other, and use the whole sphere. Of drawn pages
the teacher knows little: there only the last two are asked. Both tails share the trunk, so that the likeness
tail learns, too: to see what the untrained network saw.
"""

from __future__ import annotations

import copy
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader

from lookalike.disk import replacing
from lookalike.errors import DamagedError
from lookalike.kernels.arrays import Vectors
from lookalike.labs.learn.devices import fast_precision
from lookalike.labs.learn.network import normalised_planes
from lookalike.labs.learn.objectives import (
    contrastive_loss,
    entropy_loss,
    likeness_loss,
    similarity_loss,
)
from lookalike.labs.learn.recipe import Recipe, Stage
from lookalike.labs.learn.replay import Replay
from lookalike.labs.learn.retouch import retouched
from lookalike.labs.learn.strangers import maybe_copies, nearest_strangers
from lookalike.labs.learn.two_readings import TwoReadings
from lookalike.labs.learn.views import GROUP, MILD_EVERY, Batches, Views, load

CHECKPOINT = "checkpoint.pt"
LOG = "log.jsonl"
_KEEP_EVERY = 300  # steps
_REPORT_EVERY = 25
_RIDGE = 0.1  # of the mean variance
_DECAY = 0.998  # of the average of the weights, a step
_LONGEST_GRADIENT = 2.0
_UNTRAINED = ("likeness.projection.weight", "likeness.projection.bias")  # they are fitted afterwards


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
        averaged: the network with the running average of its weights, which is what is used in the end.
    """

    def __init__(
        self,
        recipe: Recipe,
        network: TwoReadings,
        targets: Vectors,
        pages: NDArray[np.bool_],
        folder: Path,
        device: torch.device,
    ) -> None:
        """Start anew, or at the folder's checkpoint.

        Args:
            recipe: says everything.
            network: to start from; it is changed.
            targets: (n, 384) float32 unit rows, the teacher's view of each picture.
            pages: (n,) bool, which pictures are drawn pages.
            folder: gets checkpoint and log; holds the pictures.
            device: to train on.

        Raises:
            DamagedError: the checkpoint is of another recipe.
        """
        self._recipe, self._folder, self._device = recipe, folder, device
        self._targets, self._pages = torch.from_numpy(targets).to(device), torch.from_numpy(pages).to(device)
        self._strangers = nearest_strangers(self._targets, self._pages, min(GROUP, len(targets)) - 1)
        self._network = network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._untrained = copy.deepcopy(self._network).eval()
        self.averaged = copy.deepcopy(self._network).eval()
        self._fitted = False
        self._draw = torch.Generator(device)
        self._optimiser = self._new_optimiser()
        self._at = Progress(0, 0)
        path = folder / CHECKPOINT
        if path.exists():
            self._restore(path)

    def begin_with(self, network: TwoReadings) -> None:
        """Go on from another network's weights, unless a checkpoint is there.

        Its glance is left out. What the likeness tail should see stays what the first network sees.
        """
        if self._at == Progress(0, 0):
            weights = {name: w for name, w in network.state_dict().items() if not name.startswith("glance.")}
            self._network.load_state_dict(weights)
            self.averaged.load_state_dict(weights)
            self._fitted = True

    def train(self, number: int, stage: Stage, processes: int) -> None:
        """Train one stage to its end; does nothing where the checkpoint is past it."""
        if number < self._at.stage:
            return
        if number > self._at.stage:
            self._network.load_state_dict(self.averaged.state_dict())
            self._optimiser = self._new_optimiser()
            self._at = Progress(number, 0)
        replay = Replay(self._views(stage, processes), self._recipe.uses, self._device)
        self._network.train()
        began, terms = time.monotonic(), []
        for step in range(self._at.step, stage.steps):
            numbers, views = replay.batch(step)
            terms.append(self._step(step, stage, numbers, views))
            self._at = Progress(number, step + 1)
            last = step + 1 == stage.steps
            if (step + 1) % _REPORT_EVERY == 0 or last:
                self._report(stage, terms, (time.monotonic() - began) / len(terms))
                began, terms = time.monotonic(), []
            if (step + 1) % _KEEP_EVERY == 0 or last:
                self._keep()

    def _views(self, stage: Stage, processes: int) -> DataLoader[tuple[Tensor, Tensor]]:
        """The batches of edited views that the rest of a stage needs."""
        recipe, uses = self._recipe, self._recipe.uses
        first, last = self._at.step // uses, -(-stage.steps // uses) + 1
        batches = Batches(self._strangers, recipe.pictures, recipe.seed + self._at.stage, first, last)
        return load(Views(self._folder, stage.side, recipe.seed), batches, processes)

    def _step(self, step: int, stage: Stage, numbers: Tensor, views: Tensor) -> dict[str, Tensor]:
        self._draw.manual_seed(hash((self._recipe.seed, self._at.stage, step)))
        planes = normalised_planes(retouched(views.transpose(0, 1).flatten(0, 1), self._draw))
        if self._at == Progress(0, 0) and not self._fitted:
            self._fit_projection(planes, self._targets[numbers])
        for group in self._optimiser.param_groups:
            group["lr"] = self._rate(step, stage.steps)
        copies, likeness = self._seen(planes)
        embeddings = functional.normalize(self._network.copy.projection(copies), dim=1)
        losses = self._losses(embeddings, numbers)
        losses["likeness"] = likeness_loss(likeness, self._shown_before(planes))
        loss = torch.stack([getattr(self._recipe, name) * value for name, value in losses.items()]).sum()
        self._optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self._network.parameters(), _LONGEST_GRADIENT)
        self._optimiser.step()
        self._average(min(_DECAY, (step + 1) / (step + 20)))
        return {name: value.detach() for name, value in losses.items()}

    def _seen(self, planes: Tensor) -> tuple[Tensor, Tensor]:
        """Pooled features, float32: (2 n, 1280) of the copy tail; of the likeness tail, for mild views."""
        with fast_precision(self._device):
            maps = self._network.maps(planes)
            return self._network.copy.pooled(maps), self._network.likeness.pooled(_mild(maps))

    def _losses(self, embeddings: Tensor, numbers: Tensor) -> dict[str, Tensor]:
        """Every loss of the copy tail by the name of its weight in the recipe."""
        targets, pages, temperature = self._targets[numbers], self._pages[numbers], self._recipe.temperature
        unsure = maybe_copies(targets, targets, pages, pages)
        first, second = embeddings.chunk(2)
        taught, wanted = embeddings[~pages.repeat(2)], targets[~pages].repeat(2, 1)
        return {
            "cosine": 1 - (taught * wanted).sum(1).mean(),
            "similarity": similarity_loss(taught, wanted, self._targets, temperature),
            "contrastive": contrastive_loss(first, second, unsure, temperature),
            "entropy": entropy_loss(first, second, unsure),
        }

    def _shown_before(self, planes: Tensor) -> Tensor:
        """What the likeness tail of the untrained network makes of the mild views, (m, 1280) float32."""
        with torch.no_grad(), fast_precision(self._device):
            shown: Tensor = self._untrained.likeness.pooled(self._untrained.maps(_mild(planes)))
            return shown

    def _rate(self, step: int, steps: int) -> float:
        """The learning rate: it rises, stays, and falls to zero over the second half."""
        left = min(1.0, 2 * (1 - step / steps))
        return self._recipe.learning_rate * min(1.0, (step + 1) / self._recipe.warm_up) * left

    @torch.no_grad()
    def _average(self, decay: float) -> None:
        for mean, values in zip(
            self.averaged.state_dict().values(), self._network.state_dict().values(), strict=True
        ):
            if mean.dtype.is_floating_point:
                mean.lerp_(values, 1 - decay)

    @torch.no_grad()
    def _fit_projection(self, planes: Tensor, targets: Tensor) -> None:
        """Start with the linear map from the pooled maps to the targets that least squares gives."""
        network = self._untrained
        x = network.copy.pooled(network.maps(planes)).double()
        y = targets.repeat(2, 1).double()
        centre = x.mean(0)
        x = x - centre
        ridge = _RIDGE * x.pow(2).sum() / x.shape[1] * torch.eye(x.shape[1], device=x.device, dtype=x.dtype)
        solved = torch.linalg.solve(x.T @ x + ridge, x.T @ y)
        projection = self._network.copy.projection
        projection.weight.copy_(solved.T)
        projection.bias.copy_(y.mean(0) - centre @ solved)
        self.averaged.load_state_dict(self._network.state_dict())

    def _new_optimiser(self) -> torch.optim.Optimizer:
        parameters = [p for name, p in self._network.named_parameters() if name not in _UNTRAINED]
        return torch.optim.AdamW(
            [
                {"params": [p for p in parameters if p.ndim > 1], "weight_decay": self._recipe.weight_decay},
                {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0},
            ],
            lr=self._recipe.learning_rate,
            fused=True,
        )

    def _report(self, stage: Stage, terms: list[dict[str, Tensor]], seconds: float) -> None:
        means = {
            name: round(float(torch.stack([term[name] for term in terms]).mean()), 4) for name in terms[0]
        }
        where = {"stage": self._at.stage, "step": self._at.step, "of": stage.steps}
        line = json.dumps({**where, "seconds_a_step": round(seconds, 3), **means})
        with (self._folder / LOG).open("a") as log:
            log.write(line + "\n")
        print(line, flush=True)

    def _keep(self) -> None:
        content: dict[str, Any] = {
            "recipe": self._recipe.settings(),
            "network": self._network.state_dict(),
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
        self._network.load_state_dict(kept["network"])
        self.averaged.load_state_dict(kept["averaged"])
        self._optimiser.load_state_dict(kept["optimiser"])
        self._at = Progress(kept["stage"], kept["step"])


def _mild(rows: Tensor) -> Tensor:
    """Of 2 n rows, n of which are first views, those of mildly edited views."""
    return rows[: len(rows) // 2 : MILD_EVERY]
