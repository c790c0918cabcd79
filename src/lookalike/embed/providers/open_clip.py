"""The picture half of networks of the package open_clip: ``open_clip:ViT-B-32/laion2b_s34b_b79k``."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lookalike.embed.base import Embedder, ModelCard
from lookalike.embed.plugins import Offer
from lookalike.embed.providers.packages import HASH_DRIFT, LABS, SAME, family, in_one_line, need, second
from lookalike.errors import NotFoundError, UsageError


class OpenClipProvider:
    """The picture half of any network of the package open_clip: ``open_clip:ViT-B-32/laion2b_s34b_b79k``."""

    def offers(self) -> Sequence[Offer]:
        """One offer that stands for all networks of the package."""
        summary = "the picture half of any network of open_clip"
        return [family("open_clip:ARCHITECTURE/WEIGHTS", summary, "open_clip_torch")]

    def load(self, name: str) -> Embedder:
        """Load a model by its full name; see ``Provider.load``."""
        architecture, _, weights = second(name).partition("/")
        if not weights:
            raise UsageError(f"name the weights too, open_clip:ARCHITECTURE/WEIGHTS, not {name!r}")
        need(name, "torch", "open_clip", cure=f"{LABS} open_clip_torch")
        import open_clip  # noqa: PLC0415

        from lookalike.embed.providers.torch_embedder import TorchEmbedder, measured  # noqa: PLC0415

        try:
            model, prepare = open_clip.create_model_from_pretrained(architecture, pretrained=weights)
        except Exception as error:  # open_clip and its hub name no base class
            raise NotFoundError(f"open_clip cannot give {second(name)!r}: {in_one_line(error)}") from error
        side = int(np.max(model.visual.image_size))
        card = ModelCard(name, "picture half of a CLIP network", "see open_clip", 0, side, SAME, HASH_DRIFT)
        return TorchEmbedder(model.visual, prepare, measured(card, model.visual, prepare), repr(prepare))
