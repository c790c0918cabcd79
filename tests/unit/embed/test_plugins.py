from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import tiny_model
from lookalike.embed import load_embedder, provider, provider_names
from lookalike.errors import DamagedError, MissingExtra, NotFoundError, UsageError
from pictures import draw

SOURCE = '''
from pathlib import Path

from lookalike.embed import Offer, OnnxEmbedder
from lookalike.errors import NotFoundError

FOLDER = Path(__file__).parent


class Shelf:
    """Models that lie in this folder."""

    def offers(self):
        return [Offer(f"shelf:{path.stem}", "tiny", "MIT", path.stat().st_size, True, "")
                for path in sorted(FOLDER.glob("*.onnx"))]

    def load(self, name):
        path = FOLDER / (name.partition(":")[2] + ".onnx")
        if not path.exists():
            raise NotFoundError(f"there is no {path.name} on the shelf")
        return OnnxEmbedder(path)
'''


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package of somebody else, installed as pip would leave it: module, metadata, entry points."""
    (tmp_path / "shelf_of_models.py").write_text(SOURCE)
    metadata = tmp_path / "shelf_of_models-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: shelf-of-models\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(
        "[lookalike.embedders]\nshelf = shelf_of_models:Shelf\nbroken = shelf_of_models:Absent\n"
    )
    tiny_model.write(tmp_path / "small.onnx", seed=7)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "shelf_of_models", raising=False)
    return tmp_path


def test_another_packages_models_load_by_name(shelf: Path) -> None:
    assert "shelf" in provider_names()
    image = draw(2, tiny_model.SIDE, tiny_model.SIDE)
    expected = tiny_model.embed(np.asarray(image)[None], seed=7)
    np.testing.assert_allclose(load_embedder("shelf:small").embed([image]), expected, atol=1e-6)
    (offer,) = provider("shelf").offers()
    assert (offer.name, offer.bytes) == ("shelf:small", (shelf / "small.onnx").stat().st_size)


@pytest.mark.usefixtures("shelf")
def test_a_plugin_that_cannot_be_imported_is_named() -> None:
    with pytest.raises(DamagedError, match="shelf_of_models:Absent for 'broken' cannot be loaded"):
        load_embedder("broken:any")


def test_without_the_package_there_is_no_provider() -> None:
    assert "shelf" not in provider_names()
    with pytest.raises(UsageError, match="unknown model 'shelf:small'"):
        load_embedder("shelf:small")
    with pytest.raises(UsageError, match="no plug-in for 'shelf'"):
        provider("shelf:small")


class TestOurOwn:
    def test_they_are_offered(self) -> None:
        offers = {
            offer.name: offer
            for name in ("resnet34-imagenet", "timm", "open_clip", "mobilenetv2")
            for offer in provider(name).offers()
        }
        assert offers["resnet34-imagenet"].licence == "BSD-3-Clause"
        assert set(offers) == {
            "resnet34-imagenet",
            "timm:NAME",
            "open_clip:ARCHITECTURE/WEIGHTS",
            "mobilenetv2:FILE",
        }

    def test_offering_them_loads_no_network_package(self) -> None:
        program = (
            "import sys; from lookalike.embed import provider, provider_names\n"
            "for name in provider_names(): list(provider(name).offers())\n"
            "print(sorted({'torch', 'onnx', 'ai_edge_litert', 'timm', 'open_clip'} & set(sys.modules)))"
        )
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        assert done.stdout == "[]\n"

    @pytest.mark.parametrize(
        ("name", "package"), [("timm:resnet18", "timm"), ("open_clip:ViT-B-32/openai", "open_clip")]
    )
    def test_a_package_that_is_not_installed_is_named(self, name: str, package: str) -> None:
        pytest.importorskip("torch")
        if package in sys.modules:
            pytest.skip(f"{package} is installed here")
        with pytest.raises(MissingExtra, match=f"needs the package {package}: pip install"):
            load_embedder(name)

    @pytest.mark.parametrize(
        "name", ["timm", "timm:", "open_clip:", "open_clip:ViT-B-32", "resnet34-imagenet:x", "mobilenetv2:"]
    )
    def test_half_a_name_is_refused(self, name: str) -> None:
        with pytest.raises(UsageError, match=r"name|called"):
            load_embedder(name)

    def test_a_file_that_is_not_there_is_named(self, tmp_path: Path) -> None:
        pytest.importorskip("ai_edge_litert")
        with pytest.raises(NotFoundError, match=r"there is no file .*/absent\.tflite"):
            load_embedder(f"mobilenetv2:{tmp_path}/absent.tflite")
