"""Success against budget, drawn from the result file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lookalike.labs.shared.style import GREY, OTHERS, OURS, Axes, new_figure

TITLES = {
    "misclassify": "misclassified",
    "evade": "evaded: the original is beyond the border",
    "collide": "collided: the target is within the border",
}
_LOOKS = {
    ("fgsm", "float"): {"color": OTHERS[0], "marker": "o", "linestyle": ":", "markerfacecolor": "white"},
    ("fgsm", "file"): {"color": OTHERS[0], "marker": "o", "linestyle": "-"},
    ("pgd", "float"): {"color": OURS, "marker": "s", "linestyle": ":", "markerfacecolor": "white"},
    ("pgd", "file"): {"color": OURS, "marker": "s", "linestyle": "-"},
}
_LEVEL = 1 / 255


def draw(facts: dict[str, Any], path: Path) -> None:
    """Draw one panel an objective.

    Args:
        facts: the result file.
        path: of the PNG.
    """
    objectives = [name for name in TITLES if any(run["objective"] == name for run in facts["runs"])]
    settings = facts["settings"]
    figure, panels = new_figure(
        "Success of attacks by the change that they are allowed",
        f"{facts['pictures']} pictures. Solid: saved as 8-bit files and read by the program; dotted: before "
        f"rounding. FGSM takes one step, PGD {settings['steps']} from a random start.",
        panels=len(objectives),
        size=(4.6 * len(objectives) + 1, 5.2),
    )
    figure.subplots_adjust(left=0.065 if len(objectives) > 1 else 0.12, wspace=0.18, bottom=0.19)
    for panel, objective in zip(panels, objectives, strict=True):
        _panel(panel, [run for run in facts["runs"] if run["objective"] == objective])
        panel.set_title(TITLES[objective])
    panels[0].set_ylabel("share of the pictures")
    lines, words = panels[0].get_legend_handles_labels()
    figure.legend(lines, words, frameon=False, loc="lower center", ncols=len(_LOOKS), fontsize=9.5)
    figure.savefig(path)


def _panel(axes: Axes, runs: list[dict[str, Any]]) -> None:
    for (method, through), look in _LOOKS.items():
        points = sorted(
            (run["budget"], run["success"])
            for run in runs
            if (run["method"], run["through"]) == (method, through) and run["success"] is not None
        )
        words = f"{method.upper()}, {'8-bit files' if through == 'file' else 'before rounding'}"
        axes.plot(*zip(*points, strict=True) if points else ([], []), label=words, markersize=6, **look)
    axes.axvline(_LEVEL, color=GREY, linewidth=1, linestyle=(0, (4, 3)))
    axes.annotate("one level of 255", (_LEVEL, 1.09), color=GREY, fontsize=8.5, va="center", xytext=(4, 0),
                  textcoords="offset points")  # fmt: skip
    axes.set_ylim(-0.03, 1.14)
    axes.set_yticks([0, 0.2, 0.4, 0.6, 0.8, 1])
    axes.set_xlim(left=-0.0006)
    axes.set_xlabel("budget: most change of a pixel value, of 1")
