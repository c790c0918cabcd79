"""Measuring a model by its name: load it, embed a split's pictures, evaluate, write what came of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from lookalike.embed import Embedder, load_embedder
from lookalike.kernels.arrays import Vectors
from lookalike.labs.learn.checkpoints import load_model
from lookalike.labs.learn.confusion import draw_confusion
from lookalike.labs.learn.decoded import Pictures, load_pictures
from lookalike.labs.learn.evaluation import Evaluation, evaluate
from lookalike.labs.learn.tuning import AT_ONCE, classify, embed
from lookalike.labs.shared.results import write_facts
from lookalike.labs.shared.splits import Split
from lookalike.settings import Settings

TORCH_FILES = (".pt", ".pth")
"""Endings of what ``lab train`` and PyTorch write; every other source is an embedder."""

_EMBEDDERS_LONGEST = 512  # pixels a side, more than any embedder here looks at


def measure(source: str, parts: Split, device: torch.device, settings: Settings) -> Evaluation:
    """Measure a model on a split's test pictures, with all the others as neighbours.

    Args:
        source: a file that ``lab train`` wrote, or whatever ``--model`` takes.
        parts: of a folder.
        device: to compute on, where PyTorch computes.
        settings: limits of pictures.
    """

    def read(longest: int) -> tuple[Pictures, Pictures]:
        known = [*parts.training, *parts.validation]
        training, test = (
            load_pictures(paths, parts.labels(paths), longest, settings) for paths in (known, parts.test)
        )
        return training, test

    predicted = None
    if source.endswith(TORCH_FILES):
        model = load_model(source)
        training, test = read(2 * model.side)
        network = model.network.to(device)
        vectors = [embed(network, some, model.side, device) for some in (training, test)]
        if model.classes == parts.classes:
            predicted = classify(model.classifier().to(device), test, model.side, device)
    else:
        embedder = load_embedder(source)
        training, test = read(_EMBEDDERS_LONGEST)
        vectors = [_embedded(embedder, some, settings.threads) for some in (training, test)]
    return evaluate(parts.classes, (vectors[0], training.labels), (vectors[1], test.labels), predicted)


def _embedded(embedder: Embedder, pictures: Pictures, threads: int) -> Vectors:
    """Embed pictures, some per thread: an embedder computes on its caller's."""
    images = [Image.fromarray(pixels) for pixels in pictures.pixels]
    groups = [images[start : start + AT_ONCE] for start in range(0, len(images), AT_ONCE)]
    with ThreadPoolExecutor(threads) as pool:
        return np.concatenate(list(pool.map(embedder.embed, groups)))


def write(result: Evaluation, folder: Path, title: str) -> None:
    """Write ``evaluation.json`` and ``confusion.png`` into a folder."""
    facts = {"model": title, **result.facts(), "confusion": result.confusion.tolist()}
    write_facts(folder / "evaluation.json", **facts)
    names = [score.name for score in result.classes]
    draw_confusion(names, result.confusion, folder / "confusion.png", f"{title}: given class by true class")
