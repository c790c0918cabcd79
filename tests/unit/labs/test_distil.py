from __future__ import annotations

import io
import json
import tarfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import networks
import pictures
from lookalike.embed import OnnxEmbedder, load_embedder
from lookalike.errors import DamagedError, UsageError
from lookalike.labs.learn import distil
from lookalike.labs.learn.bundle import even_out, make_bundle
from lookalike.labs.learn.edits import Edits, Order, Plan
from lookalike.labs.learn.network import normalised
from lookalike.labs.learn.onnx_weights import read_network
from lookalike.labs.learn.recipe import Recipe, read_recipe
from lookalike.labs.learn.teacher import Teacher, teach
from lookalike.labs.learn.training_pictures import LONGEST, TrainingPictures, load

BUNDLED = Path(distil.__file__).with_name("resnet34.toml")
LISTED, PACKED = 6, 9
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder as a recipe wants it, small: two classes of pictures, three in a tar, first weights."""
    folder = tmp_path_factory.mktemp("data")
    names = []
    for number in range(LISTED):
        name = f"class{number % 2}/{number}.png"
        (folder / "pictures" / name).parent.mkdir(parents=True, exist_ok=True)
        pictures.draw(number, 250, 100).save(folder / "pictures" / name)
        names.append(name)
    (folder / "train.txt").write_text("\n".join(names) + "\n")
    with tarfile.open(folder / "more.tar", "w") as tar:
        for number in range(PACKED):
            file = io.BytesIO()
            pictures.draw(100 + number, 40, 40).save(file, "PNG")
            entry = tarfile.TarInfo(f"n{number % 3}/{number}.png")
            entry.size = file.tell()
            file.seek(0)
            tar.addfile(entry, file)
    state = networks.network(projected=False).body.state_dict()
    np.savez(folder / "start.npz", **{name: value.numpy() for name, value in state.items()})  # type: ignore[arg-type]
    return folder


@pytest.fixture
def recipe() -> Recipe:
    return replace(
        read_recipe(BUNDLED),
        pictures="pictures",
        training_list="train.txt",
        archive="more.tar",
        start="start.npz",
        shares=(2, 3),
        sides=(32, 40),
        steps=(3, 2),
        warm_up=2,
    )


def _with_features(folder: Path) -> Path:
    """A folder in which the teacher has already been asked."""
    folder.mkdir()
    features = np.random.default_rng(0).random((LISTED + PACKED, 1280), np.float32)
    np.save(folder / "teacher.npy", features)
    return folder


@pytest.fixture(autouse=True)
def _narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fifteen pictures span too few directions for 512 targets: give the rest a little of their own."""
    exact = distil.fit_whitening

    def fit(features: np.ndarray, kept: int, power: float) -> object:
        noise = np.random.default_rng(1).standard_normal((600, features.shape[1])).astype(np.float32)
        return exact(np.vstack([features, features.mean(axis=0) + 0.01 * noise]), kept, power)

    monkeypatch.setattr(distil, "fit_whitening", fit)


class TestRecipe:
    def test_the_bundled_one(self) -> None:
        recipe = read_recipe(BUNDLED)
        assert recipe.training_list == "caltech101-train.txt"
        assert len(recipe.side_of_each_step()) == sum(recipe.steps)
        assert recipe.card.dim == 512

    @pytest.mark.parametrize(
        ("old", "new", "message"),
        [
            ("seed = 1", "", "too few: seed"),
            ("seed = 1", "seed = 1\nspeed = 2", "too few: speed"),
            ("seed = 1", 'seed = "one"', "seed must be of type int"),
            ("shares = [32, 32]", "shares = [32]", "length 2"),
            ("seed = 1", "seed = = 1", "cannot be read"),
            ("side = 128", "sid = 128", "card"),
        ],
    )
    def test_mistakes(self, old: str, new: str, message: str, tmp_path: Path) -> None:
        text = BUNDLED.read_text()
        assert old in text
        (tmp_path / "r.toml").write_text(text.replace(old, new))
        with pytest.raises(UsageError, match=message):
            read_recipe(tmp_path / "r.toml")

    def test_no_recipe(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="cannot be read"):
            read_recipe(tmp_path / "absent.toml")


class TestPictures:
    def test_loaded(self, data: Path) -> None:
        names = (data / "train.txt").read_text().splitlines()
        loaded = load(data / "pictures", names, data / "more.tar")
        assert loaded.names == [*names, *(f"n{number % 3}/{number}.png" for number in range(PACKED))]
        assert loaded.labels.tolist() == [0, 1, 0, 1, 0, 1, *([0, 1, 2] * 3)]
        assert loaded.sources.tolist() == [0] * LISTED + [1] * PACKED
        assert [loaded.classes(source) for source in (0, 1)] == [2, 3]
        assert loaded.pixels[0].shape == (77, LONGEST, 3)
        np.testing.assert_array_equal(loaded.pixels[LISTED], np.asarray(pictures.draw(100, 40, 40)))

    def test_a_plan_goes_through_everything_and_can_be_joined_anywhere(self) -> None:
        plan = Plan(np.repeat([0, 1], [4, 6]), (2, 3), [32] * 4, seed=5)
        whole = list(plan.batches())
        assert sorted(order.picture for batch in whole[:2] for order in batch) == list(range(10))
        assert list(plan.batches(3)) == whole[3:]
        assert len({order.seed for batch in whole for order in batch}) == 20
        assert list(Plan(plan.sources, (2, 3), [32] * 4, seed=6).batches()) != whole

    def test_edits_are_two_different_views(self) -> None:
        pixels = [np.asarray(pictures.draw(seed, 120, 100)) for seed in range(3)]
        edits = Edits(TrainingPictures([], pixels, np.zeros(3, np.int64), np.zeros(3, np.int64)))
        mild, hard, number = edits[Order(2, 9, 48)]
        assert (mild.shape, hard.shape, int(number)) == ((48, 48, 3), (48, 48, 3), 2)
        assert not torch.equal(mild, hard)
        assert torch.equal(mild, edits[Order(2, 9, 48)][0])
        assert not torch.equal(mild, edits[Order(2, 10, 48)][0])


