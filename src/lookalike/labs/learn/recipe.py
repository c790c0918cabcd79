"""A recipe: everything that decides what a training run makes, as a TOML file."""

from __future__ import annotations

import json
import tomllib
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from lookalike.embed import ModelCard
from lookalike.errors import DamagedError, UsageError

_TYPES: dict[str, tuple[type, ...]] = {"str": (str,), "int": (int,), "float": (int, float)}


@dataclass(frozen=True, slots=True)
class Recipe:
    """How the bundled network is made. Paths are relative to the data folder.

    Attributes:
        pictures: folder of labelled pictures.
        training_list: the pictures of ``pictures`` to learn from, a relative path a line.
        archive: tar of more labelled pictures.
        teacher: TensorFlow Lite file.
        start: weights to start from, a ``.npz`` state dict.
        seed: of order, edits and new weights.
        shares: pictures a step from ``pictures`` and from ``archive``; each is seen in two edits.
        sides: pixels a side, by stages.
        steps: how many steps each stage has.
        exponent: of the generalised-mean pooling.
        learning_rate: its peak; it warms up and then follows a cosine to zero.
        warm_up: steps.
        weight_decay: AdamW's.
        target_power: 0 keeps the teacher's variances, 1 makes them all equal.
        temperature: of the similarity and contrastive losses.
        similarity: weight of the loss of that name.
        cosine: weight of 1 minus the cosine to the teacher's target.
        contrastive: weight of the loss of that name.
        entropy: weight of the loss of that name.
        labels: weight of the cross-entropies over the classes of each source.
        output_power: after training, how far the output's variances are made equal, like ``target_power``.
        card: what is stored beside the weights.
    """

    pictures: str
    training_list: str
    archive: str
    teacher: str
    start: str
    seed: int
    shares: tuple[int, int]
    sides: tuple[int, ...]
    steps: tuple[int, ...]
    exponent: float
    learning_rate: float
    warm_up: int
    weight_decay: float
    target_power: float
    temperature: float
    similarity: float
    cosine: float
    contrastive: float
    entropy: float
    labels: float
    output_power: float
    card: ModelCard

    def settings(self) -> str:
        """All that decides what the training does, to tell one recipe from another."""
        afterwards = ("card", "output_power")
        return json.dumps({name: value for name, value in asdict(self).items() if name not in afterwards})

    def side_of_each_step(self) -> list[int]:
        """Pixels a side, one for each step."""
        return [side for side, steps in zip(self.sides, self.steps, strict=True) for _ in range(steps)]


def read_recipe(path: Path) -> Recipe:
    """Read a recipe.

    Raises:
        UsageError: it cannot be read, or has other keys than a recipe, or values of other types.
    """
    try:
        given = tomllib.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise UsageError(f"recipe {path} cannot be read: {error}") from error
    known = {field.name: str(field.type) for field in fields(Recipe)}
    if set(given) != set(known):
        odd = ", ".join(sorted(set(given) ^ set(known)))
        raise UsageError(f"recipe {path} has keys too many or too few: {odd}")
    try:
        given["card"] = ModelCard.from_json(json.dumps(given["card"]))
    except (DamagedError, TypeError) as error:
        raise UsageError(f"recipe {path}: {error}") from error
    for name, kind in known.items():
        if kind == "ModelCard":
            continue
        if kind.startswith("tuple"):
            right = isinstance(given[name], list) and all(isinstance(value, int) for value in given[name])
            given[name] = tuple(given[name]) if right else ()
        else:
            right = isinstance(given[name], _TYPES[kind])
        if not right:
            raise UsageError(f"recipe {path}: {name} must be of type {kind}")
    if len(given["sides"]) != len(given["steps"]) or len(given["shares"]) != 2:
        raise UsageError(f"recipe {path}: sides and steps must be of one length, and shares of length 2")
    return Recipe(**given)
