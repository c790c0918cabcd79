"""The confusion matrix as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
from numpy.typing import NDArray

mpl.use("Agg")
from matplotlib import pyplot as plt

_INCHES_A_CLASS = 0.16
_NAMED_MISTAKES = 12


def draw_confusion(names: Sequence[str], confusion: NDArray[np.int64], path: Path, title: str) -> None:
    """Draw the share of each class's pictures that was given each class, and list the most frequent mistakes.

    Args:
        names: of the classes.
        confusion: (classes, classes) counts, rows are true classes.
        path: of the PNG file.
        title: above it.
    """
    shares = confusion / np.maximum(1, confusion.sum(axis=1, keepdims=True))
    side = max(4.0, _INCHES_A_CLASS * len(names))
    size = min(9.0, max(4.5, 700 / len(names) / 2))
    figure, (matrix, notes) = plt.subplots(
        1, 2, figsize=(side + 6.0, side + 2.2), width_ratios=(side + 2.0, 4.0), layout="constrained"
    )
    # One hue from light to dark: readable for colour-blind people and in grey too.
    picture = matrix.imshow(shares, cmap="Blues", vmin=0, vmax=1, interpolation="nearest")
    places = np.arange(len(names))
    matrix.set_xticks(places, names, rotation=90, fontsize=size)
    matrix.set_yticks(places, names, fontsize=size)
    matrix.set_xlabel("given class")
    matrix.set_ylabel("true class")
    matrix.set_title(title, fontsize=14, loc="left")
    figure.colorbar(picture, ax=matrix, label="share of the true class", shrink=0.6)
    notes.axis("off")
    lines = [
        f"{names[true]} → {names[given]}: {confusion[true, given]} of {confusion[true].sum()}"
        for true, given in _mistakes(confusion)
    ]
    notes.set_title("Most frequent mistakes", fontsize=14, loc="left")
    notes.text(0, 1, "\n".join(lines) or "none", fontsize=11, va="top", linespacing=1.6)
    figure.savefig(path, dpi=110)
    plt.close(figure)


def _mistakes(confusion: NDArray[np.int64]) -> list[tuple[int, int]]:
    """The pairs of different classes with most pictures, most first."""
    wrong = confusion.copy()
    np.fill_diagonal(wrong, 0)
    order = np.argsort(-wrong, axis=None, kind="stable")[:_NAMED_MISTAKES]
    pairs = [divmod(int(place), len(confusion)) for place in order]
    return [(true, given) for true, given in pairs if wrong[true, given]]
