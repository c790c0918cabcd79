"""Words on pictures, set in the typeface that Pillow carries, so no font has to be found or shipped."""

from __future__ import annotations

import math
from functools import cache

from PIL import ImageFont

from lookalike.demo.drawing.canvas import Canvas, Point
from lookalike.demo.drawing.colour import Colour

HEADLINES = (
    "rhythm",
    "form",
    "contrast",
    "balance",
    "motion",
    "orbit",
    "echo",
    "tempo",
    "drift",
    "signal",
    "harbour",
    "meadow",
    "granite",
    "nocturne",
    "prelude",
    "lantern",
    "atlas",
    "cobalt",
    "garden",
    "solstice",
    "tide",
    "horizon",
    "velvet",
    "ember",
    "almanac",
    "parade",
    "marble",
    "voyage",
    "canvas",
    "delta",
    "fabric",
    "quartz",
    "saffron",
    "thicket",
    "umbra",
    "vertigo",
    "willow",
    "zenith",
    "pulse",
    "grid",
)
"""One word each, for posters."""


@cache
def font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's own typeface at a size in pixels."""
    return ImageFont.load_default(size)


def text_width(text: str, size: float, spacing: float = 0) -> float:
    """Width of a line in drawing pixels; ``spacing`` is added between letters, as a share of the size."""
    return font(max(1, round(size))).getlength(text) + spacing * size * (len(text) - 1)


def fitting_size(text: str, width: float, height: float = math.inf, spacing: float = 0) -> float:
    """The largest size at which a line stays within a width and a height, in drawing pixels."""
    return min(width / max(text_width(text, 200, spacing) / 200, 0.01), height)


def write(
    canvas: Canvas,
    place: Point,
    text: str,
    size: float,
    colour: Colour,
    *,
    anchor: str = "ls",
    weight: float = 0,
    spacing: float = 0,
) -> None:
    """One line of text.

    Args:
        canvas: to write on.
        place: where the anchor goes, in drawing pixels.
        text: the line.
        size: in drawing pixels.
        colour: of the letters.
        anchor: Pillow's two letters: l, m, r for left, middle, right; a, m, s for top, middle, baseline.
        weight: boldness, as a share of the size by which strokes thicken.
        spacing: added between letters, as a share of the size.
    """
    face = font(max(1, round(size)))
    thicken = round(size * weight / 2)
    if not spacing:
        canvas.pen.text(place, text, fill=colour, font=face, anchor=anchor, stroke_width=thicken)
        return
    x, y = place
    x -= {"l": 0.0, "m": 0.5, "r": 1.0}[anchor[0]] * text_width(text, size, spacing)
    for letter in text:
        canvas.pen.text((x, y), letter, fill=colour, font=face, anchor="l" + anchor[1], stroke_width=thicken)
        x += face.getlength(letter) + spacing * size
