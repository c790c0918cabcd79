from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

import tiny_model
from lookalike.embed import available_models, load_embedder
from lookalike.embed.registry import open_ahead
from lookalike.errors import DamagedError, NotFoundError, UsageError
from pictures import draw


def test_the_bundled_models_are_listed_with_what_they_weigh() -> None:
    models = available_models()
    assert [model.name for model in models] == ["lite0", "resnet34"]
    for model in models:
        assert model.bytes == len(model.path.read_bytes()) > 1_000_000
        card = load_embedder(model.name).card
        assert card.name == model.name
        assert card.licence
        assert card.summary
        assert 0 < card.same_distance < 1


def test_an_onnx_file_is_loaded_by_its_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tiny_model.write(tmp_path / "mine.onnx", seed=3)
    expected = tiny_model.embed(np.asarray(draw(1, 32, 32))[None], seed=3)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    for name in (str(path), "mine.onnx", "./mine.onnx", "~/mine.onnx"):
        np.testing.assert_allclose(load_embedder(name).embed([draw(1, 32, 32)]), expected, atol=1e-6)


@pytest.mark.parametrize("name", ["resnet50", "", "lite0 ", "RESNET34", "weights", "../resnet34"])
def test_an_unknown_name_is_refused_with_the_known_ones(name: str) -> None:
    with pytest.raises(
        UsageError, match=r"unknown model .*; use lite0, resnet34, .* or the path of an \.onnx file"
    ):
        load_embedder(name)


@pytest.mark.parametrize("name", ["/nowhere/x.onnx", "~no-such-user-here.onnx", ".onnx"])
def test_a_missing_file_is_not_found(name: str) -> None:
    with pytest.raises(NotFoundError, match="cannot be read: No such file"):
        load_embedder(name)


def test_a_file_that_is_no_model_is_damaged(tmp_path: Path) -> None:
    (tmp_path / "x.onnx").write_text("text")
    with pytest.raises(DamagedError, match=r"x\.onnx cannot be loaded"):
        load_embedder(str(tmp_path / "x.onnx"))


def test_a_network_that_was_opened_ahead_is_given_out_once(tmp_path: Path) -> None:
    path = tiny_model.write(tmp_path / "mine.onnx", seed=3)
    expected = load_embedder(str(path))
    open_ahead(str(path))
    first = load_embedder(str(path))
    path.unlink()
    assert first.fingerprint == expected.fingerprint
    np.testing.assert_array_equal(first.embed([draw(1)]), expected.embed([draw(1)]))
    with pytest.raises(NotFoundError, match="cannot be read: No such file"):
        load_embedder(str(path))


def test_what_goes_wrong_ahead_is_told_when_the_network_is_loaded(tmp_path: Path) -> None:
    (tmp_path / "x.onnx").write_text("text")
    open_ahead(str(tmp_path / "x.onnx"))
    with pytest.raises(DamagedError, match=r"x\.onnx cannot be loaded"):
        load_embedder(str(tmp_path / "x.onnx"))


@pytest.mark.parametrize("name", ["timm:resnet18", "resnet50", ""])
def test_nothing_that_is_no_file_is_opened_ahead(name: str) -> None:
    threads = threading.active_count()
    open_ahead(name)
    assert threading.active_count() == threads
