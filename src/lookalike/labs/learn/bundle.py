"""The bundled embedder, from recipe to file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from lookalike.embed.preprocess import to_pixels
from lookalike.errors import UsageError
from lookalike.labs.learn.copy_teacher import teach
from lookalike.labs.learn.distil import Distillation
from lookalike.labs.learn.efficientnet_lite import TRUNK, read_checkpoint
from lookalike.labs.learn.export import export_network
from lookalike.labs.learn.glance import Glance
from lookalike.labs.learn.negatives import fit_negatives
from lookalike.labs.learn.network import normalised
from lookalike.labs.learn.onnx_weights import read_network
from lookalike.labs.learn.packed import Packed, pack
from lookalike.labs.learn.quantise import quantise
from lookalike.labs.learn.recipe import Recipe
from lookalike.labs.learn.two_readings import COPY, TwoReadings
from lookalike.labs.learn.whitening import fit_whitening

CALIBRATION = 512  # pictures on which the ranges of activations are measured
_WHITENED_ON = 6000  # pictures at most, each part on its own
_NEGATIVES_OF = 12000  # pictures at most that negatives are means of
_AT_ONCE = 64


def make_bundle(recipe: Recipe, data: Path, folder: Path, processes: int, device: torch.device) -> Path:
    """Train by a recipe and write the embedder twice, in float32 and in 8-bit integers.

    Args:
        recipe: says everything.
        data: holds what the recipe names.
        folder: pictures, teacher's views, checkpoint, log and results; a stopped run goes on where it
            stood.
        processes: that work side by side, before the training and during it.
        device: to train on.

    Returns:
        the 8-bit embedder, ``NAME.onnx``; the other is ``NAME-float32.onnx``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    start = _begun(data / recipe.start) if recipe.start else None
    pictures = pack(recipe.sources, recipe.pages, data, folder, recipe.seed, processes)
    pages = pictures.sources == len(recipe.sources)
    features = teach(data / recipe.teacher, pictures, _teacher_sides(recipe), folder / "teacher", processes)
    targets = fit_whitening(features, COPY, recipe.target_power).unit(features)
    run = Distillation(recipe, fresh_network(data / recipe.body), targets, pages, folder, device)
    if start is not None:
        run.begin_with(start)
    for number, stage in enumerate(recipe.stages):
        run.train(number, stage, processes)
    network = finished(run.averaged, recipe, pictures)
    plain = folder / f"{recipe.card.name}-float32.onnx"
    export_network(network, plain, recipe.card)
    path = folder / f"{recipe.card.name}.onnx"
    first = np.flatnonzero(pictures.sources == 0)
    quantise(plain, path, np.concatenate(list(_batches(pictures, first[:CALIBRATION], recipe.card.side))))
    return path


def finished(network: TwoReadings, recipe: Recipe, pictures: Packed) -> TwoReadings:
    """A trained network with its second glance, whitened and parted from strangers, in the main memory.

    Args:
        network: is changed.
        recipe: says how.
        pictures: that it was trained on, in random order.
    """
    everything, first = np.arange(len(pictures)), np.flatnonzero(pictures.sources == 0)
    sides = np.array(_teacher_sides(recipe))
    side = recipe.card.side
    network.glance = Glance(COPY, recipe.negatives).to(next(network.parameters()).device)
    network.eval()
    clear = everything[sides[pictures.sources] == sides.max()]
    whiten_copies(network, _batches(pictures, everything[:_WHITENED_ON], side), recipe.copy_power)
    part_from_strangers(network, _batches(pictures, clear[:_NEGATIVES_OF], side), recipe.seed)
    whiten_likeness(network, _batches(pictures, first[:_WHITENED_ON], side), recipe.likeness_power)
    return network.cpu()


def fresh_network(checkpoint: Path) -> TwoReadings:
    """A network whose trunk and tails are those of an ImageNet classifier, in evaluation mode.

    Args:
        checkpoint: as ``read_checkpoint`` takes it.
    """
    network = TwoReadings().eval()
    state = network.state_dict()
    for name, values in read_checkpoint(checkpoint).items():
        for own in _places(name):
            state[own] = values
    network.load_state_dict(state)
    return network


