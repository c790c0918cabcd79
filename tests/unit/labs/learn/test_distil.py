from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

import pictures
from lookalike.embed import ModelCard, OnnxEmbedder
from lookalike.embed.preprocess import to_pixels
from lookalike.embed.registry import WEIGHTS
from lookalike.errors import DamagedError, NotFoundError, UsageError
from lookalike.labs.learn import distil
from lookalike.labs.learn.bundle import fresh_network, make_bundle
from lookalike.labs.learn.copy_teacher import teach
from lookalike.labs.learn.distil import Distillation
from lookalike.labs.learn.efficientnet_lite import read_checkpoint
from lookalike.labs.learn.network import normalised
from lookalike.labs.learn.onnx_weights import read_network
from lookalike.labs.learn.packed import Packed, pack
from lookalike.labs.learn.recipe import Recipe, Source, Stage
from lookalike.labs.learn.two_readings import COPY, COPY_SHARE, TwoReadings

pytestmark = pytest.mark.usefixtures("slim_networks")

BUNDLED = Path(distil.__file__).with_name("lite0.toml")
LISTED, FOUND = 6, 9
CPU = torch.device("cpu")
STAGE = Stage(side=32, steps=3)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder as a recipe wants it, small: listed and found pictures, a body, a teacher."""
    folder = tmp_path_factory.mktemp("data")
    names = []
    for number in range(LISTED):
        name = f"class{number % 2}/{number}.png"
        (folder / "listed" / name).parent.mkdir(parents=True, exist_ok=True)
        pictures.draw(number, 250, 100).save(folder / "listed" / name)
        names.append(name)
    (folder / "train.txt").write_text("\n".join(names) + "\n")
    (folder / "found").mkdir()
    for number in range(FOUND):
        pictures.draw(100 + number, 40, 40).save(folder / "found" / f"{number}.jpg")
    (folder / "found" / "broken.jpg").write_bytes(b"no picture")
    Image.new("RGB", (64, 64), "white").save(folder / "found" / "blank.png")
    _write_teacher(folder / "teacher.onnx")
    _write_body(folder / "body.pth")
    return folder


def _write_teacher(path: Path) -> None:
    """Mean colour of the four quarters, mapped to 512 numbers: takes and gives what SSCD's file does."""
    matrix = np.random.default_rng(5).standard_normal((12, 512)).astype(np.float32)
    nodes = [
        helper.make_node("Cast", ["image"], ["float"], to=TensorProto.FLOAT),
        helper.make_node("Transpose", ["float"], ["planes"], perm=[0, 3, 1, 2]),
        helper.make_node("AveragePool", ["planes"], ["quarters"], kernel_shape=[16, 16], strides=[16, 16]),
        helper.make_node("Flatten", ["quarters"], ["flat"]),
        helper.make_node("MatMul", ["flat", "matrix"], ["embedding"]),
    ]
    graph = helper.make_graph(
        nodes,
        "teacher",
        [helper.make_tensor_value_info("image", TensorProto.UINT8, ["n", "h", "w", 3])],
        [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["n", 512])],
        [numpy_helper.from_array(matrix, "matrix")],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)


def _write_body(path: Path) -> None:
    """A freshly drawn EfficientNet-Lite0 under the names of the published checkpoint."""
    torch.manual_seed(3)
    own = {"stem": "_conv_stem", "head": "_conv_head"}
    parts = {"expand": ("_expand_conv", "_bn0"), "filter": ("_depthwise_conv", "_bn1")}
    parts["narrow"] = ("_project_conv", "_bn2")
    state = {"_fc.weight": torch.zeros(1000, 1280), "_fc.bias": torch.zeros(1000)}
    network = TwoReadings()
    for module in network.modules():
        if isinstance(module, torch.nn.Conv2d):
            torch.nn.init.kaiming_normal_(module.weight)  # so that signals do not fade from block to block
    for name, values in network.state_dict().items():
        first, *rest = name.split(".")
        if first == "likeness" or "projection" in name or "exponent" in name:
            continue
        if first == "copy":
            first, *rest = rest
            if first == "blocks":
                first, rest[0] = "trunk", str(int(rest[0]) + 8)
        if first == "trunk":
            number, part, kind, value = rest
            state[f"_blocks.{number}.{parts[part][kind == 'norm']}.{value}"] = values
        else:
            kind, value = rest
            norm = "_bn0" if first == "stem" else "_bn1"
            state[f"{norm if kind == 'norm' else own[first]}.{value}"] = values
    torch.save(state, path)


