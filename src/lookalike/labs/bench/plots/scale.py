"""Time per query, recall and build over the number of rows, with the laws they follow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from lookalike.labs.bench.fits import PowerLaw
from lookalike.labs.shared.style import GREY, OTHERS, OURS, Axes, Figure, new_figure, plain_numbers

Entry = dict[str, Any]
_TWO_SIDED_95 = 1.96


def draw_scale(result: dict[str, Any]) -> Figure:
    """Times per query, recall and build side by side; rows in logarithms."""
    figure, (search, recall, build) = new_figure(
        "Growth with the number of rows",
        f"Processor time of one thread, k = {result['k']}, {result['kind']}. Filled: real embeddings, up to "
        f"{result['real_rows']:,}; hollow: with made ones, real plus noise in their own principal "
        "directions. Queries like the rows.",
        panels=3,
        size=(16, 6.2),
    )
    figure.subplots_adjust(left=0.065, right=0.98, wspace=0.2)
    entries, laws = result["sizes"], {law["of"]: law for law in result["laws"].values()}
    micro: Callable[[float], float] = lambda seconds: 1e6 * seconds  # noqa: E731 -- a unit
    hashed = [entry for entry in entries if entry["hashes"]]
    _line(search, entries, laws, "exact_alone_seconds", micro, (OTHERS[0], "s", "exact scan"))
    _line(search, hashed, laws, "alone_seconds", micro, (OURS, "o", "LSH, one query per call"))
    _line(search, hashed, laws, "seconds", micro, (OTHERS[1], "^", "LSH, all queries in a call"))
    search.set_title(f"µs per query, recall {result['recall']} asked for")
    pays_from = result["crossover_rows"]
    if pays_from is not None and pays_from > hashed[0]["rows"]:
        search.axvline(pays_from, ymax=0.6, color=GREY, linewidth=1, linestyle=(0, (4, 3)))
        search.annotate(
            f"hashing pays from\nabout {pays_from:,.0f} rows",
            (pays_from, 0.61),
            xycoords=("data", "axes fraction"),
            color=GREY,
            fontsize=9,
        )
    _recalls(recall, hashed)
    recall.set_title(f"recall@{result['k']}, with its 95 % confidence interval")
    _line(build, entries, laws, "build_cpu_seconds", float, (OURS, "o", "LSH build"))
    build.set_title("CPU seconds to build")
    for axes in (search, build):
        axes.set_yscale("log")
        low, high = axes.get_ylim()
        axes.set_ylim(top=high * (high / low) ** 0.2)  # room for the legend
        plain_numbers(axes.yaxis, (1, 2, 5) if axes is build else (1,))
        axes.legend(frameon=False, loc="upper left")
    for axes in (search, recall, build):
        axes.set_xscale("log")
        plain_numbers(axes.xaxis)
        axes.set_xlabel("rows")
    return figure


def _recalls(axes: Axes, entries: list[Entry]) -> None:
    """Measured recall with its 95 % confidence interval, for each recall that was asked for."""
    looks = ((OTHERS[2], "v"), (OURS, "o"), (OTHERS[0], "D"))
    for place, (colour, marker) in enumerate(looks):
        asked = [entry["asked"][place] for entry in entries]
        sizes = [entry["rows"] for entry in entries]
        means = [one["recall"] for one in asked]
        axes.errorbar(
            sizes,
            means,
            [_TWO_SIDED_95 * one["error"] for one in asked],
            color=colour,
            linewidth=1.1,
            alpha=0.6,
        )
        for entry, mean in zip(entries, means, strict=True):
            fill = colour if entry["real"] else "white"
            axes.plot(entry["rows"], mean, marker, color=colour, markerfacecolor=fill, zorder=4)
        wanted = asked[0]["asked"] if asked else 0.0
        axes.axhline(wanted, color=colour, linewidth=1.4, linestyle=(0, (4, 3)))
        axes.plot([], [], marker, color=colour, label=f"{wanted:.2f} asked for (dashed)")
    axes.set_ylim(0.85, 1.002)
    axes.legend(frameon=False, loc="lower left")


def _line(
    axes: Axes,
    entries: list[Entry],
    laws: dict[str, Entry],
    name: str,
    unit: Callable[[float], float],
    look: tuple[str, str, str],
) -> None:
    """Measurements as markers, their law as a dashed line with its exponent in the legend."""
    colour, marker, words = look
    law = laws.get(name)
    if law is not None:
        words += f": N$^{{{law['exponent']:.2f}}}$ from {law['from']:,} on"
    sizes = [entry["rows"] for entry in entries]
    values = [unit(entry[name]) for entry in entries]
    axes.plot(sizes, values, color=colour, linewidth=1.1, alpha=0.6)
    for entry, value in zip(entries, values, strict=True):
        fill = colour if entry["real"] else "white"
        axes.plot(entry["rows"], value, marker, color=colour, markerfacecolor=fill, markersize=6.5, zorder=4)
    axes.plot([], [], marker, color=colour, markersize=6.5, label=words)
    if law is not None:
        ends = np.array([law["from"], law["to"]])
        fitted = PowerLaw(law["factor"], law["exponent"])
        axes.plot(ends, [unit(fitted.at(end)) for end in ends], "--", color=colour, linewidth=2)
