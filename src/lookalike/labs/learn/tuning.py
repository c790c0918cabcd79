"""Fine-tuning: a network with a new head learns the classes of a folder.

The reference's procedure: Adam at 1e-4, cross-entropy, at most 10 epochs. What is added is a rate that falls
along a cosine, a ten times higher rate for the new head, which starts from nothing, and early stopping.
"""

from __future__ import annotations

import json
import random
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from lookalike.embed.preprocess import to_pixels
from lookalike.embed.providers.torch_embedder import weights_digest
from lookalike.errors import UsageError
from lookalike.kernels.arrays import Vectors
from lookalike.labs.learn.adversarial import Hardened, SizedBatches
from lookalike.labs.learn.decoded import Pictures, load_pictures
from lookalike.labs.learn.devices import fast_precision
from lookalike.labs.learn.editing import mild
from lookalike.labs.learn.models import ClassifierNetwork, Model, save_model
from lookalike.labs.learn.network import normalised
from lookalike.labs.learn.onnx_weights import Network
from lookalike.labs.learn.trainer import Task, Trainer
from lookalike.labs.shared.splits import Split
from lookalike.settings import Settings

RATE, HEAD_FACTOR = 1e-4, 10.0
PATIENCE = 3  # epochs
STAGES = 4
_BATCH = 32
_LONGEST = 1.6  # of the network's side: what a crop can still use
AT_ONCE = 64  # pictures, where nothing is learned


@dataclass(frozen=True, slots=True)
class Training:
    """How to fine-tune.

    Attributes:
        epochs: at most.
        freeze: the stem and so many of the four stages keep their weights; 0 trains everything.
        side: pixels a side.
        seed: of head, order, edits and what is adversarial.
        adversarial: by how much half of the pictures are changed to mislead the network that learns from
            them, in intensities from 0 to 1; 0 changes none.
    """

    epochs: int
    freeze: int
    side: int
    seed: int
    adversarial: float = 0.0

    def __post_init__(self) -> None:
        if self.epochs < 1:
            raise UsageError(f"epochs must be 1 or more, not {self.epochs}")
        if not 0 <= self.freeze <= STAGES:
            raise UsageError(f"freeze must be from 0 to {STAGES}, not {self.freeze}")
        if self.side < 32:
            raise UsageError(f"side must be 32 pixels or more, not {self.side}")
        if not 0 <= self.adversarial < 1:
            raise UsageError(f"adversarial must be from 0 to below 1, not {self.adversarial}")


def fine_tune(
    model: Model,
    parts: Split,
    training: Training,
    out: Path,
    *,
    device: torch.device,
    settings: Settings,
    resume: bool,
) -> tuple[Model, float]:
    """Train a model on a folder's classes and write it.

    Args:
        model: to start from; its network is changed.
        parts: ``training`` is learned from, ``validation`` decides when to stop.
        training: how.
        out: the model's file; beside it come ``out.log.jsonl`` and, while it runs, ``out.checkpoint``.
        device: to compute on.
        settings: limits of pictures, and how many processes edit them.
        resume: go on from ``out.checkpoint``.

    Returns:
        the best model, and its accuracy on the validation pictures.
    """
    identity = [weights_digest(model.network), [str(path) for path in parts.training]]
    settings_line = json.dumps([asdict(training), *identity])
    model = model.with_classes(parts.classes, training.seed)
    network = model.classifier().to(device)
    longest = round(_LONGEST * training.side)
    loaded = load_pictures(parts.training, parts.labels(parts.training), longest, settings)
    judged = load_pictures(parts.validation, parts.labels(parts.validation), longest, settings)
    if not len(loaded.labels) or not len(judged.labels):
        raise UsageError("there are too few pictures to learn from some and judge by others")
    checkpoint = out.with_name(f"{out.name}.checkpoint")
    trainer = Trainer(
        _task(network, loaded, judged, training, device, settings.threads),
        checkpoint,
        out.with_name(f"{out.name}.log.jsonl"),
        settings=settings_line,
        device=device,
    )
    if resume:
        trainer.resume()
    accuracy = trainer.run(training.epochs, PATIENCE)
    network.cpu()
    trained = replace(model, side=training.side)
    save_model(trained, out)
    checkpoint.unlink()
    return trained, accuracy


