"""``lookalike lab map``: pictures laid out by likeness, drawn, made a page, and measured."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lookalike.cli.options import AsJson
from lookalike.cli.output import counted, note, say, say_json, say_table
from lookalike.later import needing
from lookalike.paths import absolute, shown
from lookalike.settings import load_settings


def map_pictures(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="COLLECTION|FOLDER", help="A collection, or a folder with one folder per class."
        ),
    ],
    out: Annotated[Path, typer.Option("--out", help="Folder for map.json, map.png and map.html.")] = Path(
        "map-output"
    ),
    limit: Annotated[
        int, typer.Option("--limit", min=10, help="Most pictures, drawn evenly from all classes.")
    ] = 3000,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Seed of every random choice.")] = 0,
    model: Annotated[
        str | None, typer.Option("--model", help="Embedder of a folder of pictures: a name or an .onnx file.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Lay pictures out by PCA and t-SNE: a drawing, a page to explore, and how well classes separate."""
    with needing("labs"):
        from lookalike.labs.view import mapping, points, projection, writing  # noqa: PLC0415
    settings, out = load_settings(), absolute(out)
    taken = points.load_points(source, limit, seed, model, settings)
    made = mapping.make_map(taken, limit, seed)
    missing = writing.write_map(made, out, settings)
    if missing:
        note(f"{counted(missing, 'picture')} could not be read again and will be grey on the page")
    facts = made.facts()
    if as_json:
        say_json("map/1", **facts)
    else:
        say(
            f"{counted(facts['points'], 'picture')} of {counted(facts['classes'], 'class', 'classes')}, "
            f"of {taken.found:,} in {shown(taken.source)}, embedded by {shown(taken.model)}:"
        )
        if facts["classes"] == 1:
            note("All pictures lie in one folder: there are no classes to separate.")
        rows = [("the embedding itself", made.embedding)]
        rows += [(title, made.maps[name]) for name, title in projection.METHODS.items()]
        say_table(
            ("silhouette", "neighbour agreement", "trustworthiness", ""),
            [
                (*map(_number, (row.silhouette, row.neighbour_agreement, row.trustworthiness)), title)
                for title, row in rows
            ],
        )
    note(f"written: {shown(out / 'map.html')}, map.png and map.json")


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
