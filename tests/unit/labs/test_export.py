from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from numpy.typing import NDArray
from onnx import numpy_helper

from lookalike.embed import ModelCard, OnnxEmbedder
from lookalike.embed.registry import WEIGHTS
from lookalike.labs.learn import bundle
from lookalike.labs.learn.export import DEVIATION, MEAN, dequantised, export_resnet34
from lookalike.labs.learn.resnet34 import STAGES, ResNet34
from lookalike.labs.learn.whitening import SHRINKAGE, Whitening, fit_whitening
from pictures import draw, write

SIDE = 64
CARD = ModelCard("random", "random weights", "public domain", 512, SIDE, 0.3, 4)
IMAGES = [draw(seed, SIDE, SIDE) for seed in range(4)]

Arrays = dict[str, NDArray[Any]]


@pytest.fixture(scope="module")
def state() -> Arrays:
    """Random weights, and batch norms that have seen something."""
    torch.manual_seed(3)
    network = ResNet34()
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.normal_(module.bias, std=0.2)
            torch.nn.init.uniform_(module.weight, 0.5, 1.5)
            assert module.running_mean is not None
            assert module.running_var is not None
            torch.nn.init.normal_(module.running_mean, std=0.3)
            torch.nn.init.uniform_(module.running_var, 0.5, 2.0)
    return {name: value.numpy() for name, value in network.state_dict().items()}


def _torch_features(state: Arrays, images: list[Any]) -> NDArray[np.float64]:
    """The network's pooled features by PyTorch in float64, (n, 512)."""
    network = ResNet34()
    network.load_state_dict({name: torch.from_numpy(np.array(value)) for name, value in state.items()})
    pixels = np.stack([np.asarray(image, np.float64) for image in images]) / 255
    normal = (pixels - MEAN) / DEVIATION
    with torch.no_grad():
        features = network.double().eval()(torch.from_numpy(normal.transpose(0, 3, 1, 2)))
    return np.asarray(features.numpy())


def _quantised(state: Arrays) -> Arrays:
    """The same state with int8 convolutions, rounded here and not by the exporter."""
    packed: Arrays = {}
    for name, value in state.items():
        if value.ndim == 4:
            scale = np.abs(value).max(axis=(1, 2, 3), keepdims=True) / np.float32(127)
            packed[name], packed[f"{name}.scale"] = np.rint(value / scale).astype(np.int8), scale
        else:
            packed[name] = value
    return packed


def _cosine_distances(first: NDArray[Any], second: NDArray[Any]) -> NDArray[np.float64]:
    a, b = (v / np.linalg.norm(v.astype(np.float64), axis=1, keepdims=True) for v in (first, second))
    return np.asarray(1 - (a * b).sum(axis=1))


@pytest.fixture(scope="module")
def packed(state: Arrays) -> Arrays:
    return _quantised(state)


@pytest.fixture(scope="module")
def features(state: Arrays) -> NDArray[np.float64]:
    return _torch_features(state, IMAGES)


@pytest.fixture(scope="module")
def packed_features(packed: Arrays) -> NDArray[np.float64]:
    return _torch_features(dequantised(packed), IMAGES)


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


class TestExport:
    def test_float_weights_lose_next_to_nothing(
        self, state: Arrays, features: NDArray[np.float64], tmp_path: Path
    ) -> None:
        export_resnet34(state, tmp_path / "m.onnx", card=CARD)
        found = OnnxEmbedder(tmp_path / "m.onnx").embed(IMAGES)
        assert _cosine_distances(found, features).max() < 1e-3

    def test_int8_weights_lose_nothing(
        self, packed: Arrays, packed_features: NDArray[np.float64], tmp_path: Path
    ) -> None:
        export_resnet34(packed, tmp_path / "m.onnx", card=CARD)
        found = OnnxEmbedder(tmp_path / "m.onnx").embed(IMAGES)
        np.testing.assert_allclose(found, packed_features, rtol=1e-4, atol=1e-5 * packed_features.max())
        assert _cosine_distances(found, packed_features).max() < 1e-9

    def test_batch_norms_matter(self, state: Arrays, features: NDArray[np.float64]) -> None:
        """Else the tests above would also pass for an exporter that leaves them out."""
        plain = {**state, **{name: value * 0 for name, value in state.items() if name.endswith("_mean")}}
        assert _cosine_distances(_torch_features(plain, IMAGES), features).min() > 0.01

    def test_a_whitening_head_comes_last(
        self, packed: Arrays, packed_features: NDArray[np.float64], tmp_path: Path
    ) -> None:
        random = np.random.default_rng(8)
        head = Whitening(
            random.random(512).astype(np.float32), random.standard_normal((512, 512)).astype(np.float32)
        )
        export_resnet34(packed, tmp_path / "m.onnx", card=CARD, whitening=head)
        embedder = OnnxEmbedder(tmp_path / "m.onnx")
        expected = (packed_features - head.centre) @ head.matrix.astype(np.float64)
        expected /= np.linalg.norm(expected, axis=1, keepdims=True)
        np.testing.assert_allclose(embedder.embed(IMAGES), expected, atol=1e-5)
        assert embedder.card == CARD

    def test_a_channel_of_zeros_is_no_trouble(self, state: Arrays, tmp_path: Path) -> None:
        dead = {name: value.copy() for name, value in state.items()}
        dead["layer3.1.conv1.weight"][5] = 0
        export_resnet34(dead, tmp_path / "m.onnx", card=CARD)
        found = OnnxEmbedder(tmp_path / "m.onnx").embed(IMAGES)
        assert _cosine_distances(found, _torch_features(dead, IMAGES)).max() < 1e-3

    def test_the_file_holds_bytes_not_floats(self, state: Arrays, tmp_path: Path) -> None:
        export_resnet34(state, tmp_path / "m.onnx", card=CARD)
        weights = sum(value.size for value in state.values() if value.ndim == 4)
        assert weights < (tmp_path / "m.onnx").stat().st_size < 1.02 * weights

    @pytest.mark.shared
    def test_the_first_trained_weights_agree_with_torch(self, shared_data: Path, tmp_path: Path) -> None:
        with np.load(shared_data / "first-weights" / "resnet34-first.npz") as archive:
            state = {name: archive[name] for name in archive.files}
        export_resnet34(state, tmp_path / "m.onnx", card=CARD)
        found = OnnxEmbedder(tmp_path / "m.onnx").embed(IMAGES)
        expected = _torch_features(dequantised(state), IMAGES)
        np.testing.assert_allclose(found, expected, atol=1e-4 * expected.max())
        assert _cosine_distances(found, expected).max() < 1e-8


