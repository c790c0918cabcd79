from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from lookalike.errors import DamagedError
from lookalike.labs.learn.trainer import Batches, Task, Trainer

CPU = torch.device("cpu")


def _batches(epoch: int) -> Batches:
    """A line with noise, another part of it each epoch."""
    generator = torch.Generator().manual_seed(epoch)
    for _ in range(8):
        inputs = torch.rand(16, 3, generator=generator)
        yield inputs, inputs @ torch.tensor([[1.0], [-2.0], [0.5]]) + 0.3


@dataclass
class Run:
    """A small problem that has nothing to do with pictures."""

    folder: Path
    settings: str = "a"
    scores: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        torch.manual_seed(7)
        self.model = nn.Sequential(nn.Linear(3, 8), nn.Dropout(0.2), nn.Linear(8, 1))
        optimiser = torch.optim.Adam(self.model.parameters(), 0.02)
        self.given = iter(self.scores)
        self.modes: list[bool] = []
        task = Task(
            self.model,
            nn.functional.mse_loss,
            optimiser,
            torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, 80),
            _batches,
            self._score,
            self.model.train,
        )
        self.trainer = Trainer(
            task, self.folder / "c.pt", self.folder / "log.jsonl", settings=self.settings, device=CPU
        )

    def _score(self) -> float:
        self.modes.append(self.model.training)
        if self.scores:
            return next(self.given)
        inputs, wanted = next(iter(_batches(99)))
        with torch.inference_mode():
            return -float(nn.functional.mse_loss(self.model(inputs), wanted)) + 10

    def state(self) -> list[Tensor]:
        return [value.clone() for value in self.model.state_dict().values()]

    def log(self) -> list[dict[str, float]]:
        return [json.loads(line) for line in (self.folder / "log.jsonl").read_text().splitlines()]


def test_it_learns(tmp_path: Path) -> None:
    run = Run(tmp_path)
    assert run.trainer.run(6, patience=6) > 9.9
    losses = [line["loss"] for line in run.log()]
    assert losses[-1] < losses[0] / 3
    assert not run.model.training
    assert run.modes == [False] * 6


@pytest.mark.parametrize("first", [1, 3])
def test_stopped_and_resumed_it_ends_with_the_same_weights(first: int, tmp_path: Path) -> None:
    """Dropout included: the random state is part of the checkpoint."""
    folders = [tmp_path / name for name in ("straight", "stopped")]
    for folder in folders:
        folder.mkdir()
    straight = Run(folders[0])
    straight.trainer.run(5, patience=9)
    Run(folders[1]).trainer.run(first, patience=9)
    resumed = Run(folders[1])
    torch.rand(5)
    assert resumed.trainer.resume() == first
    resumed.trainer.run(5, patience=9)
    for found, expected in zip(resumed.state(), straight.state(), strict=True):
        assert torch.equal(found, expected)
    assert [line["epoch"] for line in resumed.log()] == [1, 2, 3, 4, 5]


def test_it_stops_early_and_keeps_the_best(tmp_path: Path) -> None:
    best = Run(tmp_path / "a", scores=(0.1, 0.5, 0.9))
    full = Run(tmp_path / "b", scores=(0.1, 0.5, 0.4, 0.5, 0.9))
    for run in (best, full):
        run.folder.mkdir()
    torch.manual_seed(1)
    best.trainer.run(2, patience=2)
    torch.manual_seed(1)
    assert full.trainer.run(5, patience=2) == 0.5
    assert [line["score"] for line in full.log()] == [0.1, 0.5, 0.4, 0.5]
    for found, expected in zip(full.state(), best.state(), strict=True):
        assert torch.equal(found, expected)


def test_checkpoints_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    assert Run(tmp_path).trainer.resume() == 0
    Run(tmp_path).trainer.run(1, patience=1)
    with pytest.raises(DamagedError, match="other settings"):
        Run(tmp_path, settings="b").trainer.resume()
    (tmp_path / "c.pt").write_bytes(b"half a checkpo")
    with pytest.raises(DamagedError, match="cannot be read; remove it"):
        Run(tmp_path).trainer.resume()