@pytest.fixture(scope="module")
def recipe() -> Recipe:
    return replace(
        Recipe.read(BUNDLED),
        body="body.pth",
        teacher="teacher.onnx",
        sources=(Source("listed", 0, "train.txt", 32), Source("found", 8, "", 32)),
        stages=(STAGE, Stage(side=64, steps=2)),
        pages=3,
        pictures=8,
        uses=2,
        warm_up=2,
    )


@pytest.fixture(scope="module")
def tiny(recipe: Recipe) -> Recipe:
    """The recipe with a card of its own, and no whitening that so few pictures would make noise of.

    It has one stage, as each starts processes that edit views, which import PyTorch.
    """
    card = ModelCard("tiny", "a test", "none", 512, 96, 0.3, 4, COPY)
    return replace(recipe, stages=(STAGE,), copy_power=0.0, negatives=4, card=card)


@pytest.fixture(scope="module")
def bundle(tiny: Recipe, data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The embedder that the recipe makes, in integers; beside it lies the one in float32."""
    return make_bundle(tiny, data, tmp_path_factory.mktemp("out"), 1, CPU)


@pytest.fixture
def packed(data: Path, recipe: Recipe, tmp_path: Path) -> Packed:
    return pack(recipe.sources, recipe.pages, data, tmp_path, 1, 2)


class TestRecipe:
    def test_the_bundled_one(self) -> None:
        recipe = Recipe.read(BUNDLED)
        assert recipe.sources[0] == Source("caltech101", 0, "caltech101-train.txt", 192)
        assert (recipe.card.dim, recipe.card.copy_dim, recipe.card.side) == (512, COPY, 296)

    @pytest.mark.parametrize(
        ("old", "new", "message"),
        [
            ("seed = 1", "", "too few: seed"),
            ("seed = 1", "seed = 1\nspeed = 2", "too few: speed"),
            ("seed = 1", 'seed = "one"', "seed must be of type int"),
            ("side = 160", "size = 160", "too few: side, size"),
            ("seed = 1", "seed = = 1", "cannot be read"),
            ("hash_drift = 16", "hash = 128", "card"),
        ],
    )
    def test_mistakes(self, old: str, new: str, message: str, tmp_path: Path) -> None:
        text = BUNDLED.read_text()
        assert old in text
        (tmp_path / "r.toml").write_text(text.replace(old, new))
        with pytest.raises(UsageError, match=message):
            Recipe.read(tmp_path / "r.toml")

    def test_no_recipe(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="cannot be read"):
            Recipe.read(tmp_path / "absent.toml")


class TestPictures:
    def test_all_readable_ones_of_all_sources_are_there_once(self, packed: Packed) -> None:
        listed = {f"listed/class{n % 2}/{n}.png" for n in range(LISTED)}
        assert {name for name in packed.names if name.startswith("listed")} == listed
        found = [name for name in packed.names if name.startswith("found")]
        assert len(set(found)) == len(found)
        assert set(found) <= {
            f"found/{n}.jpg" for n in range(FOUND)
        }  # the broken and the blank one are left out
        assert {name for name in packed.names if name.startswith("page")} == {"page/0", "page/1", "page/2"}
        for number, start in enumerate(("listed", "found", "page")):
            of_it = [name.startswith(start) for name in packed.names]
            np.testing.assert_array_equal(of_it, packed.sources == number)

    def test_a_picture_comes_back_as_it_was(self, packed: Packed) -> None:
        number = packed.names.index("listed/class1/3.png")
        given, kept = pictures.draw(3, 250, 100), packed.image(number)
        assert kept.size == given.size
        assert np.abs(np.asarray(kept, np.float32) - np.asarray(given, np.float32)).mean() < 6  # JPEG's loss
        assert min(packed.image(packed.names.index(next(n for n in packed.names if "found" in n))).size) == 96

    def test_an_empty_source(self, tmp_path: Path) -> None:
        (tmp_path / "none").mkdir()
        with pytest.raises(UsageError, match="there are no pictures in"):
            pack([Source("none", 0, "", 32)], 0, tmp_path, tmp_path, 1, 1)


def test_the_teacher_sees_each_untouched_picture(packed: Packed, data: Path, tmp_path: Path) -> None:
    features = teach(data / "teacher.onnx", packed, [32, 32, 32], tmp_path / "teacher", 2)
    matrix = np.random.default_rng(5).standard_normal((12, 512)).astype(np.float32)
    for number in range(len(packed)):
        image = packed.image(number).resize((32, 32), Image.Resampling.BICUBIC, reducing_gap=2.0)
        quarters = np.asarray(image, np.float32).reshape(2, 16, 2, 16, 3).mean(axis=(1, 3))
        np.testing.assert_allclose(features[number], quarters.transpose(2, 0, 1).ravel() @ matrix, rtol=1e-3)


class TestDistillation:
    def _begun(self, recipe: Recipe, packed: Packed, data: Path, folder: Path) -> Distillation:
        targets = np.random.default_rng(0).standard_normal((len(packed), COPY)).astype(np.float32)
        targets /= np.linalg.norm(targets, axis=1, keepdims=True)
        pages = packed.sources == 2
        return Distillation(recipe, fresh_network(data / "body.pth"), targets, pages, folder, CPU)

    def _run(self, recipe: Recipe, packed: Packed, data: Path, folder: Path) -> Distillation:
        run = self._begun(recipe, packed, data, folder)
        for number, stage in enumerate(recipe.stages):
            run.train(number, stage, 0)
        return run

    def test_it_learns(self, recipe: Recipe, packed: Packed, data: Path, tmp_path: Path) -> None:
        longer = replace(recipe, stages=(replace(STAGE, steps=75),), pictures=16, uses=10)
        longer = replace(longer, learning_rate=1e-2)
        run = self._run(longer, packed, data, tmp_path)
        lines = [json.loads(line) for line in (tmp_path / distil.LOG).read_text().splitlines()]
        assert [line["step"] for line in lines] == [25, 50, 75]
        for name, share in (("cosine", 0.9), ("similarity", 0.8), ("contrastive", 0.95)):
            assert lines[-1][name] < share * lines[0][name], name
        start = fresh_network(data / "body.pth").state_dict()
        changed = {
            name for name, values in run.averaged.state_dict().items() if not torch.equal(values, start[name])
        }
        for part in ("stem", "trunk.0", "copy.blocks.0", "copy.projection", "likeness.blocks.0"):
            assert any(name.startswith(part) for name in changed), part

    def test_stopped_between_stages_it_goes_on_to_the_same_weights(
        self, recipe: Recipe, packed: Packed, data: Path, tmp_path: Path
    ) -> None:
        for name in ("whole", "parts"):
            shutil.copytree(tmp_path, tmp_path.with_name(f"{tmp_path.name}-{name}"))
        whole, parts = (tmp_path.with_name(f"{tmp_path.name}-{name}") for name in ("whole", "parts"))
        expected = self._run(recipe, packed, data, whole).averaged.state_dict()
        self._begun(recipe, packed, data, parts).train(0, STAGE, 0)
        found = self._run(recipe, packed, data, parts).averaged.state_dict()
        for name, values in expected.items():
            if not name.startswith("likeness.projection"):  # drawn at random, and fitted after the training
                torch.testing.assert_close(found[name], values, msg=name)

    def test_a_checkpoint_of_another_recipe(
        self, recipe: Recipe, packed: Packed, data: Path, tmp_path: Path
    ) -> None:
        self._run(recipe, packed, data, tmp_path)
        with pytest.raises(DamagedError, match="another recipe"):
            self._run(replace(recipe, entropy=0.5), packed, data, tmp_path)


class TestBundle:
    def test_from_recipe_to_embedder_and_back(self, bundle: Path) -> None:
        images = [pictures.draw(number, 90, 70) for number in range(4)]
        exact, rounded = OnnxEmbedder(bundle.with_name("tiny-float32.onnx")), OnnxEmbedder(bundle)
        assert (exact.card.copy_dim, rounded.card.copy_dim) == (COPY, COPY)
        vectors = exact.embed(images)
        lengths = [np.square(vectors[:, :COPY]).sum(axis=1), np.square(vectors[:, COPY:]).sum(axis=1)]
        np.testing.assert_allclose(lengths[0], COPY_SHARE, rtol=1e-5)
        np.testing.assert_allclose(lengths[1], 1 - COPY_SHARE, rtol=1e-5)
        # Centred, only what differs between pictures is left, of which this body makes mostly noise.
        nearest = (rounded.embed(images) @ vectors.T).argmax(axis=1)
        np.testing.assert_array_equal(nearest, range(len(images)))
        network = read_network(bundle.with_name("tiny-float32.onnx"))
        pixels = np.stack(
            [np.asarray(i.resize((96, 96), Image.Resampling.BICUBIC, reducing_gap=2.0)) for i in images]
        )
        with torch.inference_mode():
            own = network(normalised(torch.from_numpy(pixels))).numpy()
        np.testing.assert_allclose(own, vectors, atol=1e-4)

    def test_both_parts_are_whitened_on_the_training_pictures(self, bundle: Path, packed: Packed) -> None:
        """Each centred on those that it is for, and in directions that do not vary together."""
        network = read_network(bundle.with_name("tiny-float32.onnx"))
        assert isinstance(network, TwoReadings)
        assert network.glance is not None
        pixels = to_pixels([packed.image(number) for number in range(len(packed))], 96)
        with torch.inference_mode():
            maps = network.maps(network.glance.views(normalised(torch.from_numpy(pixels))))
            copies = network.glance.whitening(network.glance.together(network.copy(maps))).numpy()
            likeness = network.likeness(maps[: len(packed)])[packed.sources == 0].numpy()
        for part in (copies, likeness):
            largest = np.abs(part).max()
            np.testing.assert_allclose(part.mean(axis=0), 0, atol=1e-3 * largest)
            together = np.cov(part.T)
            np.testing.assert_allclose(together, np.diag(together.diagonal()), atol=1e-3 * largest**2)
        assert len(copies) > len(likeness) == LISTED
        np.testing.assert_allclose(network.glance.negatives.centres.square().sum(dim=1), 1, rtol=1e-5)

    def test_an_earlier_run_can_be_gone_on_from(
        self, tiny: Recipe, bundle: Path, data: Path, tmp_path: Path
    ) -> None:
        first = bundle.with_name("tiny-float32.onnx")
        further = replace(tiny, start=str(first), stages=(Stage(side=32, steps=0),))
        second = make_bundle(further, data, tmp_path / "second", 1, CPU).with_name("tiny-float32.onnx")
        images = [pictures.draw(number, 90, 70) for number in range(3)]
        before, after = (OnnxEmbedder(path).embed(images)[:, :COPY] for path in (first, second))
        # Both are whitened anew: so few pictures leave directions without variance, which may turn.
        np.testing.assert_allclose(after @ after.T, before @ before.T, atol=1e-3)

    @pytest.mark.usefixtures("full_networks")
    def test_another_network_is_nothing_to_go_on_from(
        self, recipe: Recipe, data: Path, tmp_path: Path
    ) -> None:
        further = replace(recipe, start=str(WEIGHTS / "resnet34.onnx"))
        with pytest.raises(UsageError, match="no network with two readings"):
            make_bundle(further, data, tmp_path / "out", 1, CPU)


class TestCheckpoint:
    def test_both_tails_start_from_the_classifier(self, data: Path) -> None:
        network, published = (
            fresh_network(data / "body.pth"),
            torch.load(data / "body.pth", weights_only=True),
        )
        for tail in (network.copy, network.likeness):
            assert torch.equal(tail.head.conv.weight, published["_conv_head.weight"])
            assert torch.equal(
                tail.blocks[0].filter.conv.weight, published["_blocks.8._depthwise_conv.weight"]
            )
        assert torch.equal(network.stem.norm.bias, published["_bn0.bias"])

    def test_what_is_no_checkpoint(self, tmp_path: Path) -> None:
        with pytest.raises(NotFoundError):
            read_checkpoint(tmp_path / "absent.pth")
        (tmp_path / "text.pth").write_text("text")
        with pytest.raises(DamagedError, match="cannot be read"):
            read_checkpoint(tmp_path / "text.pth")
        torch.save({"conv1.weight": torch.zeros(1)}, tmp_path / "other.pth")
        with pytest.raises(DamagedError, match="not of EfficientNet-Lite0"):
            read_checkpoint(tmp_path / "other.pth")
