"""Edited views of the training pictures, made by other processes while the network learns."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from lookalike.embed.preprocess import to_pixels
from lookalike.labs.learn.editing import hard, mild
from lookalike.labs.learn.packed import Packed, open_packed

MILD_EVERY = 4
"""Of each batch the first view of every fourth picture is mildly edited; all other views are strongly."""

GROUP = 16
"""A picture that was drawn for its looks comes with 15 of its nearest strangers."""

_AHEAD = 2  # batches that each process has ready

Key = tuple[int, int, int]
"""A batch, a place in it, and the picture that is seen there."""


class Views(Dataset[tuple[Tensor, Tensor]]):
    """Two edited views of a picture by its key; the same key gives the same views."""

    def __init__(self, folder: Path, side: int, seed: int) -> None:
        """
        Args:
            folder: that ``pack`` filled.
            side: pixels a side of the views.
            seed: of the edits.
        """
        self._folder, self._side, self._seed = folder, side, seed

    @cached_property
    def _pictures(self) -> Packed:
        """Opened by each process on its own: to send them all pictures would take minutes."""
        return open_packed(self._folder)

    def __getitem__(self, key: Key) -> tuple[Tensor, Tensor]:
        """The picture's number, () int64, and its views, (2, side, side, 3) uint8."""
        batch, place, number = key
        draw = random.Random(f"{self._seed} {self._side} {batch} {place}")
        image = self._pictures.image(number)
        first = (
            mild(image, draw) if place % MILD_EVERY == 0 else hard(image, draw, lambda: self._another(draw))
        )
        second = hard(image, draw, lambda: self._another(draw))
        return torch.tensor(number), torch.from_numpy(to_pixels([first, second], self._side))

    def _another(self, draw: random.Random) -> Image.Image:
        return self._pictures.image(draw.randrange(len(self._pictures)))


class Batches:
    """Which pictures each batch shows: one half at random, the other in groups of pictures that look alike.

    Pictures at random are told apart at a glance; the nearest strangers of a picture only by a close look.
    """

    def __init__(self, strangers: NDArray[np.int64], size: int, seed: int, first: int, last: int) -> None:
        """
        Args:
            strangers: (pictures, GROUP - 1) int64, see ``nearest_strangers``.
            size: pictures a batch.
            seed: of the draw.
            first: number of the first batch.
            last: number after the last batch.
        """
        self._strangers, self._size, self._seed = strangers, size, seed
        self._numbers = range(first, last)

    def __len__(self) -> int:
        return len(self._numbers)

    def __iter__(self) -> Iterator[list[Key]]:
        for batch in self._numbers:
            yield [(batch, place, number) for place, number in enumerate(self._drawn(batch))]

    def _drawn(self, batch: int) -> list[int]:
        """Different numbers, first those at random."""
        mixed = np.random.default_rng([self._seed, batch]).permutation(len(self._strangers))
        chosen = dict.fromkeys(mixed[: self._size // 2].tolist())
        for centre in mixed[::-1]:
            if len(chosen) >= self._size:
                break
            chosen |= dict.fromkeys([int(centre), *self._strangers[centre].tolist()])
        return list(chosen)[: self._size]


def load(views: Views, batches: Batches, processes: int) -> DataLoader[tuple[Tensor, Tensor]]:
    """Batches in order, each as (n,) int64 numbers and (n, 2, side, side, 3) uint8 views.

    Args:
        views: of the pictures.
        batches: which pictures.
        processes: that edit; with 0 this process does it itself.
    """
    return DataLoader(
        views,
        batch_sampler=batches,
        num_workers=processes,
        prefetch_factor=_AHEAD if processes else None,
        multiprocessing_context="spawn" if processes else None,
    )
