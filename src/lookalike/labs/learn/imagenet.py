"""The providers that this package itself registers: torchvision's ResNet-34, timm, open_clip."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from lookalike.embed import Embedder, ModelCard, Offer, OnnxEmbedder
from lookalike.embed.preprocess import to_pixels
from lookalike.errors import MissingExtra, NotFoundError, UsageError
from lookalike.labs.learn.downloads import cache_folder

if TYPE_CHECKING:
    from torch import Tensor, nn

IMAGENET = "resnet34-imagenet"
_IMAGENET_FILE = f"{IMAGENET}-1.onnx"  # count up when the export changes
_IMAGENET_BYTES = 87_319_819
_LABS = "pip install 'lookalike[labs]'"
_SAME = 0.1  # cosine distance: careful, since nothing was measured
_HASH_DRIFT = 16


class ImageNetProvider:
    """Torchvision's ResNet-34, fetched and converted to ONNX once."""

    def offers(self) -> Sequence[Offer]:
        """One model."""
        present = _converted_exists()
        fetch = f"its first use fetches {_IMAGENET_BYTES / 1e6:.0f} MB from download.pytorch.org"
        missing = "" if present else fetch if installed("torch", "onnx") else f"{_LABS}; {fetch}"
        summary = "ResNet-34 trained on ImageNet by the authors of torchvision; 512 dimensions, 224 px"
        return [Offer(IMAGENET, summary, "BSD-3-Clause", _IMAGENET_BYTES, present, missing)]

    def load(self, name: str) -> Embedder:
        """See ``Provider.load``."""
        if name != IMAGENET:
            raise UsageError(f"unknown model {name!r}; it is called {IMAGENET}")
        if not _converted_exists():
            need(IMAGENET, "torch", "onnx", cure=_LABS)
            from lookalike.labs.learn import checkpoints, export  # noqa: PLC0415

            model = checkpoints.load_model(IMAGENET)
            summary = "ResNet-34 trained on ImageNet"
            card = ModelCard(IMAGENET, summary, "BSD-3-Clause", 512, model.side, _SAME, _HASH_DRIFT)
            export.export_network(model.network, cache_folder() / _IMAGENET_FILE, card)
        return OnnxEmbedder(cache_folder() / _IMAGENET_FILE)


class TimmProvider:
    """Any network of the package timm: ``timm:resnet18.a1_in1k``."""

    def offers(self) -> Sequence[Offer]:
        """One line for all of them."""
        return [_family("timm:NAME", "any network of timm, with the weights that it names", "timm")]

    def load(self, name: str) -> Embedder:
        """See ``Provider.load``."""
        wanted = second(name)
        need(name, "torch", "timm", cure=f"{_LABS} timm")
        import timm  # noqa: PLC0415

        try:
            module = timm.create_model(wanted, pretrained=True, num_classes=0)
        except Exception as error:  # timm and its hub name no base class
            raise NotFoundError(f"timm cannot give {wanted!r}: {_line(error)}") from error
        return timm_embedder(module, name, timm.data.resolve_model_data_config(module))


class OpenClipProvider:
    """The picture half of any network of the package open_clip: ``open_clip:ViT-B-32/laion2b_s34b_b79k``."""

    def offers(self) -> Sequence[Offer]:
        """One line for all of them."""
        summary = "the picture half of any network of open_clip"
        return [_family("open_clip:ARCHITECTURE/WEIGHTS", summary, "open_clip_torch")]

    def load(self, name: str) -> Embedder:
        """See ``Provider.load``."""
        architecture, _, weights = second(name).partition("/")
        if not weights:
            raise UsageError(f"name the weights too, open_clip:ARCHITECTURE/WEIGHTS, not {name!r}")
        need(name, "torch", "open_clip", cure=f"{_LABS} open_clip_torch")
        import open_clip  # noqa: PLC0415

        from lookalike.labs.learn.torch_embedder import TorchEmbedder  # noqa: PLC0415

        try:
            model, prepare = open_clip.create_model_from_pretrained(architecture, pretrained=weights)
        except Exception as error:  # open_clip and its hub name no base class
            raise NotFoundError(f"open_clip cannot give {second(name)!r}: {_line(error)}") from error
        side = int(np.max(model.visual.image_size))
        card = ModelCard(name, "picture half of a CLIP network", "see open_clip", 0, side, _SAME, _HASH_DRIFT)
        return TorchEmbedder(model.visual, prepare, _measured(card, model.visual, prepare), repr(prepare))


def timm_embedder(module: nn.Module, name: str, config: dict[str, Any]) -> Embedder:
    """A timm network as an embedder.

    Pictures are squashed to the network's size, as for our own networks: timm's crop would cut off edges.

    Args:
        module: made with ``num_classes=0``.
        name: for the card.
        config: what timm says of its input.
    """
    import torch  # noqa: PLC0415

    from lookalike.labs.learn.torch_embedder import TorchEmbedder  # noqa: PLC0415

    side = int(config["input_size"][-1])
    mean, deviation = (torch.tensor(config[part])[:, None, None] for part in ("mean", "std"))

    def prepare(image: Image.Image) -> Tensor:
        pixels = torch.from_numpy(to_pixels([image], side)[0]).permute(2, 0, 1) / 255
        return (pixels - mean) / deviation

    card = ModelCard(name, "a network of timm", "see timm", 0, side, _SAME, _HASH_DRIFT)
    preparation = f"squash {side} {config['mean']} {config['std']}"
    return TorchEmbedder(module, prepare, _measured(card, module, prepare), preparation)


def _measured(card: ModelCard, module: Any, prepare: Any) -> ModelCard:
    """The card with the dimensions that the module gives a grey picture."""
    import torch  # noqa: PLC0415

    with torch.inference_mode():
        shape = module.eval()(prepare(Image.new("RGB", (card.side, card.side), "grey"))[None]).shape
    if len(shape) != 2:
        raise UsageError(f"{card.name} gives {tuple(shape)} for one picture, not (1, dimensions)")
    return replace(card, dim=int(shape[1]))


def _family(name: str, summary: str, package: str) -> Offer:
    module = name.partition(":")[0]
    present = installed("torch", module)
    missing = "weights are fetched at first use" if present else f"{_LABS} {package}"
    return Offer(name, summary, "differs: see its own card", None, present, missing)


def _converted_exists() -> bool:
    return (cache_folder() / _IMAGENET_FILE).exists()


def second(name: str) -> str:
    """What stands behind the colon."""
    wanted = name.partition(":")[2]
    if not wanted:
        raise UsageError(f"name a model behind the colon, not only {name!r}")
    return wanted


def installed(*packages: str) -> bool:
    """Whether all of some packages are there."""
    return all(find_spec(package) is not None for package in packages)


def need(name: str, *packages: str, cure: str) -> None:
    """Refuse to go on without a package.

    Raises:
        MissingExtra: one is not installed.
    """
    for package in packages:
        if not installed(package):
            raise MissingExtra(f"{name} needs the package {package}: {cure}")


def _line(error: Exception) -> str:
    """An error on one line."""
    return " ".join(str(error).split()) or type(error).__name__
