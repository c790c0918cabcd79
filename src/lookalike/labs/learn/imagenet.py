"""Torchvision's ResNet-34 by its name: fetched and converted to ONNX once, by this lab's exporter."""

from __future__ import annotations

from collections.abc import Sequence

from lookalike.embed import Embedder, ModelCard, Offer, OnnxEmbedder
from lookalike.embed.providers.packages import HASH_DRIFT, LABS, SAME, installed, need
from lookalike.errors import UsageError
from lookalike.settings import cache_folder

IMAGENET = "resnet34-imagenet"
_IMAGENET_FILE = f"{IMAGENET}-1.onnx"  # count up when the export changes
_IMAGENET_BYTES = 87_319_819


class ImageNetProvider:
    """Torchvision's ResNet-34, fetched and converted to ONNX once."""

    def offers(self) -> Sequence[Offer]:
        """One line, for the one model."""
        present = _converted_exists()
        fetch = f"its first use fetches {_IMAGENET_BYTES / 1e6:.0f} MB from download.pytorch.org"
        missing = "" if present else fetch if installed("torch", "onnx") else f"{LABS}; {fetch}"
        summary = "ResNet-34 trained on ImageNet by the authors of torchvision; 512 dimensions, 224 px"
        return [Offer(IMAGENET, summary, "BSD-3-Clause", _IMAGENET_BYTES, present, missing)]

    def load(self, name: str) -> Embedder:
        """Load it by its name; see ``Provider.load``."""
        if name != IMAGENET:
            raise UsageError(f"unknown model {name!r}; it is called {IMAGENET}")
        if not _converted_exists():
            need(IMAGENET, "torch", "onnx", cure=LABS)
            from lookalike.labs.learn import checkpoints, export  # noqa: PLC0415

            model = checkpoints.load_model(IMAGENET)
            summary = "ResNet-34 trained on ImageNet"
            card = ModelCard(IMAGENET, summary, "BSD-3-Clause", 512, model.side, SAME, HASH_DRIFT)
            export.export_network(model.network, cache_folder() / _IMAGENET_FILE, card)
        return OnnxEmbedder(cache_folder() / _IMAGENET_FILE)


def _converted_exists() -> bool:
    return (cache_folder() / _IMAGENET_FILE).exists()
