"""The result as one HTML file that needs nothing else: no script, no network, no second file.

The template ``page.html`` shows it; ``lookalike.pages`` makes text of whatever is put into it, and the page's
own policy forbids scripts and any address but the data in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from PIL import Image

from lookalike.collection.pictures import open_picture
from lookalike.labs.robust.borders import Border, Pair
from lookalike.labs.robust.copies import opened
from lookalike.labs.robust.methods import EMBEDDING, HASH, METHODS
from lookalike.labs.robust.reading import ENOUGH
from lookalike.labs.robust.result import Robustness
from lookalike.labs.robust.scores import Score
from lookalike.pages import document, style_of
from lookalike.settings import Settings

_OURS = (EMBEDDING, HASH)
_MEASURES = ("first", "found")
_SIDES = {"example": 144, "pair": 240}
"""Pixels that the longer side of a picture has at most, by where on the page it stands."""


def render_page(found: Robustness, settings: Settings) -> str:
    """The page's HTML.

    Args:
        found: what to show.
        settings: limits of the pictures that are read again to be shown.

    Raises:
        ImageError: a picture is no longer what it was.
    """
    means = {
        words: {measure: found.mean(measure, mild=mild) for measure in _MEASURES}
        for words, mild in (("All mild ones", True), ("All others", False))
    }
    mild, rough = (mean["first"][EMBEDDING] for mean in means.values())
    return document(
        __package__,
        style=style_of(__package__, "article.css", "page.css", "tables.css"),
        found=found,
        mild=mild,
        rough=rough,
        measured=_measured(found),
        queries=_counted(len(found.queries.places), "picture"),
        methods=METHODS,
        ours=_OURS,
        measures=_MEASURES,
        sides=_SIDES,
        groups=_groups(found, settings),
        means=means,
        rate=_rate(found),
        pairs=_pairs(found),
        nearest=_nearest(found, settings),
        notes=_notes(found),
        per_cent=_per_cent,
        reach=_reach,
    )


def _measured(found: Robustness) -> dict[str, str]:
    """The figures under the headline, by what they count."""
    return {
        "pictures": f"{len(found.pictures.paths):,}",
        "altered copies": f"{len(found.queries.places) * len(found.scores):,}",
        "pairs of different pictures": f"{found.borders.pairs:,}",
        "embedder": found.embedder.card.name,
    }


def _groups(found: Robustness, settings: Settings) -> Iterator[list[tuple[Score, Image.Image]]]:
    """The scores of each alteration, each with what became of the first query."""
    image, ground = opened(found.pictures, found.queries, 0, settings)
    for _, scores in groupby(found.scores, key=lambda row: row.edit.name):
        yield [(row, row.edit.change(image, ground)) for row in scores]


def _nearest(found: Robustness, settings: Settings) -> Iterator[tuple[Pair, list[tuple[str, Image.Image]]]]:
    """The nearest pairs that count as different, each with the names of its pictures and the pictures."""
    limits = settings.limits
    for pair in found.borders.nearest:
        yield (
            pair,
            [
                (
                    found.name(place),
                    open_picture(found.pictures.paths[place], limits, at_least=_SIDES["pair"]),
                )
                for place in (pair.first, pair.second)
            ],
        )


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


def _reach(border: Border) -> str:
    """Up to which distance a method calls two pictures the same, in words."""
    if border.within < 0:
        return "nothing: even equal ones are too many"
    if border.bits is None:
        return f"cosine distance {border.within:.3f}"
    return f"{border.within:.0f} of {border.bits} bits"


def _notes(found: Robustness) -> str:
    """The settings, and what they mean."""
    count = len(found.queries.places)
    half = 98 / count**0.5  # of a 95 % interval at its widest, in per cent
    example = found.name(int(found.queries.places[0]))
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
    """A share in per cent as a whole number; 100 only if it is all."""
    return ">99" if 0.995 <= share < 1 else f"{100 * share:.0f}"


def _counted(number: int, noun: str, plural: str | None = None) -> str:
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