def _teacher_sides(recipe: Recipe) -> list[int]:
    """Pixels a side at which the teacher looks at the pictures of each source, and at drawn pages."""
    sides = [source.side for source in recipe.sources]
    return [*sides, max(sides)]


def _begun(path: Path) -> TwoReadings:
    """The network in an embedder that an earlier run wrote.

    Raises:
        UsageError: it holds another network.
    """
    network = read_network(path)
    if not isinstance(network, TwoReadings):
        raise UsageError(f"{path} is no network with two readings, from which this training could go on")
    return network


def _places(name: str) -> list[str]:
    """Where a classifier's weight goes: into the trunk, or into both tails."""
    part, _, rest = name.partition(".")
    if part == "stem":
        return [name]
    if part == "head":
        return [f"{tail}.{name}" for tail in ("copy", "likeness")]
    number, _, inner = rest.partition(".")
    block = int(number)
    if block < TRUNK:
        return [f"trunk.{block}.{inner}"]
    return [f"{tail}.blocks.{block - TRUNK}.{inner}" for tail in ("copy", "likeness")]


def whiten_copies(network: TwoReadings, batches: Iterator[NDArray[np.uint8]], power: float) -> None:
    """Whiten what both views say together.

    Args:
        network: in evaluation mode, with a glance.
        batches: (n, side, side, 3) uint8 pictures that no test uses; their order is random.
        power: see ``fit_whitening``.
    """
    glance = _glance_of(network)
    found = _seen(network, batches, lambda x: glance.together(network.copy(network.maps(glance.views(x)))))
    _whiten(glance.whitening, found, power)


def part_from_strangers(network: TwoReadings, batches: Iterator[NDArray[np.uint8]], seed: int) -> None:
    """Fit the negatives, which are subtracted from every copy part.

    Args:
        network: in evaluation mode, with a glance that was whitened.
        batches: (n, side, side, 3) uint8 pictures that no test uses.
        seed: see ``fit_negatives``.
    """
    glance = _glance_of(network)
    found = _seen(network, batches, lambda x: glance.whitened(network.copy(network.maps(glance.views(x)))))
    centres = glance.negatives.centres
    centres.copy_(torch.from_numpy(fit_negatives(found, len(centres), seed)))


def whiten_likeness(network: TwoReadings, batches: Iterator[NDArray[np.uint8]], power: float) -> None:
    """Centre, reduce and partly whiten the likeness part, by setting its projection.

    Args:
        network: in evaluation mode, with a glance.
        batches: (n, side, side, 3) uint8 pictures that no test uses.
        power: see ``fit_whitening``.
    """
    glance = _glance_of(network)
    found = _seen(
        network, batches, lambda x: network.likeness.pooled(network.maps(glance.views(x)[: len(x)]))
    )
    _whiten(network.likeness.projection, found, power)


def _glance_of(network: TwoReadings) -> Glance:
    assert network.glance is not None  # noqa: S101  (make_bundle gave one)
    return network.glance


def _seen(
    network: TwoReadings, batches: Iterator[NDArray[np.uint8]], see: Callable[[Tensor], Tensor]
) -> NDArray[np.float32]:
    """What a part of a network makes of all pictures, (n, dim) float32."""
    device = next(network.parameters()).device
    with torch.inference_mode():
        return np.concatenate(
            [see(normalised(torch.from_numpy(pixels).to(device))).cpu().numpy() for pixels in batches]
        )


def _whiten(layer: torch.nn.Linear, features: NDArray[np.float32], power: float) -> None:
    """Make a linear layer whiten features like these, as many directions as it has outputs."""
    centre, matrix = map(torch.from_numpy, fit_whitening(features, layer.out_features, power))
    with torch.no_grad():
        layer.weight.copy_(matrix.T)
        layer.bias.copy_(-centre @ matrix)


def _batches(pictures: Packed, numbers: NDArray[np.int64], side: int) -> Iterator[NDArray[np.uint8]]:
    """Pictures as the embedder sees them, (n, side, side, 3), a few at a time."""
    for start in range(0, len(numbers), _AT_ONCE):
        yield to_pixels([pictures.image(number) for number in numbers[start : start + _AT_ONCE]], side)
