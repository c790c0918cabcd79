"""What the drawings share: sheets, a typeface, and words that nobody has read before."""

from __future__ import annotations

import random
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont

GREY = (190, 190, 190)
Random = random.Random
Pen = ImageDraw.ImageDraw
Colour = tuple[int, int, int]

_STARTS = (
    "b",
    "c",
    "ch",
    "d",
    "f",
    "gr",
    "h",
    "j",
    "k",
    "l",
    "m",
    "n",
    "pl",
    "qu",
    "r",
    "s",
    "st",
    "t",
    "tr",
    "v",
    "z",
)
_MIDDLES = ("a", "e", "i", "o", "u", "ai", "ea", "ee", "io", "ou")
_ENDS = ("", "", "n", "r", "l", "s", "t", "nd", "rk", "ss", "lt", "m")


def sheet(wide: int, tall: int, colour: str | Colour = "white") -> tuple[Image.Image, Pen]:
    """An empty sheet and a pen that draws on it."""
    image = Image.new("RGB", (wide, tall), colour)
    return image, ImageDraw.Draw(image)


@lru_cache(maxsize=64)
def font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """The typeface that Pillow carries, so that every machine draws the same."""
    return ImageFont.load_default(size)


def write(
    pen: Pen,
    place: tuple[float, float],
    text: str,
    size: int,
    fill: str | Colour = "black",
    anchor: str = "la",
) -> None:
    """Write a line of text; ``anchor`` says which point of it ``place`` is, as Pillow does."""
    pen.text(place, text, fill, font(size), anchor)


def word(r: Random) -> str:
    """A word of one to four syllables."""
    syllables = r.choice((1, 2, 2, 2, 3, 3, 4))
    return "".join(r.choice(_STARTS) + r.choice(_MIDDLES) + r.choice(_ENDS) for _ in range(syllables))


def words(r: Random, count: int) -> str:
    """Words with a capital at the beginning."""
    return " ".join(word(r) for _ in range(count)).capitalize()


def line(r: Random, wide: float, size: int) -> str:
    """Words that fill a line of a ragged paragraph, ``wide`` pixels."""
    text, most = word(r), wide - r.uniform(0, 60)
    while True:
        longer = f"{text} {word(r)}{r.choice(('', '', '', '', ',', '.'))}"
        if font(size).getlength(longer) > most:
            return text
        text = longer


def colour(r: Random, low: int = 0, high: int = 200) -> Colour:
    """Any colour between two levels."""
    return r.randint(low, high), r.randint(low, high), r.randint(low, high)
