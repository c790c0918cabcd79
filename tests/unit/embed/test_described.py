from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper

from lookalike.embed import DescribedEmbedder, load_embedder
from lookalike.errors import DamagedError, NotFoundError
from pictures import draw

SIDE = 16


def _write(folder: Path, *, nhwc: bool = False, outputs: int = 1, **description: Any) -> Path:
    """A network that gives the corner pixels of each channel, and its description."""
    place = [SIDE, SIDE, 3] if nhwc else [3, SIDE, SIDE]
    starts, ends = ([0, 0, 0], [2, 2, 3]) if nhwc else ([0, 0, 0], [3, 2, 2])
    constants = [
        helper.make_tensor(name, TensorProto.INT64, [3], values)
        for name, values in (("starts", starts), ("ends", ends), ("axes", [1, 2, 3]))
    ]
    nodes = [
        helper.make_node("Slice", ["image", "starts", "ends", "axes"], ["corner"]),
        helper.make_node("Flatten", ["corner"], ["vector"]),
        helper.make_node("Relu", ["image"], ["maps"]),
    ]
    graph = helper.make_graph(
        nodes,
        "corner",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", *place])],
        [
            helper.make_tensor_value_info("vector", TensorProto.FLOAT, ["n", 12]),
            helper.make_tensor_value_info("maps", TensorProto.FLOAT, ["n", *place]),
        ][:outputs],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, folder / "corner.onnx")
    (folder / "corner.json").write_text(json.dumps({"side": SIDE, **description}))
    return folder / "corner.onnx"


def _unit(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(values / np.linalg.norm(values))


class TestVectors:
    def test_by_hand(self, tmp_path: Path) -> None:
        """Channels minus means over deviations, planes first, at unit length."""
        mean, deviation = [0.5, 0.4, 0.3], [0.2, 0.25, 0.5]
        embedder = load_embedder(str(_write(tmp_path, mean=mean, deviation=deviation)))
        image = draw(3, SIDE, SIDE)
        corner = np.asarray(image, np.float64)[:2, :2] / 255
        expected = _unit(((corner - mean) / deviation).transpose(2, 0, 1).ravel())
        np.testing.assert_allclose(embedder.embed([image])[0], expected, atol=1e-6)
        assert embedder.card.dim == 12

    def test_layout_and_colour_order(self, tmp_path: Path) -> None:
        about = {"mean": [0, 0, 0], "deviation": [1, 1, 1]}
        embedder = DescribedEmbedder(_write(tmp_path, nhwc=True, layout="nhwc", colour="bgr", **about))
        image = draw(4, SIDE, SIDE)
        expected = _unit(np.asarray(image, np.float64)[:2, :2, ::-1].ravel())
        np.testing.assert_allclose(embedder.embed([image])[0], expected, atol=1e-6)

    def test_one_of_several_outputs(self, tmp_path: Path) -> None:
        with pytest.raises(DamagedError, match="has the outputs vector, maps; name one of them"):
            DescribedEmbedder(_write(tmp_path, outputs=2))
        assert DescribedEmbedder(_write(tmp_path, outputs=2, output="vector")).card.dim == 12
        with pytest.raises(DamagedError, match=r"'maps' of .* has shape \(1, 3, 16, 16\).*name another"):
            DescribedEmbedder(_write(tmp_path, outputs=2, output="maps"))

    def test_nothing_gives_nothing(self, tmp_path: Path) -> None:
        assert DescribedEmbedder(_write(tmp_path)).embed([]).shape == (0, 12)

    def test_the_description_is_part_of_the_fingerprint(self, tmp_path: Path) -> None:
        first = DescribedEmbedder(_write(tmp_path)).fingerprint
        assert DescribedEmbedder(_write(tmp_path)).fingerprint == first
        assert DescribedEmbedder(_write(tmp_path, colour="bgr")).fingerprint != first

    def test_the_copy_part_is_told_and_changes_no_fingerprint(self, tmp_path: Path) -> None:
        plain = DescribedEmbedder(_write(tmp_path))
        parted = DescribedEmbedder(_write(tmp_path, copy_dim=8))
        assert (plain.card.copy_dim, parted.card.copy_dim) == (0, 8)
        assert parted.fingerprint == plain.fingerprint
        with pytest.raises(DamagedError, match="has 12 numbers, so copy_dim cannot be 13"):
            DescribedEmbedder(_write(tmp_path, copy_dim=13))

    def test_its_card(self, tmp_path: Path) -> None:
        card = DescribedEmbedder(_write(tmp_path, licence="MIT", same_distance=0.2)).card
        assert (card.name, card.licence, card.side, card.same_distance) == ("corner", "MIT", SIDE, 0.2)


class TestMistakes:
    @pytest.mark.parametrize(
        ("description", "message"),
        [
            ({"sides": 3}, "unknown key 'sides'; known are side, name"),
            ({"side": "large"}, "side must be of type int, not 'large'"),
            ({"side": True}, "side must be of type int"),
            ({"side": 0}, "side must be from 1 to 2048"),
            ({"mean": 0.5}, "mean must be of type tuple"),
            ({"mean": [0.5, 0.5]}, "three numbers each"),
            ({"mean": []}, "three numbers each"),
            ({"mean": [0.5, 0.5, float("nan")]}, "mean must be of type tuple"),
            ({"deviation": [1, 1, 10**400]}, "deviation must be of type tuple"),
            ({"side": 10**400}, "side must be from 1 to 2048"),
            ({"name": [[]] * 10_000}, r"name must be of type str, not \[\[\], \[\], .{1,60}$"),
            ({"deviation": [1, 1, 0]}, "above 0"),
            ({"colour": "hsv"}, "colour must be one of"),
            ({"same_distance": 3}, "between 0 and 2"),
            ({"copy_dim": -1}, "copy_dim must be 0 or more"),
            ({"copy_dim": 0.5}, "copy_dim must be of type int"),
            ({"side": 17}, "does not take pictures as described"),
            ({"layout": "nhwc"}, "does not take pictures as described"),
            ({"input": "picture"}, "has the inputs image; name one of them"),
        ],
    )
    def test_one_clear_error_each(self, description: dict[str, Any], message: str, tmp_path: Path) -> None:
        with pytest.raises(DamagedError, match=message):
            load_embedder(str(_write(tmp_path, **description)))

    def test_no_side(self, tmp_path: Path) -> None:
        path = _write(tmp_path)
        path.with_suffix(".json").write_text("{}")
        with pytest.raises(DamagedError, match="does not say which side"):
            load_embedder(str(path))

    @pytest.mark.parametrize("text", ["[1]", "side = 3", "", " ", "null", "\ud800", "[" * 100_000])
    def test_no_json(self, text: str, tmp_path: Path) -> None:
        path = _write(tmp_path)
        path.with_suffix(".json").write_bytes(text.encode("utf-8", "surrogatepass"))
        with pytest.raises(DamagedError, match="cannot be used"):
            load_embedder(str(path))

    def test_neither_card_nor_description(self, tmp_path: Path) -> None:
        path = _write(tmp_path)
        path.with_suffix(".json").unlink()
        with pytest.raises(DamagedError, match=r"no model card.*describe it in corner\.json beside it"):
            load_embedder(str(path))
        with pytest.raises(NotFoundError, match=r"corner\.json cannot be read"):
            DescribedEmbedder(path)
