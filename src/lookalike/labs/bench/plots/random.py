"""Planted neighbours in random data: found by their noise, and what the other nine cost."""

from __future__ import annotations

from typing import Any

from lookalike.labs.shared.style import OTHERS, OURS, Figure, new_figure, plain_numbers

_MARKERS = ("o", "s", "^", "D", "v", "P", "X")


def draw_random(result: dict[str, Any]) -> Figure:
    """Recall of the planted row by its noise, and time against recall of all ten, at the fewest rows."""
    rows = min(entry["rows"] for entry in result["measured"])
    entries = [entry for entry in result["measured"] if entry["rows"] == rows]
    figure, (planted, others) = new_figure(
        "Random data with planted neighbours",
        f"{rows:,} independent Gaussian rows in {result['dim']} dimensions, one thread. One planted row "
        "is near a query; the other nine of its ten nearest are accidents.",
        panels=2,
        size=(12.5, 6.2),
    )
    figure.subplots_adjust(left=0.07, wspace=0.2, right=0.81)
    places = list(range(len(result["noises"])))
    theirs = [entry["name"] for entry in entries if not entry["name"].startswith("LSHIndex")]
    for entry in entries:
        ours = entry["name"] not in theirs
        colour = OURS if ours else OTHERS[theirs.index(entry["name"]) % len(OTHERS)]
        dashed = ours and "probes" in entry["name"]
        marker = _MARKERS[entries.index(entry) % len(_MARKERS)]
        look: dict[str, Any] = {"color": colour, "marker": marker, "markersize": 7}
        look |= {"linestyle": "--" if dashed else "-", "linewidth": 2.6 if ours else 1.5}
        planted.plot(places, entry["recall_1"], **look)
        others.plot(entry["recall_10"], 1e6 * entry["seconds"], **look, label=entry["name"])
    planted.set_title("recall@1 of the planted row")
    planted.set_xticks(places, map(str, result["noises"]))
    planted.set_xlabel("noise, as a share of the row's length")
    planted.set_ylim(-0.03, 1.04)
    others.set_title("µs per query against recall@10")
    others.set_xlabel("recall@10 of the true ten")
    others.set_xlim(-0.03, 1.06)
    others.set_yscale("log")
    plain_numbers(others.yaxis, (1, 2, 5))
    others.legend(frameon=False, loc="upper left", bbox_to_anchor=(1.01, 1.0), fontsize=9)
    return figure
