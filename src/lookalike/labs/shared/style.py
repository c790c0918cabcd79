"""What all drawings share: paper, type, colours that colour-blind eyes tell apart, labels beside lines."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter, NullLocator

__all__ = ["Axes", "Figure", "GREY", "INK", "OURS", "OTHERS", "new_figure", "plain_numbers", "spread"]

INK, GREY, PALE = "#1d2430", "#7b8494", "#e4e7ec"
OURS = "#c8102e"
# Okabe and Ito's palette for colour-blind readers, without its reds, which stand for this project here;
# each colour returns with another marker.
OTHERS = ("#0072b2", "#e69f00", "#009e73", "#56b4e9", "#a0569a", "#6b6b00")

_LOOK = {
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "text.color": INK,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": PALE,
    "grid.linewidth": 0.8,
    "axes.axisbelow": True,
    "axes.titlelocation": "left",
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "savefig.dpi": 160,
}


def new_figure(
    title: str, subtitle: str, panels: int = 1, size: tuple[float, float] = (11, 6.6)
) -> tuple[Figure, list[Axes]]:
    """A figure with a title, a line below it, and panels side by side.

    Drawn by Agg, so no window system is needed. The look is set for the whole process: matplotlib resolves
    parts of it only when a figure is written.
    """
    mpl.rcParams.update(_LOOK)
    figure = Figure(figsize=size)
    FigureCanvasAgg(figure)
    axes = figure.subplots(1, panels, squeeze=False)[0]
    height = size[1]
    figure.subplots_adjust(left=0.08, right=0.97, top=1 - 1.1 / height, bottom=0.6 / height)
    figure.text(0.02, 1 - 0.3 / height, title, fontsize=15, fontweight="bold", va="center")
    figure.text(0.02, 1 - 0.6 / height, subtitle, fontsize=9.5, color=GREY, va="center")
    return figure, list(axes)


def plain_numbers(axis: Axis, steps: Sequence[int] = (1,)) -> None:
    """Write the numbers of a logarithmic axis in full, at these steps of each power of ten."""
    axis.set_major_locator(LogLocator(subs=steps))
    axis.set_major_formatter(lambda value, _: f"{value:,.0f}" if value >= 1 else f"{value:g}")
    if len(steps) > 1:
        axis.set_minor_locator(NullLocator())
    axis.set_minor_formatter(NullFormatter())


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Positions near the wanted ones, in the same order, that are at least a gap apart.

    Args:
        wanted: any numbers.
        gap: least distance.
        low: no position is below.
        high: none is above, unless there is no room.

    Returns:
        A position for each of them.
    """
    order = sorted(range(len(wanted)), key=lambda place: wanted[place])
    positions = [0.0] * len(wanted)
    ceiling = high
    for place in reversed(order):
        positions[place] = min(wanted[place], ceiling)
        ceiling = positions[place] - gap
    floor = low
    for place in order:
        positions[place] = max(positions[place], floor)
        floor = positions[place] + gap
    return positions
