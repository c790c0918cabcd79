"""A recipe: everything that decides what a training run makes, as a TOML file."""

from __future__ import annotations

import json
import tomllib
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Self, TypeVar

from lookalike.embed import ModelCard
from lookalike.errors import DamagedError, UsageError, reason_of

_Made = TypeVar("_Made")


@dataclass(frozen=True, slots=True)
class Source:
    """A folder of pictures to learn from.

    Attributes:
        folder: relative to the data folder.
        most: pictures taken at random where it has more; 0 takes all.
        listed: a text file with a relative path a line, relative to the data folder; empty takes every
            picture below ``folder``.
        side: pixels a side at which the teacher looks at its pictures.
    """

    folder: str
    most: int
    listed: str
    side: int


@dataclass(frozen=True, slots=True)
class Stage:
    """A part of the training, at one size of input.

    Attributes:
        side: pixels a side.
        steps: batches.
    """

    side: int
    steps: int


@dataclass(frozen=True, slots=True)
class Recipe:
    """How the bundled network is made. Paths are relative to the data folder.

    Attributes:
        body: the EfficientNet-Lite0 checkpoint that both tails start from.
        start: an embedder that an earlier run wrote, from whose weights the training goes on; empty starts
            both tails from ``body``.
        teacher: SSCD as an ONNX file.
        sources: what to learn from.
        stages: of the training, in order.
        seed: of choice, order and edits.
        pages: drawn pages that are learned from besides; see ``pages``.
        pictures: how many a step, each in two edited views.
        uses: steps that each batch of edited views is used in, changed a little each time; see ``retouch``.
        learning_rate: the highest; it falls to zero over the second half of each stage.
        warm_up: steps in which it rises.
        weight_decay: AdamW's.
        target_power: how far the teacher's variances are made equal: 0 leaves them, 1 makes them equal.
        copy_power: the same for the copy part in the end, over pictures of all sources.
        negatives: means of pictures that the copy part is parted from; see ``negatives``.
        likeness_power: the same for the likeness part, over pictures of the first source.
        temperature: of the similarity and contrastive losses.
        cosine: weight of 1 minus the cosine to the teacher's target.
        similarity: weight of the loss of that name.
        contrastive: weight of the loss of that name.
        entropy: weight of the loss of that name.
        likeness: weight of 1 minus the cosine of the likeness tail's features to those of the ``body``.
        card: what is stored beside the weights.
    """

    body: str
    start: str
    teacher: str
    sources: tuple[Source, ...]
    stages: tuple[Stage, ...]
    seed: int
    pages: int
    pictures: int
    uses: int
    learning_rate: float
    warm_up: int
    weight_decay: float
    target_power: float
    copy_power: float
    negatives: int
    likeness_power: float
    temperature: float
    cosine: float
    similarity: float
    contrastive: float
    entropy: float
    likeness: float
    card: ModelCard

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a recipe.

        Raises:
            UsageError: it cannot be read, or has other keys than a recipe, or values of other types.
        """
        try:
            given = tomllib.loads(path.read_text())
        except (OSError, ValueError) as error:
            raise UsageError(f"recipe {path} cannot be read: {reason_of(error)}") from error
        try:
            given["sources"] = tuple(_checked(Source, source) for source in given["sources"])
            given["stages"] = tuple(_checked(Stage, stage) for stage in given["stages"])
            given["card"] = ModelCard.from_json(json.dumps(given["card"]))
            return _checked(cls, given)
        except (DamagedError, KeyError, TypeError, ValueError) as error:
            raise UsageError(f"recipe {path}: {error}") from error

    def settings(self) -> str:
        """All that decides what the training does, to tell one recipe from another."""
        afterwards = ("card", "copy_power", "negatives", "likeness_power")
        return json.dumps({name: value for name, value in asdict(self).items() if name not in afterwards})


def _checked(kind: type[_Made], given: dict[str, Any]) -> _Made:
    """A dataclass from a table with exactly its keys, numbers and strings where it wants them.

    Raises:
        ValueError: it has others.
    """
    types = {field.name: str(field.type) for field in fields(kind)}  # type: ignore[arg-type]
    odd = sorted(set(given) ^ set(types))
    if odd:
        raise ValueError(f"keys too many or too few: {', '.join(odd)}")
    simple: dict[str, tuple[type, ...]] = {"str": (str,), "int": (int,), "float": (int, float)}
    for name, value in given.items():
        wanted = simple.get(types[name])
        if wanted and (not isinstance(value, wanted) or isinstance(value, bool)):
            raise ValueError(f"{name} must be of type {types[name]}, not {value!r}")
    return kind(**given)
