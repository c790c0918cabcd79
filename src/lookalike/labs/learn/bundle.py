"""The bundled embedder, from recipe to file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import nn

from lookalike.embed.preprocess import to_pixels
from lookalike.errors import UsageError
from lookalike.labs.learn.devices import fast_precision
from lookalike.labs.learn.distil import Distillation
from lookalike.labs.learn.export import export_network
from lookalike.labs.learn.network import DIM, EmbeddingNetwork, normalised
from lookalike.labs.learn.quantise import quantise
from lookalike.labs.learn.recipe import Recipe
from lookalike.labs.learn.training_pictures import TrainingPictures
from lookalike.labs.learn.whitening import fit_whitening

CALIBRATION = 512  # pictures on which the ranges of activations are measured
_AT_ONCE = 64


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
    network = run.run().cpu()
    pixels = _listed(run.pictures, recipe.card.side)
    even_out(network, pixels, recipe.output_power)
    plain = folder / f"{recipe.card.name}-float32.onnx"
    export_network(network, plain, recipe.card)
    path = folder / f"{recipe.card.name}.onnx"
    chosen = np.random.default_rng(recipe.seed).permutation(len(pixels))[:CALIBRATION]
    quantise(plain, path, pixels[chosen])
    return path


def even_out(network: EmbeddingNetwork, pixels: NDArray[np.uint8], power: float) -> None:
    """Centre and partly whiten the output, by changing the projection.

    What a network learned from classes varies most between these; evening out finds more copies and costs
    some of the likeness within a class.

    Args:
        network: with a projection; in evaluation mode.
        pixels: (n, side, side, 3) uint8 pictures that no test uses.
        power: see ``fit_whitening``.
    """
    groups = [pixels[start : start + _AT_ONCE] for start in range(0, len(pixels), _AT_ONCE)]
    with torch.inference_mode(), fast_precision(torch.device("cpu")):
        features = [network.features(normalised(torch.from_numpy(group))).float().numpy() for group in groups]
    centre, matrix = map(torch.from_numpy, fit_whitening(np.concatenate(features), DIM, power))
    projection = network.projection
    if not isinstance(projection, nn.Linear):
        raise UsageError("only a network with a projection can be evened out")
    with torch.no_grad():
        projection.bias.copy_((projection.bias - centre) @ matrix)
        projection.weight.copy_(matrix.T @ projection.weight)


def _listed(pictures: TrainingPictures, side: int) -> NDArray[np.uint8]:
    """The training pictures of the folder as the embedder sees them, (n, side, side, 3)."""
    numbers = np.flatnonzero(pictures.sources == 0)
    return to_pixels([Image.fromarray(pictures.pixels[number]) for number in numbers], side)
