"""A map of pictures as one HTML file that needs nothing else: no network, no second file.

All text passes through ``shown`` and ``html.escape`` or, as JSON in an inert block, to the script, which only
ever sets it as text. The page's own policy allows its one script, its one style sheet and the data in it.
"""

from __future__ import annotations

import base64
import json
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lookalike.labs.view.buckets import BITS
from lookalike.labs.view.mapping import COLOURS, PictureMap
from lookalike.labs.view.projection import COMPONENTS, METHODS, Places
from lookalike.labs.view.separation import Separation, neighbours_of
from lookalike.labs.view.thumbnails import COLUMNS, ROWS, Sheets
from lookalike.pages import NAME, document, style_of, text
from lookalike.paths import shown

_STYLES = ("base", "map", "panels", "layout")
_SCRIPTS = ("camera", "colours", "thumbnails", "scatter", "panels", "gestures", "page")
_SHORT = {"tsne_direct": "t-SNE", "tsne": "t-SNE after PCA", "pca": "PCA"}


def render_page(made: PictureMap, sheets: Sheets) -> str:
    """The page's HTML.

    Args:
        made: what to show.
        sheets: thumbnails of its pictures, in their order.
    """
    folder = resources.files(__package__)
    script = "\n".join(folder.joinpath("script", f"{name}.js").read_text("utf-8") for name in _SCRIPTS)
    points = made.points
    count, classes = len(points.paths), len(points.classes)
    pictures = f"pictures of {classes:,} classes" if classes > 1 else "pictures"
    body = (
        folder.joinpath("page.html")
        .read_text("utf-8")
        .format(
            name=NAME,
            count=f"{count:,}",
            pictures=pictures,
            source=text(points.source),
            model=text(points.model),
            methods="\n".join(_method(name) for name in METHODS),
            neighbours=made.neighbours.shape[1],
            dimensions=points.vectors.shape[1],
            colours=_colours(made),
            numbers=_numbers(made),
            agreeing=neighbours_of(count),
            note=_note(made),
            sheets="\n".join(_sheet(file) for file in sheets.files),
            data=_inert(_data(made, sheets)),
        )
    )
    style = style_of(__package__, *(f"style/{name}.css" for name in _STYLES))
    return document(f"Lookalike: {count:,} {pictures} on a map", body, style=style, script=script)


def _data(made: PictureMap, sheets: Sheets) -> dict[str, Any]:
    """What the script draws from; lists of the pictures in their order."""
    points = made.points
    return {
        "names": [shown(path.name) for path in points.paths],
        "labels": points.labels.tolist(),
        "classes": [shown(name) for name in points.classes],
        "coloured": made.coloured,
        "maps": {name: _within(places).ravel().tolist() for name, places in made.projection.places.items()},
        "captions": {name: _caption(title, made.maps[name]) for name, title in METHODS.items()},
        "neighbours": made.neighbours.tolist(),
        "similarities": np.round(made.similarities.astype(np.float64), 4).tolist(),
        "keys": made.keys.tolist(),
        "bits": BITS,
        "crowding": [
            {"buckets": row.buckets, "largest": row.largest, "together": round(row.together, 4)}
            for row in made.crowding
        ],
        "sheet": {"side": sheets.side, "columns": COLUMNS, "rows": ROWS},
    }


def _within(places: Places) -> NDArray[np.float64]:
    """Places moved and scaled, both axes alike, so that they just fit between -1 and 1."""
    low, high = places.min(axis=0), places.max(axis=0)
    return np.asarray(np.round((places - (low + high) / 2) / ((high - low).max() / 2), 4))


def _inert(facts: dict[str, Any]) -> str:
    """JSON that can end no element and start none."""
    return json.dumps(facts, separators=(",", ":")).replace("<", "\\u003c")


def _method(name: str) -> str:
    checked = " checked" if name == next(iter(METHODS)) else ""
    return (
        f'<label title="{METHODS[name]}"><input type="radio" name="method" value="{name}"{checked}>'
        f"<span>{_SHORT[name]}</span></label>"
    )


def _colours(made: PictureMap) -> str:
    classes = len(made.points.classes)
    if classes == 1:
        return "All pictures lie in one folder, so there is one class."
    if classes <= COLOURS:
        return "A class is the folder that a picture lies in."
    return (
        f"A class is the folder that a picture lies in. {COLOURS} have a colour, first those that the map "
        "separates best; hide some, and others take theirs."
    )


def _numbers(made: PictureMap) -> str:
    rows = {"Embedding": made.embedding, **{_SHORT[name]: made.maps[name] for name in METHODS}}
    return "\n".join(
        f'<tr><th scope="row">{name}</th><td>{_value(row.silhouette)}</td>'
        f"<td>{_value(row.neighbour_agreement)}</td><td>{_value(row.trustworthiness)}</td></tr>"
        for name, row in rows.items()
    )


def _note(made: PictureMap) -> str:
    first, second = made.projection.explained_variance
    return (
        f"PCA looks at standardised embeddings. Its first two components hold {first + second:.1%} of the "
        f"variance, the {COMPONENTS} that t-SNE after PCA is given {made.projection.kept_variance:.0%}. "
        f"Perplexity {made.projection.perplexity:g}, seed {made.seed}."
    )


def _caption(title: str, separation: Separation) -> str:
    parts = {"silhouette": separation.silhouette, "trustworthiness": separation.trustworthiness}
    values = ", ".join(f"{name} {_value(value)}" for name, value in parts.items() if value is not None)
    return f"{title}: {values}"


def _value(value: float | None) -> str:
    return "\N{EN DASH}" if value is None else f"{value:.2f}".replace("-", "\N{MINUS SIGN}")


def _sheet(file: bytes) -> str:
    data = base64.b64encode(file).decode()
    return f'<img class="sheet" hidden alt="" src="data:image/jpeg;base64,{data}">'
