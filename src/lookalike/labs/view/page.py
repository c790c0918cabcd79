"""A map of pictures as one HTML file that needs nothing else: no network, no second file.

The template ``page.html`` shows the map; ``lookalike.pages`` makes text of whatever is put into it. The rest
goes to the script as JSON in an inert block, and the script only ever sets it as text. The page's own policy
allows its one script, its one style sheet and the data in it.
"""

from __future__ import annotations

from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lookalike.labs.view.buckets import BITS
from lookalike.labs.view.mapping import COLOURS, PictureMap
from lookalike.labs.view.projection import COMPONENTS, METHODS, Places
from lookalike.labs.view.separation import Separation, neighbours_of
from lookalike.labs.view.thumbnails import COLUMNS, ROWS, Sheets
from lookalike.pages import document, style_of
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
    points = made.points
    classes = len(points.classes)
    return document(
        __package__,
        style=style_of(__package__, *(f"style/{name}.css" for name in _STYLES)),
        script="\n".join(folder.joinpath("script", f"{name}.js").read_text("utf-8") for name in _SCRIPTS),
        made=made,
        points=points,
        count=len(points.paths),
        pictures=f"pictures of {classes:,} classes" if classes > 1 else "pictures",
        methods=METHODS,
        short=_SHORT,
        colours=_colours(classes),
        separations={"Embedding": made.embedding, **{_SHORT[name]: made.maps[name] for name in METHODS}},
        value=_value,
        agreeing=neighbours_of(len(points.paths)),
        note=_note(made),
        sheets=sheets.files,
        data=_data(made, sheets),
    )


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


def _colours(classes: int) -> str:
    """The sentences that explain the map's colours."""
    if classes == 1:
        return "All pictures lie in one folder, so there is one class."
    if classes <= COLOURS:
        return "A class is the folder that a picture lies in."
    return (
        f"A class is the folder that a picture lies in. {COLOURS} have a colour, first those that the map "
        "separates best; hide some, and others take theirs."
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
