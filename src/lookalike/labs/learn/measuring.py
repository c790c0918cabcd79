"""Measuring a model by its name: load it, embed a split's pictures, evaluate, write what came of it."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from lookalike.embed import load_embedder
from lookalike.kernels.arrays import Vectors
from lookalike.labs.learn.checkpoints import load_model
from lookalike.labs.learn.confusion import draw_confusion
from lookalike.labs.learn.decoded import Pictures, load_pictures
from lookalike.labs.learn.evaluation import Evaluation, evaluate
from lookalike.labs.learn.tuning import AT_ONCE, classify, embed
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
    known = [*parts.training, *parts.validation]
    if not source.endswith(TORCH_FILES):
        embedder = load_embedder(source)

        def embedded(pictures: Pictures) -> Vectors:
            images = [Image.fromarray(pixels) for pixels in pictures.pixels]
            groups = [images[start : start + AT_ONCE] for start in range(0, len(images), AT_ONCE)]
            with ThreadPoolExecutor(settings.threads) as pool:  # an embedder computes on its caller's thread
                return np.concatenate(list(pool.map(embedder.embed, groups)))

        training, test = (
            load_pictures(paths, parts.labels(paths), _EMBEDDERS_LONGEST, settings)
            for paths in (known, parts.test)
        )
        predicted = None
    else:
        model = load_model(source)
        network = model.network.to(device)

        def embedded(pictures: Pictures) -> Vectors:
            return embed(network, pictures, model.side, device)

        training, test = (
            load_pictures(paths, parts.labels(paths), 2 * model.side, settings)
            for paths in (known, parts.test)
        )
        predicted = None
        if model.classes == parts.classes:
            predicted = classify(model.classifier().to(device), test, model.side, device)
    return evaluate(
        parts.classes, (embedded(training), training.labels), (embedded(test), test.labels), predicted
    )


def write(result: Evaluation, folder: Path, title: str) -> None:
    """Write ``evaluation.json`` and ``confusion.png`` into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    facts = {"model": title, **result.facts(), "confusion": result.confusion.tolist()}
    (folder / "evaluation.json").write_text(json.dumps(facts, indent=1) + "\n")
    names = [score.name for score in result.classes]
    draw_confusion(names, result.confusion, folder / "confusion.png", f"{title}: given class by true class")
