"""From a trained model to an embedder that ``--model`` takes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image

from lookalike.embed import ModelCard, OnnxEmbedder
from lookalike.embed.preprocess import to_pixels
from lookalike.errors import UsageError
from lookalike.kernels.arrays import Vectors
from lookalike.labs.learn.decoded import Pictures
from lookalike.labs.learn.export import export_network
from lookalike.labs.learn.models import Model
from lookalike.labs.learn.quantise import quantise
from lookalike.labs.shared.strangers import nearest_strangers

STRANGER_RATE = 5e-6
"""Of pairs of different pictures, so many lie within the distance that counts as the same picture."""

FEWEST = 32  # pictures that ranges of activations can be measured on
_CAREFUL = 0.15  # where no pictures tell how far apart strangers are
_LEAST = 0.001  # a card takes no 0, which is what strangers keep if one picture lies in two classes


@dataclass(frozen=True, slots=True)
class Converted:
    """What came of it.

    Attributes:
        card: as stored in the file.
        agreement: cosine between the 8-bit and the float32 embedder, least and mean over the pictures;
            None for a float32 file.
    """

    card: ModelCard
    agreement: tuple[float, float] | None


def convert(model: Model, out: Path, licence: str, pictures: Pictures | None) -> Converted:
    """Write an embedder; the head is left out.

    Args:
        model: a trained network.
        out: the ``.onnx`` file; its name becomes the embedder's.
        licence: of the weights, for the card.
        pictures: of the kind that will be searched. With them the file computes in 8-bit integers, and the
            card says which distance strangers keep; without, it computes in float32.
    """
    card = model.card(out.stem, licence, _CAREFUL)
    if pictures is None:
        export_network(model.network, out, card)
        return Converted(card, None)
    if len(pictures.pixels) < FEWEST:
        raise UsageError(f"8-bit integers need {FEWEST} pictures or more, not {len(pictures.pixels)}")
    images = [Image.fromarray(pixels) for pixels in pictures.pixels]
    with TemporaryDirectory(dir=out.parent) as folder:
        plain = Path(folder) / "float32.onnx"
        export_network(model.network, plain, card)
        exact = _embedded(OnnxEmbedder(plain), images)
        strangers = nearest_strangers(card.copy_part(exact), pictures.labels)
        same = strangers.distance_of(STRANGER_RATE) if strangers.pairs else _CAREFUL
        card = model.card(out.stem, licence, max(_LEAST, round(same, 3)))
        export_network(model.network, plain, card)
        quantise(plain, out, to_pixels(images[:: max(1, len(images) // 512)], model.side))
    cosines = (exact * _embedded(OnnxEmbedder(out), images)).sum(axis=1)
    return Converted(card, (float(cosines.min()), float(cosines.mean())))


def _embedded(embedder: OnnxEmbedder, images: list[Image.Image]) -> Vectors:
    parts = [embedder.embed(images[start : start + 16]) for start in range(0, len(images), 16)]
    return np.concatenate(parts)
