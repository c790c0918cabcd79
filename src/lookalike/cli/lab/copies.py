"""``lookalike lab evaluate MODEL --copies FOLDER``: how well edited copies are found."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from lookalike.cli.output import note, say, say_json, say_table
from lookalike.later import needing
from lookalike.paths import absolute, shown
from lookalike.settings import load_settings

if TYPE_CHECKING:
    from lookalike.labs.learn.copy_evaluation import CopyEvaluation, Figures

_FILE = "copies.json"


def evaluate_copies(
    model: str, folder: Path, queries: int, seed: int, out: Path | None, *, as_json: bool
) -> None:
    """Measure and print; with ``out``, also write ``copies.json`` into that folder.

    Args:
        model: what ``lab train`` wrote, or whatever ``--model`` takes.
        folder: pictures.
        queries: pictures with a match, and as many without.
        seed: of what is drawn.
        out: folder; made if it is missing.
        as_json: print the facts instead of tables.
    """
    with needing("labs"):
        from lookalike.labs.learn import copy_evaluation, copy_methods  # noqa: PLC0415
        from lookalike.labs.shared import results  # noqa: PLC0415
    embedder = copy_methods.opened_model(model)
    result = copy_evaluation.evaluate_copies(embedder, folder, queries, seed, load_settings())
    if out is not None:
        path = absolute(out) / _FILE
        results.write_facts(path, model=model, **result.facts())
        note(f"written: {shown(path)}")
    if as_json:
        say_json("evaluate-copies/1", model=model, **result.facts())
        return
    _say_overall(result)
    sections: list[tuple[str, Callable[[Figures], float | None]]] = [
        ("Found first", lambda figures: figures.first),
        ("Recall", lambda figures: figures.recall),
        ("Recall by normalised scores", lambda figures: figures.recall_normalised),
        ("As near as the model's card asks of copies", lambda figures: figures.same),
    ]
    for title, figure in sections:
        _say_by_kind(title, figure, result)


def _say_overall(result: CopyEvaluation) -> None:
    """One line per method, and what the columns mean."""
    copies = result.queries * len(result.methods[0].kinds)
    say(
        f"{copies:,} copies of {result.queries:,} pictures among {result.pictures:,}, and {copies:,} copies "
        f"of {result.queries:,} others; seed {result.seed}. Shares from 0 to 1:"
    )
    say()
    head = ("micro-AP", "recall", "first", "normalised: micro-AP", "recall", "same", "strangers", "method")
    rows = [
        (
            f"{method.micro_ap:.3f}",
            f"{method.overall.recall:.3f}",
            f"{method.overall.first:.3f}",
            f"{method.micro_ap_normalised:.3f}",
            f"{method.overall.recall_normalised:.3f}",
            _share(method.overall.same),
            "" if method.strangers_same is None else f"{1e6 * method.strangers_same:.1f}",
            method.name,
        )
        for method in result.methods
    ]
    say_table(head, rows)
    say()
    say(
        f"recall: above a border that one in {1 / result.rate:,.0f} false pairs passes "
        f"({result.false_pairs:,} in all)"
    )
    say("normalised: scores minus the mean score of the query's ranks 2 to 4")
    say("same: as near as the model's card asks of copies; strangers: false pairs that are, in a million")
    if any(method.name.endswith(" both") for method in result.methods):
        say("copy: by the copy part of the vector")
        say("both: the 20 nearest by the whole vector, ranked by the copy part")


def _say_by_kind(title: str, figure: Callable[[Figures], float | None], result: CopyEvaluation) -> None:
    """One line per kind of copy and one column per method that has the figure."""
    methods = [method for method in result.methods if figure(method.overall) is not None]
    say()
    say(f"{title}, by kind of copy:")
    rows = [
        (*(_share(figure(method.kinds[kind])) for method in methods), kind)
        for kind in result.methods[0].kinds
    ]
    say_table((*(method.name for method in methods), "kind"), rows)


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"