class TestBundledModel:
    def test_it_agrees_with_torch(self) -> None:
        """Its folded convolutions, read from the file and run by PyTorch, give what the file gives."""
        state, head = _unfolded(onnx.load(WEIGHTS / "resnet34.onnx"))
        images = [draw(seed, 128, 128) for seed in range(3)]
        features = _torch_features(state, images)
        expected = (features - head.centre) @ head.matrix.astype(np.float64)
        expected /= np.linalg.norm(expected, axis=1, keepdims=True)
        found = OnnxEmbedder(WEIGHTS / "resnet34.onnx").embed(images)
        np.testing.assert_allclose(found, expected, atol=1e-4)


def _convolution_names() -> Iterator[tuple[str, str]]:
    """Convolutions with their batch norms, in the order of the graph."""
    yield "conv1", "bn1"
    for stage, (_, blocks) in enumerate(STAGES, start=1):
        for block in range(blocks):
            name = f"layer{stage}.{block}"
            yield f"{name}.conv1", f"{name}.bn1"
            yield f"{name}.conv2", f"{name}.bn2"
            if stage > 1 and block == 0:
                yield f"{name}.downsample.0", f"{name}.downsample.1"


def _unfolded(model: onnx.ModelProto) -> tuple[Arrays, Whitening]:
    """A state dict whose batch norms only add, and the whitening head, from an exported graph."""
    constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    made_by = {node.output[0]: node for node in model.graph.node}
    state = {name: value.numpy() for name, value in ResNet34().state_dict().items()}
    convolutions = [node for node in model.graph.node if node.op_type == "Conv"]
    for node, (name, norm) in zip(convolutions, _convolution_names(), strict=True):
        values, scale = (constants[key] for key in made_by[node.input[1]].input)
        state[f"{name}.weight"] = values * scale[:, None, None, None]
        state[f"{norm}.bias"] = constants[node.input[2]]
        state[f"{norm}.running_var"] = np.full(len(scale), 1 - 1e-5, np.float32)
    (product,) = (node for node in model.graph.node if node.op_type == "MatMul")
    centre = constants[made_by[product.input[0]].input[1]]
    return state, Whitening(centre[0], constants[product.input[1]])


class TestWhitening:
    def test_it_makes_all_directions_vary_alike(self) -> None:
        random = np.random.default_rng(2)
        mixing = random.standard_normal((24, 24))
        features = (random.standard_normal((4000, 24)) @ mixing + random.random(24)).astype(np.float32)
        head = fit_whitening(features)
        whitened = (features.astype(np.float64) - head.centre) @ head.matrix
        np.testing.assert_allclose(whitened.mean(axis=0), 0, atol=1e-4)
        variances = np.linalg.eigvalsh(np.cov(features.astype(np.float64).T))[::-1]
        expected = variances / (variances + SHRINKAGE * variances.mean())
        np.testing.assert_allclose(np.cov(whitened.T), np.diag(expected), atol=1e-3)
        assert expected[:12].min() > 0.99

    def test_directions_without_variance_are_not_blown_up(self) -> None:
        features = np.zeros((100, 8), np.float32)
        features[:, 0] = np.linspace(-1, 1, 100)
        head = fit_whitening(features)
        assert np.isfinite(head.matrix).all()
        assert np.abs(head.matrix).max() < 200


@pytest.mark.slow
def test_the_command_that_makes_the_bundled_model(
    packed: Arrays, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = write(tmp_path / "pictures", 24)
    (tmp_path / "list.txt").write_text("".join(f"{path.name}\n" for path in paths))
    with zipfile.ZipFile(tmp_path / "state.npz", "w") as archive:
        for name, value in packed.items():
            with archive.open(f"{name}.npy", "w") as entry:
                np.save(entry, value)
    arguments = [str(tmp_path / name) for name in ("state.npz", "pictures", "list.txt", "out.onnx")]
    bundle.main(arguments)
    embedder = OnnxEmbedder(tmp_path / "out.onnx")
    assert embedder.card == bundle.CARD
    vectors = embedder.embed([draw(seed) for seed in range(24)])
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert np.abs(vectors.mean(axis=0)).max() < 0.2
    assert "whitened on 24 pictures" in capsys.readouterr().out
