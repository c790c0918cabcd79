"""Networks of the package timm as embedders: ``timm:resnet18.a1_in1k``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PIL import Image

from lookalike.embed.base import Embedder, ModelCard
from lookalike.embed.plugins import Offer
from lookalike.embed.preprocess import to_pixels
from lookalike.embed.providers.packages import HASH_DRIFT, LABS, SAME, family, in_one_line, need, second
from lookalike.errors import NotFoundError

if TYPE_CHECKING:
    from torch import Tensor, nn


class TimmProvider:
    """Any network of the package timm: ``timm:resnet18.a1_in1k``."""

    def offers(self) -> Sequence[Offer]:
        """One offer that stands for all networks of the package."""
        return [family("timm:NAME", "any network of timm, with the weights that it names", "timm")]

    def load(self, name: str) -> Embedder:
        """Load a model by its full name; see ``Provider.load``."""
        wanted = second(name)
        need(name, "torch", "timm", cure=f"{LABS} timm")
        import timm  # noqa: PLC0415

        try:
            module = timm.create_model(wanted, pretrained=True, num_classes=0)
        except Exception as error:  # timm and its hub name no base class
            raise NotFoundError(f"timm cannot give {wanted!r}: {in_one_line(error)}") from error
        return timm_embedder(module, name, timm.data.resolve_model_data_config(module))


def timm_embedder(module: nn.Module, name: str, config: dict[str, Any]) -> Embedder:
    """A timm network as an embedder.

    Pictures are squashed to the network's size, as for our own networks: timm's crop would cut off edges.

    Args:
        module: made with ``num_classes=0``.
        name: for the card.
        config: what timm says of its input.
    """
    import torch  # noqa: PLC0415

    from lookalike.embed.providers.torch_embedder import TorchEmbedder, measured  # noqa: PLC0415

    side = int(config["input_size"][-1])
    mean, deviation = (torch.tensor(config[part])[:, None, None] for part in ("mean", "std"))

    def prepare(image: Image.Image) -> Tensor:
        pixels = torch.from_numpy(to_pixels([image], side)[0]).permute(2, 0, 1) / 255
        return (pixels - mean) / deviation

    card = ModelCard(name, "a network of timm", "see timm", 0, side, SAME, HASH_DRIFT)
    preparation = f"squash {side} {config['mean']} {config['std']}"
    return TorchEmbedder(module, prepare, measured(card, module, prepare), preparation)
