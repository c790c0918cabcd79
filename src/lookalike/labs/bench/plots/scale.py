"""Time per query, build and memory over the number of rows, with the laws they follow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from lookalike.labs.bench.fits import PowerLaw
from lookalike.labs.shared.style import GREY, OTHERS, OURS, Axes, Figure, new_figure, plain_numbers

Entry = dict[str, Any]


def draw_scale(result: dict[str, Any]) -> Figure:
    """Times a query on the left, build on the right, both in logarithms."""
    figure, (search, build) = new_figure(
        "Growth with the number of rows",
        f"One thread, recall@{result['k']} of {result['recall']} asked for. Filled: real embeddings, up to "
        f"{result['real_rows']:,}; hollow: those plus noise in their own principal directions.",
        panels=2,
        size=(12.5, 6.2),
    )
    figure.subplots_adjust(left=0.07, wspace=0.2)
    entries, laws = result["sizes"], {law["of"]: law for law in result["laws"].values()}
    micro: Callable[[float], float] = lambda seconds: 1e6 * seconds  # noqa: E731 -- a unit
    hashed = [entry for entry in entries if entry["hashes"]]
    _line(search, entries, laws, "exact_alone_seconds", micro, (OTHERS[0], "s", "exact scan"))
    _line(search, hashed, laws, "alone_seconds", micro, (OURS, "o", "LSH, a call a query"))
    _line(search, hashed, laws, "seconds", micro, (OTHERS[1], "^", "LSH, all queries in a call"))
    search.set_title("µs per query")
    pays_from = result["crossover_rows"]
    if pays_from is not None:
        search.axvline(pays_from, ymax=0.6, color=GREY, linewidth=1, linestyle=(0, (4, 3)))
        fewer = " or fewer" if pays_from == hashed[0]["rows"] else ""
        search.annotate(
            f"hashing pays from\nabout {pays_from:,.0f} rows{fewer}",
            (pays_from, 0.61),
            xycoords=("data", "axes fraction"),
            color=GREY,
            fontsize=9,
        )
    _line(build, entries, laws, "build_cpu_seconds", float, (OURS, "o", "LSH build"))
    build.set_title("CPU seconds to build")
    for axes in (search, build):
        axes.set_xscale("log")
        axes.set_yscale("log")
        plain_numbers(axes.xaxis)
        plain_numbers(axes.yaxis, (1, 2, 5))
        axes.set_xlabel("rows")
        axes.legend(frameon=False, loc="upper left")
    return figure


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
