"""The attack loop: gradients, boxes, and what the losses say."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

import pictures
from lookalike.embed import ModelCard
from lookalike.embed.preprocess import to_pixels
from lookalike.kernels.hyperplanes import keyed
from lookalike.labs.attack.loop import FGSM, Loss, gradients, perturb, pgd
from lookalike.labs.attack.objectives import Collide, Evade, Misclassify, copy_cosines
from lookalike.labs.attack.pipeline import (
    network_input,
    squash,
    to_file,
    to_image,
    to_tensor,
    whole_levels,
)
from lookalike.labs.learn.models import ClassifierNetwork
from lookalike.labs.learn.network import normalised
from lookalike.labs.learn.two_readings import COPY

SIDE = 32
SIZES = ((40, 48), (56, 40))


class Small(torch.nn.Module):
    """A network in all but size: its slopes are what the loop and the losses use."""

    def __init__(self) -> None:
        super().__init__()
        self.body = torch.nn.Sequential(
            torch.nn.Conv2d(3, 8, 5, stride=2), torch.nn.GELU(), torch.nn.Conv2d(8, 8, 5, stride=2),
            torch.nn.GELU(), torch.nn.AdaptiveAvgPool2d(4), torch.nn.Flatten(), torch.nn.Linear(128, 512),
        )  # fmt: skip
        generator = torch.Generator().manual_seed(3)
        for parameter in self.parameters():
            torch.nn.init.normal_(parameter, std=0.1, generator=generator)

    def features(self, x: Tensor) -> Tensor:
        found: Tensor = self.body(x)
        return found

    def forward(self, x: Tensor) -> Tensor:
        return torch.nn.functional.normalize(self.features(x), dim=1)


@pytest.fixture(scope="module")
def images() -> list[Tensor]:
    """Noise: areas of one colour make ties where a network takes maxima, and ties have no gradient."""
    generator = torch.Generator().manual_seed(0)
    return [
        0.05 + 0.9 * torch.rand(3, height, width, generator=generator, dtype=torch.float64)
        for width, height in SIZES
    ]


@pytest.fixture(scope="module")
def losses() -> dict[str, Loss]:
    network = Small().double().eval()
    head = torch.nn.Linear(512, 3).double()
    torch.nn.init.normal_(head.weight, std=0.02, generator=torch.Generator().manual_seed(0))
    others = torch.nn.functional.normalize(
        torch.randn(2, 512, generator=torch.Generator().manual_seed(1), dtype=torch.float64), dim=1
    )
    planes = torch.from_numpy(keyed(512, 256, 0)).double()
    return {
        "misclassify": Misclassify(ClassifierNetwork(network, head).eval(), SIDE, torch.tensor([0, 2])),
        "evade": Evade(network, SIDE, others),
        "evade by the copy part": Evade(network, SIDE, others, COPY),
        "collide": Collide(network, SIDE, others, planes),
        "collide by the copy part": Collide(network, SIDE, others, planes, COPY),
        "bits": Collide(network, SIDE, others, planes, pull=0.0),
    }


@pytest.mark.parametrize(
    "name",
    ["misclassify", "evade", "evade by the copy part", "collide", "collide by the copy part", "bits"],
)
def test_gradients_are_finite_differences(name: str, images: list[Tensor], losses: dict[str, Loss]) -> None:
    """Along the gradient's own direction and along random ones, in float64."""
    loss = losses[name]
    slopes = gradients(images, loss)
    generator = torch.Generator().manual_seed(2)
    step = 1e-6
    for direction in ([slope / slope.norm() for slope in slopes], None, None):
        along = direction or [
            torch.nn.functional.normalize(
                torch.randn(image.shape, generator=generator, dtype=torch.float64).flatten(), dim=0
            ).view_as(image)
            for image in images
        ]
        with torch.no_grad():
            ahead, behind = (
                loss([image + sign * step * way for image, way in zip(images, along, strict=True)])
                for sign in (1, -1)
            )
        found = (ahead - behind) / (2 * step)
        for place, (slope, way) in enumerate(zip(slopes, along, strict=True)):
            scale = float(slope.norm())
            assert float(found[place]) == pytest.approx(float((slope * way).sum()), abs=0.002 * scale)


@pytest.mark.parametrize("method", [FGSM, pgd(4)], ids=["fgsm", "pgd"])
@pytest.mark.parametrize("budget", [0.0, 0.004, 0.3])
def test_it_stays_in_the_box(
    method: object, budget: float, images: list[Tensor], losses: dict[str, Loss]
) -> None:
    assert method in (FGSM, pgd(4))
    changed = perturb(images, losses["evade"], budget, method, torch.Generator().manual_seed(0))  # type: ignore[arg-type]
    for before, after in zip(images, changed, strict=True):
        assert float((after - before).abs().max()) <= budget + 1e-12
        assert 0 <= float(after.min()) <= float(after.max()) <= 1
        assert torch.equal(before, after) == (budget == 0)


