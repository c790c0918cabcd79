"""Make the bundled embedder: a trained ResNet-34, whitened on its training pictures, as one ONNX file.

    python -m lookalike.labs.learn.bundle STATE.npz PICTURES LIST.txt OUT.onnx

STATE.npz holds a state dict with torchvision's names, PICTURES is a folder, LIST.txt names training pictures
in it, a relative path a line. Pictures of a test split must not be among them.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from lookalike.embed import ModelCard, OnnxEmbedder
from lookalike.images import Limits, decode, read_file
from lookalike.labs.learn.export import export_resnet34
from lookalike.labs.learn.whitening import fit_whitening
from lookalike.settings import Settings

CARD = ModelCard(
    name="resnet34",
    summary="ResNet-34 trained from scratch on Caltech-101 (training split) and 25,000 photos of Tiny "
    "ImageNet with a MobileNetV2 as teacher; centred and whitened; for finding copies and similar pictures",
    licence="weights learned from Caltech-101 (CC BY 4.0) and Tiny ImageNet (ImageNet terms: research)",
    dim=512,
    side=128,
    same_distance=0.5,
    hash_drift=4,
)
_BATCH = 16


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line in the module's docstring."""
    parser = argparse.ArgumentParser(description="Make the bundled embedder from a trained state dict.")
    for name in ("state", "pictures", "list", "out"):
        parser.add_argument(name, type=Path)
    given = parser.parse_args(arguments)
    with np.load(given.state, allow_pickle=False) as archive:
        state = {name: archive[name] for name in archive.files}
    paths = [given.pictures / line for line in given.list.read_text().split("\n") if line]
    with TemporaryDirectory() as folder:
        plain = Path(folder) / "plain.onnx"
        export_resnet34(state, plain, card=replace(CARD, name="plain"))
        embedder = OnnxEmbedder(plain)

        def features(batch: list[Path]) -> np.ndarray:
            limits = Limits()
            return embedder.embed([decode(read_file(path, limits), limits=limits).image for path in batch])

        batches = [paths[start : start + _BATCH] for start in range(0, len(paths), _BATCH)]
        with ThreadPoolExecutor(Settings().threads) as pool:
            whitening = fit_whitening(np.concatenate(list(pool.map(features, batches))))
    export_resnet34(state, given.out, card=CARD, whitening=whitening)
    print(f"{given.out}: {given.out.stat().st_size / 1e6:.1f} MB, whitened on {len(paths)} pictures")


if __name__ == "__main__":
    main()
