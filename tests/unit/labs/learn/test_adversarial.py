from __future__ import annotations

from itertools import count
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import networks
from lookalike.embed.providers.torch_embedder import weights_digest
from lookalike.errors import UsageError
from lookalike.labs.learn.adversarial import Hardened, SizedBatches, mislead
from lookalike.labs.learn.models import Model
from lookalike.labs.learn.network import DEVIATION, MEAN, normalised
from lookalike.labs.learn.trainer import Task, Trainer
from lookalike.labs.learn.tuning import Training, fine_tune
from lookalike.labs.shared.splits import split
from lookalike.settings import Settings
from pictures import draw

CPU = torch.device("cpu")
SIDE = 16


def _pictures(count: int, seed: int = 0) -> Tensor:
    """Uint8 pixels with black and white among them, (n, side, side, 3)."""
    random = np.random.default_rng(seed)
    return torch.from_numpy(random.choice([0, 1, 90, 254, 255], (count, SIDE, SIDE, 3)).astype(np.uint8))


def _intensities(pictures: Tensor) -> Tensor:
    """Normalised pictures back to [0, 1]."""
    mean, deviation = (torch.tensor(values)[:, None, None] for values in (MEAN, DEVIATION))
    return pictures * deviation + mean


def _network(classes: int = 2) -> nn.Module:
    torch.manual_seed(5)
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.Conv2d(8, 8, 3, 2), nn.ReLU(),
        nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(32, classes),
    )  # fmt: skip


@pytest.mark.parametrize("budget", [0.004, 0.03, 0.5])
def test_it_stays_within_the_budget_and_among_colours(budget: float) -> None:
    pictures = normalised(_pictures(6))
    changed = mislead(_network(), pictures, torch.arange(6) % 2, budget, torch.Generator().manual_seed(1))
    before, after = _intensities(pictures), _intensities(changed)
    moved = (after - before).abs()
    assert float(moved.max()) <= budget + 1e-6
    assert float(after.min()) >= -1e-6
    assert float(after.max()) <= 1 + 1e-6
    free = (before > budget) & (before < 1 - budget)
    if free.any():
        assert float((moved[free] > 0.99 * budget).float().mean()) > 0.6  # three of four starts get there


def test_against_the_slope_of_a_linear_network() -> None:
    """Where scores are linear, the slope of the loss has the sign of the wrong class less the right one.

    A processor that multiplies bfloat16 may round weights that hardly differ, to either side.
    """
    pictures, classes, budget = normalised(_pictures(4)), torch.tensor([0, 1, 1, 0]), 0.02
    network = nn.Sequential(nn.Flatten(), nn.Linear(3 * SIDE * SIDE, 2))
    found = _intensities(mislead(network, pictures, classes, budget, torch.Generator().manual_seed(8)))
    start = 2 * torch.rand(pictures.shape, generator=torch.Generator().manual_seed(8)) - 1
    weight = network[1].weight.detach()
    away = (weight[1 - classes] - weight[classes]).reshape(pictures.shape)
    step = (budget * start + 1.25 * budget * away.sign()).clamp(-budget, budget)
    expected = (_intensities(pictures) + step).clamp(0, 1)
    differ = away.abs() > 2**-6 * weight.abs().max()
    assert float(differ.float().mean()) > 0.95
    torch.testing.assert_close(found[differ], expected[differ], atol=1e-6, rtol=0)


def test_half_of_each_batch_is_changed() -> None:
    pictures = normalised(_pictures(7))
    batches = [(pictures[:4], torch.tensor([0, 1, 0, 1])), (pictures[4:], torch.tensor([1, 1, 0]))]
    network = _network()
    hardened = Hardened(batches, network, 0.02, 3, CPU)
    assert len(hardened) == 2
    once, again = list(hardened), list(hardened)
    for (inputs, wanted), (plain, classes), (same, _) in zip(once, batches, again, strict=True):
        half = len(plain) // 2
        assert (inputs[:half] != plain[:half]).any(dim=(1, 2, 3)).all()
        assert torch.equal(inputs[half:], plain[half:])
        assert torch.equal(wanted, classes)
        assert torch.equal(inputs, same)
        assert not inputs.requires_grad
    assert all(parameter.grad is None for parameter in network.parameters())


def test_who_learned_from_them_is_harder_to_mislead(tmp_path: Path) -> None:
    """Pictures whose class shows in a strong sign, and more surely in one so weak that it can be undone."""
    drawn = [torch.from_numpy(np.array(draw(seed, SIDE, SIDE))) for seed in range(64)]
    pictures, classes = torch.stack(drawn) // 2 + 40, torch.arange(64) % 2
    pictures[classes == 1] += (12 * (torch.arange(SIDE) % 2)[:, None, None]).to(torch.uint8)
    pictures[classes == 1, :8, :8] += 30
    inputs = normalised(pictures)

    def batches(_: int) -> SizedBatches:
        return [(inputs[start : start + 16], classes[start : start + 16]) for start in range(0, 64, 16)]

    def trained(budget: float) -> nn.Module:
        network, scores = _network(), count()
        optimiser = torch.optim.Adam(network.parameters(), 0.01)
        task = Task(
            network,
            nn.functional.cross_entropy,
            optimiser,
            torch.optim.lr_scheduler.ConstantLR(optimiser, 1, 1),
            lambda epoch: Hardened(batches(epoch), network, budget, epoch, CPU) if budget else batches(epoch),
            lambda: next(scores),  # always better than before: the last epoch counts
            network.train,
        )
        folder = tmp_path / str(budget)
        folder.mkdir()
        Trainer(task, folder / "c.pt", folder / "log", settings="", device=CPU).run(40, patience=40)
        return network.eval()

    def loss(network: nn.Module, shown: Tensor) -> float:
        with torch.inference_mode():
            return float(nn.functional.cross_entropy(network(shown), classes))

    plain, hardened = trained(0.0), trained(0.03)
    assert max(loss(plain, inputs), loss(hardened, inputs)) < 0.1
    misled = [
        loss(network, mislead(network, inputs, classes, 0.03, torch.Generator().manual_seed(0)))
        for network in (plain, hardened)
    ]
    assert misled[1] < misled[0] / 4


@pytest.mark.slow
def test_fine_tuning_takes_it(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        for seed in range(12):
            draw(seed + 100 * (name == "b"), 40, 40).save(tmp_path / name / f"{seed}.png")
    parts = split(tmp_path, None, None, seed=0)

    def tune(budget: float) -> str:
        training, model = Training(1, 3, 32, 1, budget), Model(networks.network(), 32)
        out = tmp_path / f"{budget}.pt"
        tuned, _ = fine_tune(
            model, parts, training, out, device=CPU, settings=Settings(threads=1), resume=False
        )
        return weights_digest(tuned.classifier())

    assert tune(0.02) != tune(0.0)


def test_budgets_that_make_no_sense() -> None:
    for budget in (-0.1, 1.0, float("nan")):
        with pytest.raises(UsageError, match="adversarial must be from 0"):
            Training(1, 0, 32, 0, budget)
