"""A map of pictures as a drawing: principal components beside t-SNE, coloured by class."""

from __future__ import annotations

import numpy as np
from matplotlib.patheffects import withStroke
from matplotlib.text import Text

from lookalike.labs.shared.style import GREY, INK, OTHERS, OURS, Axes, Figure, new_figure
from lookalike.labs.view.mapping import BEST, PictureMap
from lookalike.labs.view.projection import METHODS, Places
from lookalike.labs.view.separation import Separation
from lookalike.paths import shown

_SIZE = (17.0, 10.4)
_PANELS = {  # left, bottom, width, height: the best map large, the others to its left
    "tsne_direct": (0.335, 0.085, 0.65, 0.785),
    "tsne": (0.03, 0.085, 0.28, 0.335),
    "pca": (0.03, 0.535, 0.28, 0.335),
}
_FAINT = "#c3c9d3"
_LOOKS = tuple((colour, marker) for marker in ("o", "^") for colour in (*OTHERS[:5], OURS))
"""Different in colour or in shape; this project's red is free here, where nothing is compared with others."""

_LONGEST_NAME = 22

Box = tuple[float, float, float, float]


def draw_map(made: PictureMap) -> Figure:
    """Draw the maps; the best one names the classes that there is room for."""
    points = made.points
    classes = [_short(name) for name in points.classes]
    what = f"{len(points.paths):,} pictures"
    if len(classes) > 1:
        what += f" of {len(classes):,} classes"
    legend = "one colour: all pictures lie in one folder"
    if len(made.coloured) < len(classes):
        legend = f"in colour: the {len(made.coloured)} classes that the large map separates best"
    elif len(classes) > 1:
        legend = "coloured by class"
    figure, panels = new_figure(
        f"{what} from {shown(points.source)}",
        f"Embeddings of {points.vectors.shape[1]} dimensions by {shown(points.model)}; {legend}. "
        f"The 50 components are of standardised embeddings and hold {made.projection.kept_variance:.0%} of "
        f"their variance. Seed {made.seed}.",
        panels=len(METHODS),
        size=_SIZE,
    )
    first, second = (f"{share:.1%}" for share in made.projection.explained_variance)
    for axes, (name, title) in zip(panels, METHODS.items(), strict=True):
        axes.set_position(_PANELS[name])
        _scatter(axes, made.projection.places[name], made, classes, 1.0 if name == BEST else 0.4)
        axes.set_title(title, pad=22)
        axes.text(0, 1.014, _numbers(made.maps[name]), transform=axes.transAxes, color=GREY, fontsize=9)
        by_variance = name == "pca"
        axes.set_xlabel(f"component 1, {first} of the variance" if by_variance else "t-SNE 1, no unit")
        axes.set_ylabel(f"component 2, {second}" if by_variance else "t-SNE 2, no unit")
    if len(classes) > 1:
        _name_classes(panels[0], made, classes)
        figure.legend(
            *panels[0].get_legend_handles_labels(), loc="lower center", frameon=False, fontsize=9,
            ncols=len(made.coloured), columnspacing=1.2, handletextpad=0.2,
        )  # fmt: skip
    return figure


def _scatter(axes: Axes, places: Places, made: PictureMap, classes: list[str], scale: float) -> None:
    """The grey points below, then each class in its own look."""
    labels = made.points.labels
    size = scale * float(np.clip(80_000 / len(labels), 8, 60))
    others = ~np.isin(labels, made.coloured)
    axes.scatter(*places[others].T, s=0.6 * size, c=_FAINT, linewidths=0)
    for (colour, marker), label in zip(_LOOKS, made.coloured, strict=False):
        axes.scatter(
            *places[labels == label].T, s=size, c=colour, marker=marker, label=classes[label],
            edgecolors="white", linewidths=0.4 * scale, zorder=3,
        )  # fmt: skip
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(False)
    axes.margins(0.03)
    axes.set_aspect("equal", adjustable="datalim")
    axes.apply_aspect()  # now, since names are placed by where the points come to lie
    axes.set_facecolor("#f8f9fb")


def _name_classes(axes: Axes, made: PictureMap, classes: list[str]) -> None:
    """Names in the middle of their pictures, those in colour first, but none that would hide another."""
    labels, places = made.points.labels, made.projection.places[BEST]
    counts = np.bincount(labels)
    taken: list[Box] = []
    for label in sorted(range(len(classes)), key=lambda one: (one not in made.coloured, -counts[one], one)):
        x, y = np.median(places[labels == label], axis=0)
        prominent = label in made.coloured
        name = axes.text(
            x, y, classes[label], ha="center", va="center", zorder=5, color=INK,
            alpha=1 if prominent else 0.7,
            fontsize=11 if prominent else 8, fontweight="bold" if prominent else "normal",
            path_effects=[withStroke(linewidth=2.5, foreground="white", alpha=0.9)],
        )  # fmt: skip
        # A little above, so that the marks themselves stay in sight.
        _settle(axes, name, taken, (1.3, -1.3, 2.4, -2.4, 0) if prominent else (0, 1, -1, 2, -2))


def _settle(axes: Axes, name: Text, taken: list[Box], rises: tuple[float, ...]) -> None:
    """Move a name up or down until it hides no other name; take it away if no place is found."""
    box, frame = name.get_window_extent(), axes.get_window_extent()
    x, y = axes.transData.transform(name.get_position())
    half = (box.x1 - box.x0) / 2 + 4
    x = min(max(x, frame.x0 + half), frame.x1 - half)
    for rise in rises:
        low, high = box.y0 + rise * box.height, box.y1 + rise * box.height
        hidden = (
            x - half < right and left < x + half and low < top and bottom < high
            for left, bottom, right, top in taken
        )
        if frame.y0 <= low and high <= frame.y1 and not any(hidden):
            name.set_position(axes.transData.inverted().transform((x, y + rise * box.height)))
            taken.append((x - half, low, x + half, high))
            return
    name.remove()


def _numbers(measured: Separation) -> str:
    parts = {
        "silhouette": measured.silhouette,
        "neighbour agreement": measured.neighbour_agreement,
        "trustworthiness": measured.trustworthiness,
    }
    values = (f"{name} {value:.2f}" for name, value in parts.items() if value is not None)
    return "   ".join(values).replace("-", "\N{MINUS SIGN}")


def _short(name: str) -> str:
    # A dollar sign would start a formula.
    name = shown(name).replace("$", r"\$")
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
