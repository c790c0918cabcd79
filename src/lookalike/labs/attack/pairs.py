"""Attacked pictures beside what they are now taken for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lookalike.labs.attack.judge import bits_apart, cosine_distances
from lookalike.labs.attack.loop import FGSM
from lookalike.labs.attack.plan import CLASSIFIER, Plan
from lookalike.labs.attack.runs import Run, Runner
from lookalike.labs.shared.pictures import open_whole
from lookalike.labs.shared.style import GREY, INK, Figure, new_figure
from lookalike.settings import Settings

SHOWN = 4
MOST_BUDGET = 0.01
_MIDDLE = 128


def draw(runner: Runner, plan: Plan, classes: tuple[str, ...], out: Path) -> None:
    """Write ``attack-pairs-misclassify.png`` and ``attack-pairs-collide.png``, as far as these were run.

    Args:
        runner: holds the attacked pictures.
        plan: what was run.
        classes: names, by label.
        out: folder.
    """
    small = max((budget for budget in plan.budgets if budget <= MOST_BUDGET), default=min(plan.budgets))
    if "misclassify" in plan.objectives:
        _misclassified(runner, Run("misclassify", FGSM, small, CLASSIFIER), classes, out)
    if "collide" in plan.objectives:
        run = Run("collide", plan.strong, max(plan.budgets), Path(plan.model).stem)
        _collided(runner, run, out)


def _misclassified(runner: Runner, run: Run, classes: tuple[str, ...], out: Path) -> None:
    starts, attacked = runner.starts(run.objective), runner.pictures(run)
    clean, now = (runner.victim.as_images(images, runner.threads) for images in (starts, attacked))
    if clean.labels is None or now.labels is None:
        return
    labels = runner.subjects.labels
    fooled = np.flatnonzero((clean.labels == labels) & (now.labels != labels))
    fooled = fooled[np.sort(np.unique(labels[fooled], return_index=True)[1])][:SHOWN]  # one a class
    known = runner.victim.known
    rows = []
    for place in fooled:
        given = classes[now.labels[place]]
        example = next(path for path in known.paths if path.parent.name == given)
        rows.append(
            (
                (starts[place], _plain(classes[labels[place]])),
                (attacked[place], f"taken for {_plain(given)}"),
                _difference(starts[place], attacked[place]),
                (open_whole(example, Settings()), f"a picture of {_plain(given)}"),
            )
        )
    _draw(
        rows,
        "Changed too little to see, and taken for something else",
        f"FGSM, at most {run.budget:g} of 1 in each pixel value, saved as 8-bit files and read again; one "
        "picture a class.",
        out / "attack-pairs-misclassify.png",
    )


def _collided(runner: Runner, run: Run, out: Path) -> None:
    starts, attacked = runner.starts(run.objective), runner.pictures(run)
    clean, now = (runner.victim.as_images(images, runner.threads).embeddings for images in (starts, attacked))
    known, targets = runner.victim.known, runner.subjects.targets
    card, wanted = runner.victim.embedder.card, known.vectors[targets]
    apart, distances = (
        cosine_distances(card.copy_part(rows), card.copy_part(wanted)) for rows in (clean, now)
    )
    before, after = bits_apart(clean, wanted), bits_apart(now, wanted)
    rows = []
    for place in np.argsort(distances, kind="stable")[:SHOWN]:
        target = open_whole(known.paths[targets[place]], Settings())
        rows.append(
            (
                (starts[place], f"{before[place]} of 256 bits apart, distance {apart[place]:.2f}"),
                (attacked[place], f"{after[place]} bits apart, distance {distances[place]:.2f}"),
                _difference(starts[place], attacked[place]),
                (target, "the target"),
            )
        )
    _draw(
        rows,
        "Innocent pictures pushed towards a target's embedding and hash",
        f"PGD in {run.method.steps} steps, at most {run.budget:g} of 1 in each pixel value; "
        f"the {len(rows)} that came nearest. Same picture: distance {card.same_distance} or less.",
        out / "attack-pairs-collide.png",
    )


def _plain(name: str) -> str:
    """A folder's name for people."""
    return name.replace("_", " ")


def _difference(before: Image.Image, after: Image.Image) -> tuple[Image.Image, str]:
    """What was changed, amplified as far as it goes around a middle grey."""
    change: NDArray[np.int16] = np.asarray(after, np.int16) - np.asarray(before, np.int16)
    most = max(1, int(abs(change).max()))
    factor = (_MIDDLE - 1) // most
    shown = Image.fromarray((_MIDDLE + factor * change).clip(0, 255).astype(np.uint8))
    levels = "level" if most == 1 else "levels"
    return shown, f"difference x {factor} (at most {most} {levels} of 255)"


def _draw(rows: Sequence[tuple[tuple[Image.Image, str], ...]], title: str, subtitle: str, path: Path) -> None:
    """A grid of pictures with words below each; without rows, the words alone."""
    count = max(1, len(rows))
    height = 2.35 * count + 1.0
    figure, _ = new_figure(title, subtitle, size=(11, height))
    figure.clear()
    _head(figure, title, subtitle, height)
    if not rows:
        figure.text(0.02, 0.3, "No picture was: the budget is too small.", color=INK)
    axes = figure.subplots(count, 4, squeeze=False)
    figure.subplots_adjust(
        left=0.02, right=0.98, top=1 - 0.95 / height, bottom=0.4 / height, wspace=0.05, hspace=0.2
    )
    for line in axes:
        for place in line:
            place.axis("off")
    for line, row in zip(axes, rows, strict=False):
        for place, (image, words) in zip(line, row, strict=True):
            place.imshow(np.asarray(image))
            place.set_anchor("S")  # so that the words of a row stand on one line
            place.annotate(
                words,
                (0.5, 0),
                xycoords="axes fraction",
                xytext=(0, -5),
                textcoords="offset points",
                ha="center",
                va="top",
                fontsize=9,
                color=INK,
            )
    figure.savefig(path, dpi=110)


def _head(figure: Figure, title: str, subtitle: str, height: float) -> None:
    figure.text(0.02, 1 - 0.3 / height, title, fontsize=15, fontweight="bold", va="center")
    figure.text(0.02, 1 - 0.6 / height, subtitle, fontsize=9.5, color=GREY, va="center")
