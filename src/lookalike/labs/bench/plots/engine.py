"""Recall against time of every contender, and what each costs to build and to hold."""

from __future__ import annotations

import math
from typing import Any

from lookalike.labs.bench.curves import Point, frontier
from lookalike.labs.bench.engine_tables import BORDER, EXACT, OURS, curves
from lookalike.labs.shared.style import (
    GREY,
    INK,
    OTHERS,
    Axes,
    Figure,
    new_figure,
    plain_numbers,
    spread,
)
from lookalike.labs.shared.style import OURS as OUR_COLOUR

_MARKERS = ("o", "s", "^", "D", "v", "P", "X")
_BEST_SHOWN = 0.9995  # an exact search stands here, at the right end of the axis
_RECALL_TICKS = (0.1, 0.5, 0.8, 0.9, 0.95, 0.97, 0.98, 0.99, 0.995)
_ROOM_FOR_NAMES = 0.30


def _place(recall: float) -> float:
    """Where a recall stands: each halving of what is missed is one step to the right."""
    return -math.log2(1 - min(recall, _BEST_SHOWN))


def _shown(points: list[Point]) -> list[Point]:
    """The best points, and of those that stand at the right end only the fastest."""
    best = frontier(points)
    exact = next((place for place, point in enumerate(best) if point.recall >= _BEST_SHOWN), len(best))
    return best[: exact + 1]


def _look(lines: dict[str, list[Point]]) -> dict[str, tuple[str, str]]:
    """Colour and marker of each name: this project's stand out, and scans, of one point each, are grey."""
    others = [name for name, points in lines.items() if len(points) > 1 and name not in (OURS, EXACT)]
    looks = dict.fromkeys(lines, (GREY, "s")) | {
        name: (OTHERS[place % len(OTHERS)], _MARKERS[place % len(_MARKERS)])
        for place, name in enumerate(others)
    }
    return looks | {OURS: (OUR_COLOUR, "o"), EXACT: (INK, "o")}


def draw_engine(result: dict[str, Any]) -> Figure:
    """Time per query over recall, a line for each name along its best settings."""
    found = {name: _shown(curve.points) for name, curve in curves(result).items()}
    looks = _look(found)
    figure, (axes,) = new_figure(
        "Time per query against recall",
        f"{result['rows']:,} real image embeddings of {result['dim']} dimensions, recall@{result['k']} over "
        f"{result['queries']:,} queries, one thread; the best settings of each. Lower right is better.",
    )
    figure.subplots_adjust(right=1 - _ROOM_FOR_NAMES)
    for name, points in found.items():
        colour, marker = looks[name]
        ours = name == OURS
        axes.plot(
            [_place(point.recall) for point in points],
            [1e6 * point.seconds for point in points],
            color=colour,
            marker=marker,
            linewidth=3.2 if ours else 1.5,
            markersize=7 if ours else 4.5,
            zorder=5 if ours else 3,
        )
    axes.set_yscale("log")
    plain_numbers(axes.yaxis)
    axes.set_xlim(0, _place(1) + 0.25)
    ticks = [*_RECALL_TICKS, 1.0]
    axes.set_xticks([_place(recall) for recall in ticks], [*map(str, _RECALL_TICKS), "exact"])
    axes.axvline(_place(BORDER), color=GREY, linewidth=1, linestyle=(0, (4, 3)))
    axes.set_xlabel(f"recall@{result['k']} (each halving of what is missed is one step)")
    axes.set_ylabel("µs per query, all queries in one call")
    ends = {name: (_place(points[-1].recall), 1e6 * points[-1].seconds) for name, points in found.items()}
    _name_ends(axes, ends, looks)
    return figure


def _name_ends(axes: Axes, ends: dict[str, tuple[float, float]], looks: dict[str, tuple[str, str]]) -> None:
    """A name in the right margin for each line, led to its end."""
    low, high = (math.log10(limit) for limit in axes.get_ylim())
    wanted = [(math.log10(time) - low) / (high - low) for _, time in ends.values()]
    for (name, end), height in zip(ends.items(), spread(wanted, 0.048, 0.0, 1.0), strict=True):
        colour = looks[name][0]
        axes.annotate(
            name,
            xy=end,
            xytext=(1.04, height),
            textcoords="axes fraction",
            color=colour,
            va="center",
            fontsize=10.5 if name == OURS else 9.5,
            fontweight="bold" if name == OURS else "normal",
            arrowprops={"arrowstyle": "-", "color": colour, "linewidth": 0.7, "alpha": 0.55},
            annotation_clip=False,
        )


def draw_costs(result: dict[str, Any]) -> Figure:
    """Build time and memory of everything that was built, as bars."""
    records = sorted(result["contenders"], key=lambda record: -record["build_cpu_seconds"])
    names = [f"{record['name']} {record['variant']}".strip() for record in records]
    figure, (build, memory) = new_figure(
        "What an index costs",
        f"{result['rows']:,} vectors of {result['dim']} dimensions; built on one thread in its own process.",
        panels=2,
        size=(11.5, 1.9 + 0.28 * len(names)),
    )
    figure.subplots_adjust(left=0.34, right=0.95, wspace=0.12)
    colours = [OUR_COLOUR if record["name"] == OURS else "#aab2c0" for record in records]
    seconds = [record["build_cpu_seconds"] for record in records]
    extra = [record["extra_bytes_per_vector"] or 0.0 for record in records]
    _bars(build, seconds, colours, "CPU seconds to build", ".2f")
    _bars(memory, extra, colours, "bytes a vector, beyond one copy of it", ",.0f")
    build.set_yticks(range(len(names)), names)
    memory.set_yticks(range(len(names)), [""] * len(names))
    for text, record in zip(build.get_yticklabels(), records, strict=True):
        if record["name"] == OURS:
            text.set(color=OUR_COLOUR, fontweight="bold")
    return figure


def _bars(axes: Axes, values: list[float], colours: list[str], title: str, form: str) -> None:
    """Bars from the smallest value's power of ten on, each with its value at its end."""
    start = 10.0 ** max(-2, math.floor(math.log10(max(min(values), 0.01))))
    axes.set_xscale("log")
    axes.set_xlim(start, max(*values, start) * 5)
    axes.barh(range(len(values)), [max(value, start) - start for value in values], left=start, color=colours)
    for place, value in enumerate(values):
        axes.text(max(value, start) * 1.15, place, format(value, form), va="center", fontsize=8.5, color=INK)
    plain_numbers(axes.xaxis)
    axes.set_ylim(-0.7, len(values) - 0.3)
    axes.set_title(title)
    axes.grid(visible=False, axis="y")
    axes.tick_params(axis="y", length=0)
