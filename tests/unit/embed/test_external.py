from __future__ import annotations

import random
import shutil
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

import moody_model
from lookalike.embed import DescribedEmbedder
from lookalike.embed.external import external_data
from lookalike.errors import DamagedError, LookalikeError, NotFoundError
from moody_model import SOUND, WEIGHTS, picture


def test_data_beside_the_model_is_used_wherever_the_program_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / WEIGHTS).write_bytes(np.full(moody_model.DIM, np.nan, np.float32).tobytes())
    whole = DescribedEmbedder(moody_model.write(tmp_path, "none"))
    parted = DescribedEmbedder(moody_model.write(tmp_path, "none", location=WEIGHTS))
    images = [picture(SOUND, seed) for seed in range(3)]
    np.testing.assert_array_equal(parted.embed(images), whole.embed(images))


def test_it_is_part_of_the_fingerprint(tmp_path: Path) -> None:
    path = moody_model.write(tmp_path, "none", location=WEIGHTS)
    model, first = path.read_bytes(), DescribedEmbedder(path).fingerprint
    assert DescribedEmbedder(path).fingerprint == first
    (tmp_path / WEIGHTS).write_bytes(np.full(moody_model.DIM, 2, np.float32).tobytes())
    assert DescribedEmbedder(path).fingerprint != first
    assert path.read_bytes() == model


@pytest.mark.parametrize("name", ["..", ".", "", "../moody.data", "deeper/moody.data", "a\\b", "c:weights"])
def test_no_other_place_is_looked_at(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    (folder / "deeper").mkdir(parents=True)
    path = moody_model.write(folder, "none", location=WEIGHTS)
    for place in (tmp_path, folder / "deeper"):
        shutil.copy(folder / WEIGHTS, place)
    path.write_bytes(named(path, name))
    with pytest.raises(DamagedError, match="only a file beside it"):
        DescribedEmbedder(path)


def named(path: Path, name: str) -> bytes:
    """A model with another place for its data."""
    model = onnx.load(path, load_external_data=False)
    for tensor in model.graph.initializer:
        for entry in tensor.external_data:
            entry.value = name
    return bytes(model.SerializeToString())


def test_nor_an_absolute_one_nor_one_behind_a_link(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    path = moody_model.write(folder, "none", location=WEIGHTS)
    (folder / WEIGHTS).rename(tmp_path / WEIGHTS)
    for name in (str(tmp_path / WEIGHTS), "*/_ORT_MEM_ADDR_/*"):
        path.write_bytes(named(path, name))
        with pytest.raises(DamagedError, match="only a file beside it"):
            DescribedEmbedder(path)
    path.write_bytes(named(path, WEIGHTS))
    with pytest.raises(NotFoundError, match=r"'moody\.data' of model file .* cannot be read"):
        DescribedEmbedder(path)
    (folder / WEIGHTS).symlink_to(tmp_path / WEIGHTS)
    with pytest.raises(DamagedError, match="is a link that leads elsewhere"):
        DescribedEmbedder(path)
    (folder / WEIGHTS).unlink()
    (folder / WEIGHTS).symlink_to(folder / WEIGHTS)
    with pytest.raises(NotFoundError, match="cannot be read"):
        DescribedEmbedder(path)


def test_a_store_of_downloads_keeps_model_and_data_together(tmp_path: Path) -> None:
    """As Hugging Face's cache does: both are links into one folder, where they have other names."""
    (tmp_path / "blobs").mkdir()
    (tmp_path / "snapshot").mkdir()
    moody_model.write(tmp_path / "blobs", "none", location=WEIGHTS)
    for number, name in enumerate(("moody.onnx", "moody.json", WEIGHTS)):
        (tmp_path / "blobs" / name).rename(tmp_path / "blobs" / str(number))
        (tmp_path / "snapshot" / name).symlink_to(tmp_path / "blobs" / str(number))
    assert DescribedEmbedder(tmp_path / "snapshot" / "moody.onnx").card.dim == moody_model.DIM


def _tensor(name: str) -> TensorProto:
    tensor = helper.make_tensor(name, TensorProto.FLOAT, [1], [0.0])
    tensor.external_data.add(key="location", value=f"{name}.bin")
    return tensor


def test_every_tensor_that_a_model_can_hold_is_found(tmp_path: Path) -> None:
    """Written by the onnx package, whose names of fields are checked here against our numbers."""
    inner = helper.make_graph([], "inner", [], [], [_tensor("in a branch")])
    nodes = [
        helper.make_node("Constant", [], ["a"], value=_tensor("in an attribute")),
        helper.make_node("If", ["a"], ["b"], then_branch=inner, else_branch=inner),
        helper.make_node("Odd", [], ["c"], many=[_tensor("in a list"), _tensor("second in a list")]),
        helper.make_node("Odd", [], ["d"], graphs=[inner]),
    ]
    function = helper.make_function(
        "own", "F", [], ["x"], [helper.make_node("Constant", [], ["x"], value=_tensor("in a function"))],
        [helper.make_opsetid("", 17)],
    )  # fmt: skip
    graph = helper.make_graph(nodes, "outer", [], [], [_tensor("weights")])
    graph.sparse_initializer.add(values=_tensor("sparse values"), indices=_tensor("sparse places"))
    model = helper.make_model(graph, functions=[function])
    model.training_info.add().algorithm.CopyFrom(
        helper.make_graph([], "training", [], [], [_tensor("trained")])
    )
    names = {"in a branch", "in an attribute", "in a list", "second in a list", "in a function",
             "weights", "sparse values", "sparse places", "trained"}  # fmt: skip
    for name in names:
        (tmp_path / f"{name}.bin").write_bytes(name.encode())
    found = external_data(model.SerializeToString(), tmp_path / "model.onnx")
    assert found == {f"{name}.bin": name.encode() for name in sorted(names)}


def test_damaged_models_are_one_clear_error(tmp_path: Path) -> None:
    path = moody_model.write(tmp_path, "none", location=WEIGHTS)
    whole, chance = path.read_bytes(), random.Random(7)
    complaints = []
    for number in range(150):
        place = chance.randrange(len(whole))
        damaged = bytearray(whole)
        damaged[place] ^= 1 << chance.randrange(8)
        path.write_bytes(whole[:place] if number % 3 == 0 else damaged)
        try:
            external_data(path.read_bytes(), path)
        except LookalikeError as error:
            complaints.append(str(error))
    assert len(complaints) > 20  # else nothing was damaged
    assert all(str(path) in complaint for complaint in complaints)
