"""A training loop that knows nothing of what it trains."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from lookalike.disk import replacing
from lookalike.errors import DamagedError
from lookalike.labs.learn.devices import fast_precision
from lookalike.labs.shared.progress import tell, tracked

Batches = Iterable[tuple[Tensor, Tensor]]


@dataclass(frozen=True, slots=True)
class Task:
    """What is trained, on what, and how it is judged.

    Attributes:
        model: maps a batch's inputs to outputs.
        loss: outputs and wanted values to a scalar, its mean over the batch.
        optimiser: of the model's parameters.
        scheduler: stepped after every batch.
        batches: the training batches of an epoch, the same whenever that epoch's number is asked for; each is
            taken when the step before it is done, so it may depend on the model.
        score: judges the model in evaluation mode on pictures that are not trained on; higher is better.
        prepare: sets the model to training mode, since it may want parts of it otherwise.
    """

    model: nn.Module
    loss: Callable[[Tensor, Tensor], Tensor]
    optimiser: Optimizer
    scheduler: LRScheduler
    batches: Callable[[int], Batches]
    score: Callable[[], float]
    prepare: Callable[[], object]


class Trainer:
    """Epochs with early stopping; a run that was stopped goes on after its last whole epoch, to the bit."""

    def __init__(
        self, task: Task, checkpoint: Path, log: Path, *, settings: str, device: torch.device
    ) -> None:
        """Set up a run.

        Args:
            task: its model must be on ``device``.
            checkpoint: file that holds where the run stands, replaced whole after each epoch.
            log: file to which each epoch appends a JSON object.
            settings: all that decides the run's course; a checkpoint of other settings is refused.
            device: where batches go.
        """
        self._task, self._checkpoint, self._log = task, checkpoint, log
        self._settings, self._device = settings, device
        self._epoch, self._waited = 0, 0
        self._best_score = -1.0
        self._best: dict[str, Tensor] = {}

    def resume(self) -> int:
        """Go on from the checkpoint; without one, from the start.

        Returns:
            how many epochs are done.

        Raises:
            DamagedError: the checkpoint is of other settings, or damaged.
        """
        if not self._checkpoint.exists():
            return 0
        try:
            kept = torch.load(self._checkpoint, map_location=self._device, weights_only=True)
        except Exception as error:  # torch names no base class for what its reader may raise
            raise DamagedError(f"checkpoint {self._checkpoint} cannot be read; remove it") from error
        if kept["settings"] != self._settings:
            raise DamagedError(
                f"checkpoint {self._checkpoint} belongs to a run with other settings; repeat those, "
                "or leave out --resume to start again"
            )
        self._task.model.load_state_dict(kept["model"])
        self._task.optimiser.load_state_dict(kept["optimiser"])
        self._task.scheduler.load_state_dict(kept["scheduler"])
        self._epoch, self._waited = kept["epoch"], kept["waited"]
        self._best_score, self._best = kept["best_score"], kept["best"]
        torch.set_rng_state(kept["random"].cpu())
        return self._epoch

    def run(self, epochs: int, patience: int) -> float:
        """Train; in the end the model has the weights of its best epoch.

        Args:
            epochs: at most so many.
            patience: stop after so many epochs in a row without a better score.

        Returns:
            the best score.
        """
        while self._epoch < epochs and self._waited < patience:
            began = time.monotonic()
            loss = self._train_once()
            self._epoch += 1
            self._task.model.eval()
            score = self._task.score()
            self._waited = 0 if score > self._best_score else self._waited + 1
            if not self._waited:
                self._best_score = score
                self._best = {name: value.clone() for name, value in self._task.model.state_dict().items()}
            self._keep()
            self._report(loss=loss, score=score, seconds=time.monotonic() - began)
        self._task.model.load_state_dict(self._best)
        self._task.model.eval()
        return self._best_score

    def _train_once(self) -> float:
        """One epoch; returns the mean loss."""
        self._task.prepare()
        total, count = 0.0, 0
        batches = self._task.batches(self._epoch)
        for inputs, wanted in tracked(batches, f"Epoch {self._epoch + 1}"):
            with fast_precision(self._device):
                outputs = self._task.model(inputs.to(self._device))
            loss = self._task.loss(outputs.float(), wanted.to(self._device))
            self._task.optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            self._task.optimiser.step()
            self._task.scheduler.step()
            total += float(loss.detach()) * len(inputs)
            count += len(inputs)
        return total / max(1, count)

    def _keep(self) -> None:
        content = {
            "settings": self._settings,
            "model": self._task.model.state_dict(),
            "optimiser": self._task.optimiser.state_dict(),
            "scheduler": self._task.scheduler.state_dict(),
            "epoch": self._epoch,
            "waited": self._waited,
            "best_score": self._best_score,
            "best": self._best,
            "random": torch.get_rng_state(),
        }
        with replacing(self._checkpoint) as file:
            torch.save(content, file)

    def _report(self, **facts: float) -> None:
        line = {"epoch": self._epoch, **{name: round(value, 4) for name, value in facts.items()}}
        with self._log.open("a") as log:
            log.write(json.dumps(line) + "\n")
        shown = f"epoch {self._epoch}: loss {facts['loss']:.3f}, validation accuracy {facts['score']:.3f}"
        tell(f"{shown}, {facts['seconds']:.0f} s")
