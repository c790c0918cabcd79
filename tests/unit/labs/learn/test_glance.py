"""The copy part's second glance and negatives: against a computation by hand, and as an ONNX file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

import networks
from lookalike.embed import ModelCard, OnnxEmbedder
from lookalike.labs.learn.checkpoints import load_model
from lookalike.labs.learn.export import export_network
from lookalike.labs.learn.glance import MIDDLE
from lookalike.labs.learn.models import Model, save_model
from lookalike.labs.learn.negatives import SHARE, TEMPERATURE
from lookalike.labs.learn.network import normalised
from lookalike.labs.learn.onnx_weights import read_network
from lookalike.labs.learn.quantise import quantise
from lookalike.labs.learn.two_readings import COPY, COPY_SHARE, TwoReadings
from pictures import draw

pytestmark = pytest.mark.usefixtures("slim_networks")

SIDE = 128
CARD = ModelCard("glancing", "random weights", "public domain", 512, SIDE, 0.3, 4, COPY)
IMAGES = [draw(seed, SIDE, SIDE) for seed in range(4)]


def _unit(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def _reduction(side: int, seen: int) -> NDArray[np.float64]:
    """(seen, side): Keys' cubic, a = -1/2, as wide as a pixel of the result, and cut off at the border."""
    scale = side / seen
    centres = (np.arange(seen)[:, None] + 0.5) * scale
    far = np.abs((np.arange(side) + 0.5 - centres) / scale)
    near = 1.5 * far**3 - 2.5 * far**2 + 1
    weights = np.where(far < 1, near, np.where(far < 2, -0.5 * far**3 + 2.5 * far**2 - 4 * far + 2, 0))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


@pytest.fixture(scope="module")
def network() -> TwoReadings:
    return networks.two_readings(glancing=True)


@pytest.fixture(scope="module")
def x() -> torch.Tensor:
    return normalised(torch.from_numpy(np.stack([np.asarray(image) for image in IMAGES])))


@pytest.fixture(scope="module")
def exported(network: TwoReadings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("exported") / "m.onnx"
    export_network(network, path, CARD)
    return path


def test_both_views_are_summed_whitened_and_parted_from_negatives_as_by_hand(
    network: TwoReadings, x: torch.Tensor
) -> None:
    glance = network.glance
    assert glance is not None
    reduction = torch.from_numpy(_reduction(128, 96))
    whole, middle = (reduction @ x.double() @ reduction.T).float(), x[:, :, 16:112, 16:112].flip(3)
    with torch.inference_mode():
        found = network(x).double().numpy()
        seen = [network.maps(view) for view in (whole, middle)]
        first, second = (_unit(network.copy(maps).double().numpy()) for maps in seen)
        likeness = _unit(network.likeness(seen[0]).double().numpy())
    weight, bias = (value.detach().double().numpy() for value in glance.whitening.parameters())
    copy = _unit(_unit(first + MIDDLE * second) @ weight.T + bias)
    centres = glance.negatives.centres.double().numpy()
    near = np.exp(copy @ centres.T / TEMPERATURE)
    copy = _unit(copy - SHARE * near / near.sum(axis=1, keepdims=True) @ centres)
    expected = np.hstack([np.sqrt(COPY_SHARE) * copy, np.sqrt(1 - COPY_SHARE) * likeness])
    np.testing.assert_allclose(found, expected, atol=1e-5)
    assert np.abs(first - second).max() > 1e-3  # else a network that looks twice at one view would pass too


class TestFile:
    def test_it_computes_what_torch_computes(self, network: TwoReadings, exported: Path) -> None:
        found = OnnxEmbedder(exported).embed(IMAGES)
        np.testing.assert_allclose(found, networks.embed(network, IMAGES), atol=1e-5)

    def test_one_picture_is_seen_as_among_others(self, exported: Path) -> None:
        embedder = OnnxEmbedder(exported)
        alone = np.concatenate([embedder.embed([image]) for image in IMAGES])
        np.testing.assert_allclose(alone, embedder.embed(IMAGES), atol=1e-5)

    def test_nothing_is_lost_on_the_way_back(self, network: TwoReadings, exported: Path) -> None:
        found = read_network(exported).state_dict()
        assert sorted(found) == sorted(network.state_dict())
        for name, expected in network.state_dict().items():
            np.testing.assert_allclose(
                found[name].numpy(), expected.numpy(), rtol=1e-4, atol=1e-5, err_msg=name
            )

    def test_in_8_bits_it_comes_back_too(self, exported: Path) -> None:
        rounded = exported.with_name("rounded.onnx")
        quantise(exported, rounded, np.stack([np.asarray(draw(seed, SIDE, SIDE)) for seed in range(16)]))
        exact, found = (OnnxEmbedder(path).embed(IMAGES) for path in (exported, rounded))
        assert 1e-7 < 1 - (exact * found).sum(axis=1).min() < 0.05
        back = networks.embed(read_network(rounded), IMAGES)
        assert (back * found).sum(axis=1).min() > 0.95


def test_a_models_file_keeps_the_glance(network: TwoReadings, tmp_path: Path) -> None:
    save_model(Model(network, SIDE), tmp_path / "m.pt")
    found = load_model(str(tmp_path / "m.pt")).network
    np.testing.assert_array_equal(networks.embed(found, IMAGES), networks.embed(network, IMAGES))