@pytest.mark.parametrize("name", ["misclassify", "evade", "collide", "bits"])
def test_a_step_raises_the_loss_and_more_steps_raise_it_more(
    name: str, images: list[Tensor], losses: dict[str, Loss]
) -> None:
    loss, generator = losses[name], torch.Generator()
    changed = [perturb(images, loss, 0.01, method, generator.manual_seed(0)) for method in (FGSM, pgd(8))]
    with torch.no_grad():
        before, once, often = (float(loss(some).mean()) for some in (images, *changed))
    assert before < once < often


def test_fgsm_is_its_formula(images: list[Tensor], losses: dict[str, Loss]) -> None:
    loss = losses["misclassify"]
    changed = perturb(images, loss, 0.01, FGSM, torch.Generator())
    for image, slope, after in zip(images, gradients(images, loss), changed, strict=True):
        torch.testing.assert_close(after, (image + 0.01 * slope.sign()).clamp(0, 1))


def test_known_slopes_change_nothing(images: list[Tensor], losses: dict[str, Loss]) -> None:
    """All budgets share them; a method with a random start must not use them."""
    loss = losses["evade"]
    slopes = gradients(images, loss)
    zeros = [torch.zeros_like(image) for image in images]
    for method, wrong in ((FGSM, slopes), (pgd(2), zeros)):
        fresh, given = (
            perturb(images, loss, 0.01, method, torch.Generator().manual_seed(0), some)
            for some in (None, wrong)
        )
        assert all(torch.equal(one, other) for one, other in zip(fresh, given, strict=True))


def test_the_random_start_depends_on_the_seed_alone(images: list[Tensor], losses: dict[str, Loss]) -> None:
    one, same, other = (
        perturb(images, losses["evade"], 0.01, pgd(1), torch.Generator().manual_seed(seed))
        for seed in (1, 1, 2)
    )
    assert torch.equal(one[0], same[0])
    assert not torch.equal(one[0], other[0])


@pytest.mark.parametrize("size", [(300, 200), (200, 300), (128, 128), (90, 160), (160, 90), (40, 700)])
def test_squashing_is_that_of_the_program(size: tuple[int, int]) -> None:
    image = pictures.draw(5, *size)
    expected = to_pixels([image], 128)[0].astype(float)
    found = squash([to_tensor(image)], 128)[0].permute(1, 2, 0).numpy() * 255
    # Very long pictures are first shrunk by whole factors there, which is a little coarser.
    tolerance = 1.1 if max(size) < 500 else 40
    assert np.abs(found - expected).max() <= tolerance
    assert np.abs(found - expected).mean() < 0.6


def test_the_networks_input_is_normalised() -> None:
    image = pictures.draw(1, 64, 64)
    pixels = torch.from_numpy(to_pixels([image], 32))
    torch.testing.assert_close(network_input([to_tensor(image)], 32), normalised(pixels), atol=0.03, rtol=0)


def test_eight_bits_round_to_the_nearest() -> None:
    levels = torch.tensor([0.0, 0.49, 0.51, 127.6, 254.4, 255.0]) / 255
    picture = levels.repeat(3, 1, 1)
    assert np.asarray(to_image(picture))[0, :, 0].tolist() == [0, 0, 1, 128, 254, 255]
    image = pictures.draw(3, 20, 30)
    assert to_image(to_tensor(image)).tobytes() == image.tobytes()


def test_a_file_keeps_to_its_budget() -> None:
    """However far rounding would go: 1.275 levels are one, and half a level is none."""
    image = pictures.draw(3, 20, 30)
    before = np.asarray(image, np.int16)
    for budget, most in ((0.002, 0), (0.003, 0), (1 / 255, 1), (0.005, 1), (0.01, 2), (0.03, 7)):
        assert whole_levels(budget) == most
        far = (to_tensor(image) + budget).clamp(0, 1)
        after = np.asarray(to_file(far, image, budget), np.int16)
        assert np.array_equal(after, np.minimum(before + most, 255))


def test_copy_cosines_are_those_of_the_card() -> None:
    generator = torch.Generator().manual_seed(5)
    first, second = (
        torch.nn.functional.normalize(torch.randn(4, 512, generator=generator), dim=1) for _ in range(2)
    )
    for copy_dim in (0, COPY):
        card = ModelCard("test", "a test", "none", 512, SIDE, 0.2, 4, copy_dim)
        parts = [card.copy_part(rows.numpy()) for rows in (first, second)]
        expected = (parts[0].astype(np.float64) * parts[1]).sum(1)
        np.testing.assert_allclose(copy_cosines(first, second, copy_dim).numpy(), expected, atol=1e-6)
