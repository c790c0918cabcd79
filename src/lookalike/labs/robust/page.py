"""The result as one HTML file that needs nothing else: no script, no network, no second file.

All text passes through ``pages.text``, which escapes HTML and shows control characters and undecodable
bytes of file names as escapes; the page's own policy forbids scripts and any address but the data in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import resources
from itertools import groupby

from PIL import Image

from lookalike.collection.pictures import open_picture
from lookalike.labs.robust.borders import Pair
from lookalike.labs.robust.copies import opened
from lookalike.labs.robust.methods import EMBEDDING, HASH, METHODS
from lookalike.labs.robust.reading import ENOUGH
from lookalike.labs.robust.result import Robustness
from lookalike.labs.robust.scores import Score
from lookalike.pages import NAME, document, style_of, text, thumbnail, unbroken
from lookalike.settings import Settings

_OURS = (EMBEDDING, HASH)
_MEASURES = ("first", "found")
_EXAMPLE_SIDE, _PAIR_SIDE = 144, 240


def render_page(found: Robustness, settings: Settings) -> str:
    """The page's HTML.

    Args:
        found: what to show.
        settings: limits of the pictures that are read again to be shown.

    Raises:
        ImageError: a picture is no longer what it was.
    """
    mild, rough = (found.mean("first", mild=mild)[EMBEDDING] for mild in (True, False))
    body = (
        (resources.files(__package__) / "page.html")
        .read_text("utf-8")
        .format(
            name=NAME,
            mild=f"{_per_cent(mild)}&nbsp;%",
            rough=f"{_per_cent(rough)}&nbsp;%",
            queries=_counted(len(found.queries.places), "picture"),
            images=f"{len(found.pictures.paths):,}",
            folder=text(found.pictures.folder.name),
            edits=len(found.scores),
            facts=_facts(found),
            rate=_rate(found),
            methods=len(METHODS),
            others=len(METHODS) - 1,
            heads="".join(_head(method, measure) for measure in _MEASURES for method in METHODS),
            groups="\n".join(_groups(found, settings)),
            means=_mean(found, mild=True) + "\n" + _mean(found, mild=False),
            pairs=_pairs(found),
            borders="\n".join(_border(found, method) for method in METHODS),
            nearest="\n".join(_pair(found, pair, settings) for pair in found.borders.nearest),
            notes=_notes(found),
        )
    )
    title = f"Lookalike: {mild:.0%} of mildly altered copies found first"
    return document(title, body, style=style_of(__package__, "page.css", "tables.css"))


def _facts(found: Robustness) -> str:
    """The figures under the headline."""
    facts = {
        "pictures": f"{len(found.pictures.paths):,}",
        "altered copies": f"{len(found.queries.places) * len(found.scores):,}",
        "pairs of different pictures": f"{found.borders.pairs:,}",
        "embedder": text(found.embedder.card.name),
    }
    return "\n".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in facts.items())


def _head(method: str, measure: str) -> str:
    kind = f"{measure} {method} ours" if method in _OURS else f"{measure} {method}"
    return f'<th class="{kind}" scope="col">{method.capitalize() if method in _OURS else method}</th>'


def _groups(found: Robustness, settings: Settings) -> Iterator[str]:
    """The rows of each alteration, with what became of the first query."""
    image, ground = opened(found.pictures, found.queries, 0, settings)
    for _, scores in groupby(found.scores, key=lambda row: row.edit.name):
        rows = [_row(row, row.edit.change(image, ground)) for row in scores]
        yield "<tbody>\n" + "\n".join(rows) + "\n</tbody>"


def _row(row: Score, example: Image.Image) -> str:
    mild = "<small>mild</small>" if row.edit.mild else ""
    name = f"{thumbnail(example, _EXAMPLE_SIDE, '')}<span>{unbroken(row.edit.description)}{mild}</span>"
    return _cells(f"<div>{name}</div>", {"first": row.first, "found": row.found})


def _mean(found: Robustness, *, mild: bool) -> str:
    """The mean over all mild, or all rough, edits."""
    words = "All mild ones" if mild else "All others"
    return _cells(words, {measure: found.mean(measure, mild=mild) for measure in _MEASURES})


def _cells(name: str, values: Mapping[str, Mapping[str, float]]) -> str:
    """A row of the table; ``name`` is HTML."""
    cells = "".join(
        f'<td class="{measure} {method} heat-{round(10 * share)}">{_per_cent(share)}</td>'
        for measure in _MEASURES
        for method, share in values[measure].items()
    )
    return f'<tr><th scope="row">{name}</th>{cells}</tr>'


def _pairs(found: Robustness) -> str:
    """Which pairs the borders were measured on."""
    borders = found.borders
    among = "that lie in different folders" if borders.between_folders else "of the folder"
    parts = [
        f"A border lets in {_rate(found)} at most, of the {borders.pairs:,} pairs of pictures {among}.",
    ]
    if borders.left_out:
        parts.append(
            f"{_counted(borders.left_out, 'more pair')} did not count: the embedding and PDQ both take them "
            "for one picture, each by the border that its makers state."
        )
    if borders.pairs * found.setting.false_positives < 1:
        parts.append("These are too few for such a rate, so none at all may be within.")
    return " ".join(parts)


def _border(found: Robustness, method: str) -> str:
    border = found.borders.methods[method]
    if border.within < 0:
        within = "nothing: even equal ones are too many"
    elif border.bits is None:
        within = f"cosine distance {border.within:.3f}"
    else:
        within = f"{border.within:.0f} of {border.bits} bits"
    name = f"{method.capitalize()}, ours" if method in _OURS else method
    return f'<tr><th scope="row">{name}</th><td>{within}</td><td>{1e6 * border.rate:.1f}</td></tr>'


def _pair(found: Robustness, pair: Pair, settings: Settings) -> str:
    """Two pictures side by side."""
    limits = settings.limits
    images, names = [], []
    for place in (pair.first, pair.second):
        images.append(open_picture(found.pictures.paths[place], limits, at_least=_PAIR_SIDE))
        names.append(text(found.name(place)))
    thumbnails = "".join(
        thumbnail(image, _PAIR_SIDE, name) for image, name in zip(images, names, strict=True)
    )
    lines = "".join(f"<span>{name}</span>" for name in names)
    return (
        f"<li><figure><div>{thumbnails}</div><figcaption><strong>{pair.distance:.3f}</strong>{lines}</figcaption>"
        "</figure></li>"
    )


def _notes(found: Robustness) -> str:
    """The settings, and what they mean."""
    count = len(found.queries.places)
    half = 98 / count**0.5  # of a 95 % interval at its widest, in per cent
    example = text(found.name(int(found.queries.places[0])))
    return (
        f"Of {_counted(count, 'copy', 'copies')} an alteration, a share is known to within {half:.0f} points "
        f"or better (95 % confidence). Pictures were drawn by seed {found.setting.seed}; the examples show "
        f"{example}. Large pictures were reduced first, their shorter side to no less than "
        f"{2 * ENOUGH} pixels. What a copy was pasted on is itself among the pictures, but does not "
        "compete with the original."
    )


def _rate(found: Robustness) -> str:
    rate = found.setting.false_positives
    return f"1 in {1 / rate:,.0f} pairs" if rate else "no pair"


def _per_cent(share: float) -> str:
    """A whole number, but 100 only where it is all."""
    return "&gt;99" if 0.995 <= share < 1 else f"{100 * share:.0f}"


def _counted(number: int, noun: str, plural: str | None = None) -> str:
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
