"""Time per query and recall over the size of the database: the reference's figures."""

from __future__ import annotations

from typing import Any

from lookalike.labs.shared.style import GREY, OTHERS, OURS, Figure, new_figure, plain_numbers

_TITLES = {"random": "k-NN and LSH on random data"}
_MARKERS = ("s", "^", "D", "v", "P", "X")


def draw_growth(facts: dict[str, Any]) -> Figure:
    """Time per query on the left, recall on the right.

    Args:
        facts: the result file of ``bench growth``.
    """
    settings = facts["settings"]
    real = settings["real_rows"] or max(facts["sizes"])
    made = "" if max(facts["sizes"]) <= real else (
        f" Hollow: beyond {real:,} pictures, with rows made from them."
    )  # fmt: skip
    figure, (times, recalls) = new_figure(
        _TITLES.get(facts["data"], f"k-NN and LSH on the embeddings of {facts['data']}"),
        f"One thread, one query per call, {settings['queries']} queries; laws are fitted from "
        f"{settings['law_from']:,} rows on.{made}",
        panels=2,
        size=(13, 5.9),
    )
    figure.subplots_adjust(left=0.06, right=0.985, wspace=0.16, bottom=0.27)
    others = [each["name"] for each in facts["series"] if not each["name"].startswith("this project")]
    for each in facts["series"]:
        exact = each["kind"] == "exact"
        ours = each["name"] not in others
        number = others.index(each["name"]) if not ours else 0
        colour = OURS if ours else OTHERS[number % len(OTHERS)]
        marker = "o" if ours else _MARKERS[number % len(_MARKERS)]
        dashes = ":" if "probes" in each["name"] else "--" if exact else "-"
        look: dict[str, Any] = {"color": colour, "linestyle": dashes, "linewidth": 1.8}
        rows = [point["rows"] for point in each["points"]]
        law = "" if each["exponent"] is None else f": N$^{{{each['exponent']:.2f}}}$"
        for axes, name, unit in ((times, "query_seconds", 1e6), (recalls, "recall", 1.0)):
            values = [unit * point[name] for point in each["points"]]
            axes.plot(rows, values, **look)
            for row, value in zip(rows, values, strict=True):
                fill = colour if row <= real else "white"
                axes.plot(row, value, marker, color=colour, markerfacecolor=fill, markersize=6)
        times.plot([], [], marker=marker, **look, label=each["name"] + law)
    _mark_crossing(times, facts)
    times.set_title("µs per query (dashed: exact)")
    times.set_yscale("log")
    plain_numbers(times.yaxis, (1, 2, 5))
    recalls.set_title(f"recall@{facts['k']}")
    recalls.set_ylim(-0.03, 1.04)
    for axes in (times, recalls):
        axes.set_xscale("log")
        plain_numbers(axes.xaxis, (1, 2, 5))
        axes.tick_params(axis="x", labelsize=8.5)
        axes.set_xlabel("rows in the database")
    figure.legend(
        *times.get_legend_handles_labels(), loc="lower left", ncols=3, frameon=False, fontsize=9,
        bbox_to_anchor=(0.03, 0.02), handlelength=3.2,
    )  # fmt: skip
    return figure


def _mark_crossing(axes: Any, facts: dict[str, Any]) -> None:
    """Where this project's LSH becomes faster than its exact search, if it does."""
    rows = next(
        (
            each["rows"]
            for each in facts["crossovers"]
            if (each["exact"], each["lsh"]) == (facts["exact_name"], facts["lsh_name"])
        ),
        None,
    )
    if rows is None:
        return
    axes.axvline(rows, color=GREY, linewidth=1, linestyle=(0, (4, 3)))
    first = rows <= facts["sizes"][0]
    about = float(f"{rows:.2g}")
    words = f"LSH is faster from\nabout {about:,.0f} rows on" if not first else "LSH is faster\nat every size"
    left = rows * rows < facts["sizes"][0] * facts["sizes"][-1]  # of the middle of a logarithmic axis
    offset, side = (5, "left") if left else (-5, "right")
    axes.annotate(words, (rows, 0.02), xycoords=("data", "axes fraction"), color=GREY, fontsize=8.5,
                  xytext=(offset, 0), textcoords="offset points", ha=side)  # fmt: skip