@pytest.mark.slow
class TestDistillation:
    def test_stopped_and_resumed_it_makes_the_same_network(
        self, recipe: Recipe, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        straight = distil.Distillation(recipe, data, _with_features(tmp_path / "a"), 0, CPU).run()
        monkeypatch.setattr(distil, "_KEEP_EVERY", 2)
        folder = _with_features(tmp_path / "b")
        stopped = distil.Distillation(recipe, data, folder, 0, CPU)
        keep = stopped._keep

        def keep_and_stop() -> None:
            keep()
            raise KeyboardInterrupt

        monkeypatch.setattr(stopped, "_keep", keep_and_stop)
        with pytest.raises(KeyboardInterrupt):
            stopped.run()
        resumed = distil.Distillation(recipe, data, folder, 0, CPU)
        resumed.resume()
        found = resumed.run().state_dict()
        for name, expected in straight.state_dict().items():
            assert torch.equal(found[name], expected), name
        lines = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
        assert [line["step"] for line in lines] == [5]

    def test_it_learns(self, recipe: Recipe, data: Path, tmp_path: Path) -> None:
        """Half-way its embeddings are further from the teacher's than in the end."""
        long = replace(recipe, sides=(32,), steps=(50,))
        run = distil.Distillation(long, data, _with_features(tmp_path / "run"), 0, CPU)
        run.run()
        lines = (tmp_path / "run" / "log.jsonl").read_text().splitlines()
        first, last = (json.loads(line) for line in lines)
        assert last["cosine"] < first["cosine"] - 0.03

    def test_another_recipes_checkpoint_is_refused(self, recipe: Recipe, data: Path, tmp_path: Path) -> None:
        folder = _with_features(tmp_path / "run")
        distil.Distillation(replace(recipe, sides=(32,), steps=(1,)), data, folder, 0, CPU).run()
        with pytest.raises(DamagedError, match="another recipe"):
            distil.Distillation(recipe, data, folder, 0, CPU).resume()

    def test_evening_out_changes_the_variances_and_nothing_else(self) -> None:
        network = networks.network()
        pixels = np.stack([np.asarray(pictures.draw(seed, 48, 48)) for seed in range(600)])
        with torch.inference_mode():
            before = network.features(normalised(torch.from_numpy(pixels))).numpy().astype(np.float64)
            even_out(network, pixels, 0.5)
            after = network.features(normalised(torch.from_numpy(pixels))).numpy().astype(np.float64)
        assert np.abs(after.mean(axis=0)).max() < 0.05 * after.std()
        spread, narrowed = (np.linalg.eigvalsh(np.cov(part.T))[::-1][:8] for part in (before, after))
        np.testing.assert_allclose(narrowed, spread**0.5, rtol=0.1)

    def test_from_recipe_to_embedder(self, recipe: Recipe, data: Path, tmp_path: Path) -> None:
        folder = _with_features(tmp_path / "run")
        # Six pictures say nothing of 512 variances: evening these out would blow up the rounding of 8 bits.
        recipe = replace(recipe, card=replace(recipe.card, side=64), output_power=0.0)
        path = make_bundle(recipe, data, folder, 0, CPU)
        embedder, exact = OnnxEmbedder(path), OnnxEmbedder(folder / "resnet34-float32.onnx")
        assert embedder.card.name == "resnet34"
        images = [pictures.draw(seed, 64, 64) for seed in range(4)]
        assert (embedder.embed(images) * exact.embed(images)).sum(axis=1).min() > 0.95
        assert float(read_network(path).exponent) == recipe.exponent


@pytest.mark.shared
@pytest.mark.slow
class TestTeacher:
    def test_it_parts_classes(self, shared_data: Path) -> None:
        """Real pictures: each is nearest to one of its own class."""
        classes = ("Faces_easy", "airplanes", "pizza")
        arrays = [
            np.asarray(
                Image.open(shared_data / "caltech101" / name / f"image_{number:04d}.jpg").convert("RGB")
            )
            for name in classes
            for number in range(1, 4)
        ]
        model = shared_data / "teacher" / "mobilenet_v2_1.0_224_quant.tflite"
        features = teach(model, arrays, 2)
        assert features.shape == (9, 1280)
        assert features.min() >= 0
        alone = Teacher(model).features(Image.fromarray(arrays[4]))
        np.testing.assert_allclose(features[4], alone, rtol=1e-6)
        units = features / np.linalg.norm(features, axis=1, keepdims=True)
        nearest = (units @ units.T - 2 * np.eye(9)).argmax(axis=1)
        assert (nearest // 3).tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2]

    def test_it_is_an_embedder_too(self, shared_data: Path) -> None:
        model = shared_data / "teacher" / "mobilenet_v2_1.0_224_quant.tflite"
        embedder = load_embedder(f"mobilenetv2:{model}")
        images = [pictures.draw(place) for place in range(4)]
        with ThreadPoolExecutor(2) as pool:
            first, second = pool.map(embedder.embed, (images[:2], images[2:]))
        features = np.stack([Teacher(model).features(picture) for picture in images])
        units = features / np.linalg.norm(features, axis=1, keepdims=True)
        np.testing.assert_allclose(np.concatenate([first, second]), units, atol=1e-6)
        assert embedder.embed([]).shape == (0, embedder.card.dim)
