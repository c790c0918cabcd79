"""The ways to compare pictures that the evaluation by copies sets side by side.

A *describer* makes a row of numbers of each picture; a *method* scores rows of queries with rows of the
database. An embedder with a copy part can be read in three ways, so several methods can share one describer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from lookalike.embed import Embedder, load_embedder
from lookalike.embed.preprocess import to_pixels
from lookalike.embed.providers.sscd import SscdProvider, SscdSmallProvider
from lookalike.embed.providers.torch_embedder import TorchEmbedder
from lookalike.kernels.arrays import unit_rows
from lookalike.labs.learn.checkpoints import load_model
from lookalike.labs.learn.copy_scores import CANDIDATES, Scores
from lookalike.labs.learn.measuring import TORCH_FILES
from lookalike.labs.learn.network import normalised
from lookalike.labs.shared.classic_hashes import HASHES, hamming

Rows = NDArray[Any]
"""(pictures, numbers) float32 of an embedder, (pictures, bytes) uint8 of a hash."""

CLASSIC = ("pHash", "PDQ")
_CAREFUL = 0.15  # the border of a trained model, of which nobody has measured one yet


@dataclass(frozen=True, slots=True)
class Describer:
    """What makes rows of pictures.

    Attributes:
        name: short, for tables.
        describe: some RGB pictures, one at least, to as many rows; called on several threads.
    """

    name: str
    describe: Callable[[Sequence[Image.Image]], Rows]


@dataclass(frozen=True, slots=True)
class Method:
    """A way to score pairs.

    Attributes:
        name: short, for tables.
        describer: the name of that whose rows it takes.
        score: (queries, numbers) and (pictures, numbers) to (queries, pictures), higher for more alike.
        same: score from which on a pair counts as copies of each other, if the embedder's card says so.
    """

    name: str
    describer: str
    score: Callable[[Rows, Rows], Scores]
    same: float | None = None


def opened_model(source: str) -> Embedder:
    """The embedder to evaluate.

    Args:
        source: a file that ``lab train`` wrote, whose head is left out, or whatever ``--model`` takes.
    """
    if not source.endswith(TORCH_FILES):
        return load_embedder(source)
    model = load_model(source)

    def prepare(image: Image.Image) -> torch.Tensor:
        return normalised(torch.from_numpy(to_pixels([image], model.side)))[0]

    card = model.card(Path(source).stem, "not stated", _CAREFUL)
    return TorchEmbedder(model.network, prepare, card, f"squash {model.side}")


def contenders(model: Embedder) -> tuple[list[Describer], list[Method]]:
    """All that is compared: the model, pHash, PDQ, and SSCD and its student if they are installed."""
    embedders = [model]
    for provider in (SscdProvider(), SscdSmallProvider()):
        (offer,) = provider.offers()
        if offer.present and offer.name != model.card.name:
            embedders.append(provider.load(offer.name))
    describers = [Describer(embedder.card.name, embedder.embed) for embedder in embedders]
    describers[1:1] = [Describer(name, partial(_hashed, name)) for name in CLASSIC]
    methods = [method for embedder in embedders for method in readings(embedder)]
    own = len(readings(model))
    methods[own:own] = [Method(name, name, _share_of_equal_bits) for name in CLASSIC]
    return describers, methods


def readings(embedder: Embedder) -> list[Method]:
    """The ways to read an embedder: by the whole vector, and if a part of it is the copy part, two more."""
    card = embedder.card
    same = 1 - card.same_distance  # of copy parts, if there are any
    if not 0 < card.copy_dim < card.dim:
        return [Method(card.name, card.name, cosines, same)]
    return [
        Method(f"{card.name} copy", card.name, partial(copy_cosines, copy_dim=card.copy_dim), same),
        Method(card.name, card.name, cosines),
        Method(f"{card.name} both", card.name, partial(cosines_of_nearest, copy_dim=card.copy_dim)),
    ]


def cosines(queries: Rows, pictures: Rows) -> Scores:
    """By the whole vectors, which have unit length."""
    return np.asarray(queries @ pictures.T, np.float32)


def copy_cosines(queries: Rows, pictures: Rows, copy_dim: int) -> Scores:
    """By the first ``copy_dim`` numbers, scaled to unit length."""
    return cosines(unit_rows(queries[:, :copy_dim]), unit_rows(pictures[:, :copy_dim]))


def cosines_of_nearest(queries: Rows, pictures: Rows, copy_dim: int) -> Scores:
    """By the copy part, but only for the 20 pictures nearest by the whole vector; -inf for the others."""
    nearest = min(CANDIDATES, len(pictures))
    order = np.argpartition(-cosines(queries, pictures), nearest - 1, axis=1)[:, :nearest]
    scores = copy_cosines(queries, pictures, copy_dim)
    found = np.full_like(scores, -np.inf)
    np.put_along_axis(found, order, np.take_along_axis(scores, order, 1), 1)
    return found


def _hashed(name: str, images: Sequence[Image.Image]) -> Rows:
    return np.stack([HASHES[name](image) for image in images])


def _share_of_equal_bits(queries: Rows, pictures: Rows) -> Scores:
    """From hashes, (n, bytes) each."""
    distances = np.stack([hamming(query, pictures) for query in queries])
    return np.asarray(1 - distances / (8 * pictures.shape[1]), np.float32)
