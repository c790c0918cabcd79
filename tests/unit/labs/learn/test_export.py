from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper

import networks
from lookalike.embed import ModelCard, OnnxEmbedder
from lookalike.embed.registry import WEIGHTS
from lookalike.errors import DamagedError, NotFoundError
from lookalike.labs.learn.export import export_network
from lookalike.labs.learn.network import EmbeddingNetwork
from lookalike.labs.learn.onnx_weights import read_network
from lookalike.labs.learn.quantise import quantise
from lookalike.labs.learn.resnet34 import ResNet34
from pictures import draw

SIDE = 64
CARD = ModelCard("random", "random weights", "public domain", 512, SIDE, 0.3, 4)
IMAGES = [draw(seed, SIDE, SIDE) for seed in range(4)]


def _cosine_distances(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    a, b = (v / np.linalg.norm(v.astype(np.float64), axis=1, keepdims=True) for v in (first, second))
    return np.asarray(1 - (a * b).sum(axis=1))


def _assert_same(network: EmbeddingNetwork, path: Path) -> None:
    """A file computes what its network does, and has its card."""
    embedder = OnnxEmbedder(path)
    found = embedder.embed(IMAGES)
    assert _cosine_distances(found, networks.embed(network, IMAGES)).max() < 1e-6
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
    assert embedder.card == CARD


@pytest.fixture(scope="module")
def network() -> EmbeddingNetwork:
    return networks.network()


@pytest.fixture(scope="module")
def exported(network: EmbeddingNetwork, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("exported") / "m.onnx"
    export_network(network, path, CARD)
    return path


@pytest.fixture(scope="module")
def rounded(exported: Path) -> Path:
    pixels = np.stack([np.asarray(draw(seed, SIDE, SIDE)) for seed in range(48)])
    path = exported.with_name("rounded.onnx")
    quantise(exported, path, pixels)
    return path


class TestNetwork:
    def test_it_has_torchvisions_parameters(self) -> None:
        """Their number and size: 21,284,672 without the head, as torchvision's documentation implies."""
        state = ResNet34().state_dict()
        learned = [name for name in state if name.rpartition(".")[2] in ("weight", "bias")]
        assert sum(state[name].numel() for name in learned) == 21_797_672 - (512 * 1000 + 1000)
        assert {name.partition(".")[0] for name in state} == {
            "conv1",
            "bn1",
            *(f"layer{n}" for n in range(1, 5)),
        }
        assert tuple(state["layer2.0.downsample.0.weight"].shape) == (128, 64, 1, 1)
        assert tuple(state["layer4.2.conv2.weight"].shape) == (512, 512, 3, 3)
        assert "layer1.0.downsample.0.weight" not in state

    def test_pooling_is_the_generalised_mean(self) -> None:
        with networks.slim():
            network = networks.network(exponent=3, projected=False)
        x = torch.rand(2, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(1))
        with torch.inference_mode():
            # In the order that the network itself uses: another one rounds otherwise.
            maps = network.body(x.contiguous(memory_format=torch.channels_last)).double().numpy()
            found = network.features(x).numpy()
        np.testing.assert_allclose(found, (maps**3).mean(axis=(2, 3)) ** (1 / 3), rtol=1e-4, atol=1e-4)


class TestExport:
    def test_the_file_computes_what_torch_computes(self, network: EmbeddingNetwork, exported: Path) -> None:
        _assert_same(network, exported)

    @pytest.mark.parametrize("exponent", [1.0, 3.0])
    def test_so_it_does_without_projection(self, exponent: float, tmp_path: Path) -> None:
        with networks.slim():
            network = networks.network(exponent=exponent, projected=False)
            export_network(network, tmp_path / "m.onnx", CARD)
        _assert_same(network, tmp_path / "m.onnx")

    def test_pictures_differ(self, network: EmbeddingNetwork) -> None:
        """Else the test above would also pass for an exporter that forgets the picture."""
        vectors = networks.embed(network, IMAGES)
        assert _cosine_distances(vectors[:2], vectors[2:]).min() > 1e-3


class TestQuantise:
    def test_it_stays_near(self, exported: Path, rounded: Path) -> None:
        exact, found = (OnnxEmbedder(path).embed(IMAGES) for path in (exported, rounded))
        assert 1e-7 < _cosine_distances(exact, found).max() < 0.02

    def test_card_and_size(self, exported: Path, rounded: Path) -> None:
        assert OnnxEmbedder(rounded).card == CARD
        assert rounded.stat().st_size < 0.28 * exported.stat().st_size

    def test_seven_bits_so_that_no_processor_overflows(self, rounded: Path) -> None:
        """Those of convolutions; the projection is only stored in 8 bits, and computes in float32."""
        largest = {
            tensor.name: int(np.abs(onnx.numpy_helper.to_array(tensor).astype(np.int16)).max())
            for tensor in onnx.load(rounded).graph.initializer
            if tensor.name.endswith(".weight_quantized")
        }
        assert largest.pop("projection.weight_quantized") == 127
        assert len(largest) == 36
        assert max(largest.values()) <= 64


class TestReadNetwork:
    def test_nothing_is_lost(self, network: EmbeddingNetwork, exported: Path) -> None:
        found = read_network(exported)
        assert not found.training
        for name, expected in network.state_dict().items():
            np.testing.assert_allclose(
                found.state_dict()[name].numpy(), expected.numpy(), rtol=1e-4, atol=1e-5, err_msg=name
            )

    def test_rounded_weights_come_back_rounded(self, network: EmbeddingNetwork, rounded: Path) -> None:
        found, expected = read_network(rounded).state_dict(), network.state_dict()
        for name in ("body.conv1.weight", "body.layer3.0.downsample.0.weight", "body.layer4.2.conv2.weight"):
            step = expected[name].abs().amax(dim=(1, 2, 3), keepdim=True) / 63
            assert bool(((found[name] - expected[name]).abs() <= 0.51 * step).all())
        vectors = networks.embed(read_network(rounded), IMAGES)
        assert _cosine_distances(vectors, networks.embed(network, IMAGES)).max() < 0.01

    @pytest.mark.parametrize("name", ["lite0", "resnet34"])
    def test_the_bundled_embedders_can_be_trained_on(self, name: str) -> None:
        """Read back, they compute in float32 what the file computes in 8-bit integers, in both parts."""
        embedder = OnnxEmbedder(WEIGHTS / f"{name}.onnx")
        images = [draw(seed, embedder.card.side, embedder.card.side) for seed in range(3)]
        found = embedder.embed(images)
        expected = networks.embed(read_network(WEIGHTS / f"{name}.onnx"), images)
        assert _cosine_distances(found, expected).max() < 0.02
        copy, rest = (slice(0, embedder.card.copy_dim), slice(embedder.card.copy_dim, None))
        for part in (copy, rest) if embedder.card.copy_dim else (rest,):
            assert _cosine_distances(found[:, part], expected[:, part]).max() < 0.03

    def test_projections_in_8_bits_come_back(self) -> None:
        """Stored as whole numbers and a scale per row, times which the file itself computes."""
        path = WEIGHTS / "lite0.onnx"
        arrays = {
            tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in onnx.load(path).graph.initializer
        }
        state = read_network(path).state_dict()
        for name in ("copy.projection.weight", "likeness.projection.weight", "glance.whitening.weight"):
            values, scale = arrays[f"{name}_quantized"], arrays[f"{name}_scale"]
            assert (values.dtype, scale.shape) == (np.int8, values.shape[:1])
            np.testing.assert_array_equal(state[name].numpy(), values * scale[:, None])

    def test_files_that_hold_no_network(self, exported: Path, tmp_path: Path) -> None:
        with pytest.raises(NotFoundError, match="no model file"):
            read_network(tmp_path / "absent.onnx")
        (tmp_path / "text.onnx").write_text("not a model")
        with pytest.raises(DamagedError, match=r"no ONNX file"):
            read_network(tmp_path / "text.onnx")
        model = onnx.load(exported)
        del model.graph.initializer[5]
        onnx.save(model, tmp_path / "lacking.onnx")
        with pytest.raises(DamagedError, match="no complete network"):
            read_network(tmp_path / "lacking.onnx")
        node = helper.make_node("Identity", ["x"], ["y"])
        ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in ("x", "y")]
        onnx.save(
            helper.make_model(helper.make_graph([node], "other", ends[:1], ends[1:])), tmp_path / "other.onnx"
        )
        with pytest.raises(DamagedError, match="lab export"):
            read_network(tmp_path / "other.onnx")
