"""Edited copies of pictures as the network's trunk sees them, made once and kept.

The trunk is not trained, so its output for a copy never changes. Editing a picture and running the trunk on
it costs more than a step of training; here it is done once and used in every later step.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from lookalike.disk import replacing
from lookalike.embed.preprocess import to_pixels
from lookalike.labs.learn.editing import hard, mild
from lookalike.labs.learn.network import normalised
from lookalike.labs.learn.packed import Packed
from lookalike.labs.learn.recipe import Stage
from lookalike.labs.learn.two_readings import TwoReadings

SHARD = 256  # pictures a file
_MILD = 0.2  # share of the views


class Views:
    """The trunk's maps of all views of all pictures, as float16 files that are mapped into memory.

    Attributes:
        count: of pictures.
    """

    def __init__(self, folder: Path) -> None:
        self._shards = [
            np.load(path, mmap_mode="r", allow_pickle=False) for path in sorted(folder.glob("*.npy"))
        ]
        self.count = sum(len(shard) for shard in self._shards)

    def two(self, pictures: Iterable[int], draw: random.Random) -> Tensor:
        """Two different views of each picture: (2 n, channels, h, w) float32, first one of each."""
        first, second = [], []
        for picture in pictures:
            maps = self._shards[picture // SHARD][picture % SHARD]
            one, other = draw.sample(range(len(maps)), 2)
            first.append(maps[one])
            second.append(maps[other])
        return torch.from_numpy(np.stack(first + second)).float()


def make_views(
    network: TwoReadings, pictures: Packed, stage: Stage, seed: int, folder: Path, processes: int
) -> Views:
    """Edit every picture ``stage.views`` times; files that are there already stay.

    Args:
        network: only its trunk counts.
        pictures: to edit.
        stage: how often, and for which size of input.
        seed: of the edits.
        folder: gets a file for every 256 pictures.
        processes: that edit side by side.
    """
    folder.mkdir(parents=True, exist_ok=True)
    missing = [
        start for start in range(0, len(pictures), SHARD) if not (folder / f"{start:08d}.npy").exists()
    ]
    work = partial(_write_shard, network, pictures, stage, seed, folder)
    if processes == 1:
        for start in missing:
            work(start)
    elif missing:
        with ProcessPoolExecutor(processes, mp_context=get_context("spawn"), initializer=_alone) as pool:
            list(pool.map(work, missing))
    return Views(folder)


def _alone() -> None:
    """Other processes use the other cores."""
    torch.set_num_threads(1)


def _write_shard(
    network: TwoReadings, pictures: Packed, stage: Stage, seed: int, folder: Path, start: int
) -> None:
    stop = min(start + SHARD, len(pictures))
    found = np.stack([_seen(network, pictures, stage, seed, number) for number in range(start, stop)])
    with replacing(folder / f"{start:08d}.npy") as file:
        np.save(file, found)


def _seen(
    network: TwoReadings, pictures: Packed, stage: Stage, seed: int, number: int
) -> NDArray[np.float16]:
    """The trunk's maps of a picture's views, (views, channels, h, w)."""
    draw = random.Random(f"{seed} {stage.side} {number}")
    image = pictures.image(number)
    views = [
        mild(image, draw)
        if draw.random() < _MILD
        else hard(image, draw, lambda: pictures.image(draw.randrange(len(pictures))))
        for _ in range(stage.views)
    ]
    with torch.inference_mode():
        maps = network.maps(normalised(torch.from_numpy(to_pixels(views, stage.side))))
    return maps.half().numpy()
