"""Images per second of ``lookalike index`` against the loop that a user would write.

    lookalike lab bench index_rate [--pictures FOLDER]

Both use ``resnet34``, so that two programs are compared and not two networks. The loop: Pillow opens and
resizes, PyTorch runs the network, read back from its file, eagerly in float32 on one picture at a time, with
all cores. It runs at 224 px, as the public ImageNet recipe has it, and at the network's own 128 px. Loading
of PyTorch and its network is not counted; for ``index`` everything is: loading the model, reading, hashing,
storing and writing the index. The same run compares the embeddings of both.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from lookalike import Collection
from lookalike.embed import load_embedder
from lookalike.embed.registry import WEIGHTS
from lookalike.errors import UsageError
from lookalike.kernels.arrays import Vectors
from lookalike.labs.bench.pictures import add_picture_option, chosen_folder, pictures_in
from lookalike.labs.bench.setting import median_seconds, write_result
from lookalike.labs.learn.network import DEVIATION, MEAN
from lookalike.labs.learn.onnx_weights import Network, read_network
from lookalike.settings import Settings

MODEL = "resnet34"
IMAGES = 500
ROUNDS = 3


def index_once(paths: list[Path]) -> None:
    """What ``lookalike index`` does, into a fresh collection; loading the model is part of it."""
    with tempfile.TemporaryDirectory() as folder:
        settings = replace(Settings(), collection=Path(folder), model=MODEL)
        with Collection.open(create=True, settings=settings) as collection:
            report = collection.add(paths)
        if report.added != len(paths):
            raise UsageError(
                f"of {len(paths)} pictures {report.added} were indexed; leave out broken and equal ones"
            )


def loop_once(paths: list[Path], network: Network, side: int) -> Vectors:
    """The loop that a user would write; returns the embeddings, (n, 512)."""
    found = []
    for path in paths:
        image = Image.open(path).convert("RGB").resize((side, side), Image.Resampling.BICUBIC)
        pixels = (np.asarray(image, np.float32) / 255 - MEAN) / DEVIATION
        with torch.inference_mode():
            found.append(network(torch.from_numpy(pixels.astype(np.float32)).permute(2, 0, 1)[None]).numpy())
    return np.concatenate(found)


def main(arguments: Sequence[str]) -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description="Images per second of index, against a plain loop.")
    add_picture_option(parser)
    folder = chosen_folder(parser.parse_args(arguments).pictures)
    paths = pictures_in(folder)
    paths = random.Random(0).sample(paths, min(IMAGES, len(paths)))
    count = len(paths)
    embedder = load_embedder(MODEL)
    side, network = embedder.card.side, read_network(WEIGHTS / f"{MODEL}.onnx")
    ours, loop_small, loop_large = median_seconds(
        [
            partial(index_once, paths),
            partial(loop_once, paths, network, side),
            partial(loop_once, paths, network, 224),
        ],
        ROUNDS,
    )
    print(f"{count} pictures, medians of {ROUNDS} rounds, images per second:")
    print(f"  lookalike index           {count / ours:7.1f}")
    print(f"  PyTorch loop, 224 px      {count / loop_large:7.1f}   index is {loop_large / ours:.2f}x")
    print(f"  PyTorch loop, {side} px      {count / loop_small:7.1f}   index is {loop_small / ours:.2f}x")
    exact = loop_once(paths, network, side)
    images = [Image.open(path).convert("RGB") for path in paths]
    found = [embedder.embed(images[start : start + 8]) for start in range(0, count, 8)]
    cosines = (exact * np.concatenate(found)).sum(axis=1)
    print(f"  cosine between both embeddings: {cosines.mean():.4f} on average, {cosines.min():.4f} at least")
    write_result(
        "index_rate",
        mean_cosine=float(cosines.mean()),
        least_cosine=float(cosines.min()),
        pictures=folder.name,
        images=count,
        rounds=ROUNDS,
        index_images_per_second=count / ours,
        loop_224_images_per_second=count / loop_large,
        loop_same_size_images_per_second=count / loop_small,
    )