def _task(
    network: ClassifierNetwork,
    learned: Pictures,
    judged: Pictures,
    training: Training,
    device: torch.device,
    processes: int,
) -> Task:
    """What the trainer repeats: edited pictures in batches, Adam along a cosine, accuracy as the score."""
    body, head = freeze(network.network, training.freeze), list(network.head.parameters())
    optimiser = torch.optim.Adam([{"params": body, "lr": RATE}, {"params": head, "lr": HEAD_FACTOR * RATE}])
    steps = training.epochs * -(-len(learned.labels) // _BATCH)
    return Task(
        network,
        nn.functional.cross_entropy,
        optimiser,
        torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps),
        batches=lambda epoch: _hardened(
            _batches(learned, training, epoch, processes), network, training, epoch, device
        ),
        score=lambda: float((classify(network, judged, training.side, device) == judged.labels).mean()),
        prepare=lambda: _train_mode(network, training.freeze),
    )


def freeze(network: Network, stages: int) -> list[nn.Parameter]:
    """Fix the stem and the first stages, where there are any to fix; return the parameters that learn."""
    for part in network.parts(stages):
        part.requires_grad_(requires_grad=False)
    return [parameter for parameter in network.parameters() if parameter.requires_grad]


def classify(network: ClassifierNetwork, pictures: Pictures, side: int, device: torch.device) -> np.ndarray:
    """The class with the highest score for each picture, (n,) int64; the network is in evaluation mode."""
    scores = _through(network, pictures, side, device)
    return np.asarray(scores.argmax(axis=1), np.int64)


def embed(network: Network, pictures: Pictures, side: int, device: torch.device) -> Vectors:
    """The embedding of each picture, (n, 512) float32; the network is in evaluation mode."""
    return _through(network, pictures, side, device)


def _through(network: nn.Module, pictures: Pictures, side: int, device: torch.device) -> Vectors:
    """What a network gives for each picture, (n, outputs) float32."""
    found = []
    with torch.inference_mode(), fast_precision(device):
        for start in range(0, len(pictures.pixels), AT_ONCE):
            images = [Image.fromarray(pixels) for pixels in pictures.pixels[start : start + AT_ONCE]]
            given = network(normalised(torch.from_numpy(to_pixels(images, side)).to(device)))
            found.append(given.float().numpy(force=True))
    return np.concatenate(found)


def _train_mode(network: ClassifierNetwork, stages: int) -> None:
    """Training mode, but the batch norms of fixed stages keep their statistics."""
    network.train()
    for part in network.network.parts(stages):
        part.eval()


class _Edited(Dataset[tuple[Tensor, Tensor]]):
    """For a picture's number and a seed: the picture, edited at random, and its class."""

    def __init__(self, pictures: Pictures, side: int) -> None:
        self._pictures, self._side = pictures, side

    def __getitem__(self, order: tuple[int, int]) -> tuple[Tensor, Tensor]:
        number, seed = order
        edited = mild(Image.fromarray(self._pictures.pixels[number]), random.Random(seed))
        return normalised(torch.from_numpy(to_pixels([edited], self._side)))[0], torch.tensor(
            self._pictures.labels[number]
        )


def _hardened(
    batches: SizedBatches, network: ClassifierNetwork, training: Training, epoch: int, device: torch.device
) -> SizedBatches:
    """The batches of an epoch as they are, or half of each made adversarial."""
    if not training.adversarial:
        return batches
    seed = int(np.random.default_rng((training.seed, epoch, 1)).integers(1 << 62))
    return Hardened(batches, network, training.adversarial, seed, device)


def _batches(
    pictures: Pictures, training: Training, epoch: int, processes: int
) -> DataLoader[tuple[Tensor, Tensor]]:
    """All pictures once, in an order and with edits that the seed and the epoch decide."""
    generator = np.random.default_rng((training.seed, epoch))
    numbers = generator.permutation(len(pictures.pixels)).tolist()
    seeds = generator.integers(1 << 62, size=len(numbers)).tolist()
    orders = list(zip(numbers, seeds, strict=True))
    return DataLoader(
        _Edited(pictures, training.side),
        batch_sampler=[orders[start : start + _BATCH] for start in range(0, len(orders), _BATCH)],
        num_workers=processes if len(orders) > 10 * _BATCH else 0,
    )
