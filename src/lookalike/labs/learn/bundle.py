"""The bundled embedder, from recipe to file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from PIL import Image

from lookalike.embed.preprocess import to_pixels
from lookalike.labs.learn.distil import Distillation
from lookalike.labs.learn.export import export_network
from lookalike.labs.learn.quantise import quantise
from lookalike.labs.learn.recipe import Recipe
from lookalike.labs.learn.training_pictures import TrainingPictures

CALIBRATION = 512  # pictures on which the ranges of activations are measured


def make_bundle(recipe: Recipe, data: Path, folder: Path, processes: int, device: torch.device) -> Path:
    """Train by a recipe and write the embedder twice, in float32 and in 8-bit integers.

    Args:
        recipe: says everything.
        data: holds what the recipe names.
        folder: checkpoint, log and results; a run that was stopped goes on from its last checkpoint.
        processes: for the teacher, and for edits beside the training.
        device: to train on.

    Returns:
        the 8-bit embedder, ``NAME.onnx``; the other is ``NAME-float32.onnx``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    run = Distillation(recipe, data, folder, processes, device)
    run.resume()
    plain = folder / f"{recipe.card.name}-float32.onnx"
    export_network(run.run().cpu(), plain, recipe.card)
    path = folder / f"{recipe.card.name}.onnx"
    quantise(plain, path, _calibration(run.pictures, recipe.card.side, recipe.seed))
    return path


def _calibration(pictures: TrainingPictures, side: int, seed: int) -> np.ndarray:
    """Training pictures as the embedder sees them, (n, side, side, 3) uint8."""
    listed = np.flatnonzero(pictures.sources == 0)
    count = min(CALIBRATION, len(listed))
    chosen = np.random.default_rng(seed).choice(listed, count, replace=False)
    return to_pixels([Image.fromarray(pictures.pixels[number]) for number in chosen], side)
