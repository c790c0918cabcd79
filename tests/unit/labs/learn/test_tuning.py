from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

import networks
from lookalike.embed import ModelCard, OnnxEmbedder
from lookalike.embed.providers.torch_embedder import TorchEmbedder, weights_digest
from lookalike.errors import UsageError
from lookalike.labs.learn import trainer
from lookalike.labs.learn.checkpoints import load_model
from lookalike.labs.learn.conversion import convert
from lookalike.labs.learn.decoded import sample
from lookalike.labs.learn.export import export_network
from lookalike.labs.learn.models import Model
from lookalike.labs.learn.tuning import Training, fine_tune, freeze
from lookalike.labs.learn.two_readings import COPY
from lookalike.labs.shared.splits import split
from lookalike.settings import Settings
from pictures import draw

pytestmark = pytest.mark.usefixtures("slim_networks")

CPU = torch.device("cpu")
SETTINGS = Settings(threads=1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two classes that anyone can tell apart: discs and stripes."""
    made = tmp_path_factory.mktemp("shapes")
    random = np.random.default_rng(0)
    for name in ("disc", "stripe"):
        (made / name).mkdir()
        for number in range(30):
            image = Image.new("RGB", (48, 48), tuple(random.integers(0, 90, 3).tolist()))
            pen, colour = ImageDraw.Draw(image), tuple(random.integers(150, 255, 3).tolist())
            at = int(random.integers(4, 18))
            box = (at, at, at + 24, at + 24) if name == "disc" else (at, 0, at + 8, 48)
            (pen.ellipse if name == "disc" else pen.rectangle)(box, fill=colour)
            image.save(made / name / f"{number}.png")
    return made


@pytest.fixture(scope="module")
def few(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight pictures of each class, for tests that do not ask how well a network learns."""
    made = tmp_path_factory.mktemp("few")
    for name in ("disc", "stripe"):
        (made / name).mkdir()
        for number in range(8):
            shutil.copy(folder / name / f"{number}.png", made / name)
    return made


def _train(
    folder: Path, out: Path, start: Model, *, epochs: int, freeze: int = 0, resume: bool = False
) -> Model:
    parts = split(folder, None, None, seed=0)
    model, _ = fine_tune(
        start,
        parts,
        Training(epochs, freeze, 32, seed=1),
        out,
        device=CPU,
        settings=SETTINGS,
        resume=resume,
    )
    return model


@pytest.mark.slow
@pytest.mark.usefixtures("full_networks")
def test_it_learns_what_anyone_sees_and_writes_it(folder: Path, tmp_path: Path) -> None:
    parts = split(folder, None, None, seed=0)
    model, accuracy = fine_tune(
        load_model("lite0"),
        parts,
        Training(2, 2, 96, seed=1),
        tmp_path / "m.pt",
        device=CPU,
        settings=SETTINGS,
        resume=False,
    )
    assert accuracy >= 5 / 6
    found = load_model(str(tmp_path / "m.pt"))
    assert (found.side, found.classes) == (96, ("disc", "stripe"))
    assert weights_digest(found.classifier()) == weights_digest(model.classifier())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["m.pt", "m.pt.log.jsonl"]


@pytest.mark.slow
def test_frozen_stages_stay_as_they_were(few: Path, tmp_path: Path) -> None:
    before = networks.network().state_dict()
    after = _train(
        few, tmp_path / "m.pt", Model(networks.network(), 32), epochs=1, freeze=2
    ).network.state_dict()
    changed = {name.split(".")[1] for name in before if not torch.equal(before[name], after[name])}
    assert changed == {"layer3", "layer4", "weight", "bias"}  # the last two are the projection's


@pytest.mark.slow
def test_a_stopped_run_goes_on(few: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def small() -> Model:
        return Model(networks.two_readings(), 32)

    straight = _train(few, tmp_path / "a.pt", small(), epochs=2)
    report = trainer.Trainer._report

    def stop(self: trainer.Trainer, **facts: float) -> None:
        report(self, **facts)
        raise KeyboardInterrupt

    monkeypatch.setattr(trainer.Trainer, "_report", stop)
    with pytest.raises(KeyboardInterrupt):
        _train(few, tmp_path / "b.pt", small(), epochs=2)
    monkeypatch.undo()
    resumed = _train(few, tmp_path / "b.pt", small(), epochs=2, resume=True)
    assert weights_digest(resumed.classifier()) == weights_digest(straight.classifier())


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network with two readings as an embedder's file."""
    path = tmp_path_factory.mktemp("exported") / "two.onnx"
    export_network(networks.two_readings(), path, ModelCard("two", "x", "x", 512, 64, 0.2, 4, COPY))
    return path


class TestTwoReadings:
    """From an exported network with two readings to a trained one and back to an embedder."""

    @pytest.mark.slow
    @pytest.mark.parametrize("stages", [0, 2])
    def test_it_trains_on_and_becomes_an_embedder(
        self, stages: int, exported: Path, few: Path, tmp_path: Path
    ) -> None:
        start = load_model(str(exported))
        before = {name: values.clone() for name, values in start.network.state_dict().items()}
        trained, _ = fine_tune(
            start,
            split(few, None, None, seed=0),
            Training(1, stages, start.side, seed=1),
            tmp_path / "m.pt",
            device=CPU,
            settings=SETTINGS,
            resume=False,
        )
        after = trained.network.state_dict()
        changed = {name.split(".")[0] for name in before if not torch.equal(before[name], after[name])}
        assert changed == {"copy", "likeness", *(() if stages else ("stem", "trunk"))}

        found = load_model(str(tmp_path / "m.pt"))
        images = [draw(seed, 64, 64) for seed in range(3)]
        expected = networks.embed(trained.network, images)
        np.testing.assert_array_equal(networks.embed(found.network, images), expected)
        assert (found.side, found.classes) == (64, ("disc", "stripe"))

        card = convert(found, tmp_path / "mine.onnx", "MIT", None).card
        embedder = OnnxEmbedder(tmp_path / "mine.onnx")
        np.testing.assert_allclose(embedder.embed(images), expected, atol=1e-4)
        assert embedder.card == card
        assert (card.copy_dim, card.dim) == (COPY, 512)
        assert card.summary == "EfficientNet-Lite0 with a copy and a likeness tail, 2 classes"

    def test_it_is_what_was_exported(self, exported: Path) -> None:
        images = [draw(seed, 64, 64) for seed in range(3)]
        read_back = load_model(str(exported))
        expected = networks.embed(networks.two_readings(), images)
        np.testing.assert_allclose(networks.embed(read_back.network, images), expected, atol=1e-4)
        assert read_back.side == 64

    @pytest.mark.usefixtures("full_networks")
    def test_freeze_counts_stages(self) -> None:
        sizes = [
            sum(parameter.numel() for parameter in freeze(networks.two_readings(), stages))
            for stages in range(5)
        ]
        assert sizes == sorted(set(sizes), reverse=True)
        assert sizes[4] == 1280 * 512 + 512


@pytest.mark.usefixtures("full_networks")
def test_freeze_counts_stages() -> None:
    sizes = []
    for stages in range(5):
        parameters = freeze(networks.network(), stages)
        sizes.append(sum(parameter.numel() for parameter in parameters))
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[4] == 512 * 512 + 512
    assert sizes[0] == 21_284_672 + sizes[4]


@pytest.mark.parametrize("values", [(0, 0, 32), (1, 5, 32), (1, -1, 32), (1, 0, 16)])
def test_settings_that_make_no_sense(values: tuple[int, int, int]) -> None:
    with pytest.raises(UsageError, match="must be"):
        Training(*values, seed=0)


class TestConversion:
    def test_without_pictures_in_float32(self, tmp_path: Path) -> None:
        model = Model(networks.network(), 64)
        result = convert(model, tmp_path / "mine.onnx", "MIT", None)
        assert (result.agreement, result.card.name, result.card.licence) == (None, "mine", "MIT")
        assert (result.card.summary, result.card.copy_dim) == ("ResNet-34", 0)
        images = [draw(seed, 64, 64) for seed in range(3)]
        expected = networks.embed(model.network, images)
        np.testing.assert_allclose(OnnxEmbedder(tmp_path / "mine.onnx").embed(images), expected, atol=1e-5)

    def test_with_pictures_in_integers(self, folder: Path, tmp_path: Path) -> None:
        pictures = sample(folder, 48, SETTINGS)
        result = convert(Model(networks.network(), 48), tmp_path / "mine.onnx", "MIT", pictures)
        assert result.agreement is not None
        assert 0.9 < result.agreement[0] <= result.agreement[1] < 1
        assert OnnxEmbedder(tmp_path / "mine.onnx").card == result.card
        assert [path.name for path in tmp_path.iterdir()] == ["mine.onnx"]

    def test_with_one_picture_in_two_classes(self, folder: Path, tmp_path: Path) -> None:
        pictures = sample(folder, 48, SETTINGS)
        pictures.pixels[:] = pictures.pixels[:1] * len(pictures.pixels)
        result = convert(Model(networks.network(), 48), tmp_path / "mine.onnx", "MIT", pictures)
        assert OnnxEmbedder(tmp_path / "mine.onnx").card.same_distance == result.card.same_distance == 0.001

    def test_with_too_few(self, folder: Path, tmp_path: Path) -> None:
        pictures = sample(folder, 48, SETTINGS, most=8)
        with pytest.raises(UsageError, match="need 32 pictures or more, not 8"):
            convert(Model(networks.network(), 48), tmp_path / "mine.onnx", "MIT", pictures)


class TestTorchEmbedder:
    def test_it_is_the_module(self) -> None:
        network = networks.network()

        def prepare(image: Image.Image) -> torch.Tensor:
            pixels = torch.from_numpy(np.asarray(image, np.float32).copy()).permute(2, 0, 1) / 255
            mean, deviation = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
            return (pixels - mean[:, None, None]) / deviation[:, None, None]

        facts = ModelCard("x", "x", "x", 512, 64, 0.1, 16)
        embedder = TorchEmbedder(network, prepare, facts, "plain")
        images = [draw(seed, 64, 64) for seed in range(3)]
        np.testing.assert_allclose(embedder.embed(images), networks.embed(network, images), atol=1e-5)
        assert embedder.embed([]).shape == (0, 512)
        prints = {
            TorchEmbedder(networks.network(seed), prepare, facts, text).fingerprint
            for seed in (3, 4)
            for text in ("plain", "other")
        }
        assert len(prints) == 4
        assert embedder.fingerprint in prints
