"""Batches of pictures, each in a mild and a hard random edit, made beside the training."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from lookalike.embed.preprocess import to_pixels
from lookalike.labs.learn.augment import hard, mild
from lookalike.labs.learn.training_pictures import TrainingPictures

_MOST_STEPS = 1 << 24  # between two plans' seeds
_SMALLEST = 96  # pixels: a smaller picture is enlarged first, so that text and JPEG blocks have a size


class Order(NamedTuple):
    """Which picture to edit, with what chance and for which size of input."""

    picture: int
    seed: int
    side: int


@dataclass(frozen=True, slots=True)
class Plan:
    """The order of a whole training, the same whenever it is asked for.

    Attributes:
        sources: (n,) the source of each picture.
        shares: pictures a batch from each source.
        sides: pixels a side, one for each step.
        seed: of everything.
    """

    sources: NDArray[np.int64]
    shares: Sequence[int]
    sides: Sequence[int]
    seed: int

    def batches(self, start: int = 0) -> Iterator[list[Order]]:
        """The batches from step ``start`` on; each source is gone through in full before it starts again."""
        streams = [self._stream(source) for source in range(len(self.shares))]
        for step, side in enumerate(self.sides):
            pictures = [
                next(stream) for stream, share in zip(streams, self.shares, strict=True) for _ in range(share)
            ]
            if step >= start:
                seed = (_MOST_STEPS * self.seed + step) * len(pictures)
                yield [Order(picture, seed + place, side) for place, picture in enumerate(pictures)]

    def _stream(self, source: int) -> Iterator[int]:
        members = np.flatnonzero(self.sources == source)
        generator = np.random.default_rng((self.seed, source))
        while True:
            yield from generator.permutation(members).tolist()


class Edits(Dataset[tuple[Tensor, Tensor, Tensor]]):
    """For an order: the mild edit, the hard edit, and the picture's number."""

    def __init__(self, pictures: TrainingPictures) -> None:
        self._pixels = pictures.pixels

    def __getitem__(self, order: Order) -> tuple[Tensor, Tensor, Tensor]:
        """Two (side, side, 3) uint8 tensors and a number."""
        draw = random.Random(order.seed)
        image = self._image(order.picture)
        background = self._image(draw.randrange(len(self._pixels)))
        first, second = to_pixels([mild(image, draw), hard(image, draw, background)], order.side)
        return torch.from_numpy(first), torch.from_numpy(second), torch.tensor(order.picture)

    def _image(self, number: int) -> Image.Image:
        image = Image.fromarray(self._pixels[number])
        if min(image.size) >= _SMALLEST:
            return image
        factor = _SMALLEST / min(image.size)
        return image.resize((round(image.width * factor), round(image.height * factor)))


class _Planned:
    """A plan as PyTorch's loader wants it: something to iterate over that also has a length."""

    def __init__(self, plan: Plan, start: int) -> None:
        self._plan, self._start = plan, start

    def __iter__(self) -> Iterator[list[Order]]:
        return self._plan.batches(self._start)

    def __len__(self) -> int:
        return len(self._plan.sides) - self._start


def edited_batches(
    pictures: TrainingPictures, plan: Plan, start: int, processes: int
) -> DataLoader[tuple[Tensor, Tensor, Tensor]]:
    """Batches of (mild, hard, picture): uint8 (n, side, side, 3) twice and int64 (n,)."""
    return DataLoader(
        Edits(pictures),
        batch_sampler=_Planned(plan, start),
        num_workers=processes,
        prefetch_factor=4 if processes else None,
    )
