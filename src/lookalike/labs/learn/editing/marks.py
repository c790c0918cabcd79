"""Edits that lay something over a picture: text, a caption, a bar of one colour, stickers."""

from __future__ import annotations

import random
from collections.abc import Callable

from PIL import Image, ImageOps

from lookalike import alterations
from lookalike.labs.learn.editing.frames import any_colour

_PHRASES = (
    "look what I found today",
    "do not copy",
    "BREAKING NEWS",
    "when you see it",
    "SALE 50 %",
    "© photo 2026",
    "ha ha ha :)",
    "sample",
    "me on Monday morning",
    "WOW",
    "follow for more",
    "2 for 1",
)


def _text(draw: random.Random) -> str:
    return " ".join(draw.choices(_PHRASES, k=draw.randint(1, 2)))


def write_over(image: Image.Image, draw: random.Random) -> Image.Image:
    """Lines of text across the middle."""
    return alterations.write_over(image, draw.uniform(0.15, 0.5), _text(draw) + " · ")


def caption(image: Image.Image, draw: random.Random) -> Image.Image:
    """A band of text, below or, turned over and back, above with the picture left upright."""
    share = draw.uniform(0.05, 0.2)
    if draw.random() < 0.7:
        return alterations.caption(image, share, _text(draw))
    return ImageOps.flip(alterations.caption(ImageOps.flip(image), share, _text(draw)))


def cover(image: Image.Image, draw: random.Random) -> Image.Image:
    """A rectangle of one colour over up to a quarter of the picture."""
    width = max(1, round(image.width * draw.uniform(0.15, 0.5)))
    height = max(1, round(image.height * draw.uniform(0.15, 0.5)))
    covered = image.copy()
    place = (draw.randint(0, image.width - width), draw.randint(0, image.height - height))
    covered.paste(Image.new("RGB", (width, height), any_colour(draw)), place)
    return covered


def stickers(image: Image.Image, draw: random.Random) -> Image.Image:
    """One to five faces, stars or hearts, each up to a third of the shorter side."""
    chosen = [
        alterations.Sticker(
            draw.choice(sorted(alterations.SHAPES)),
            (draw.random(), draw.random()),
            draw.uniform(0.1, 0.34),
            draw.uniform(-40, 40),
        )
        for _ in range(draw.randint(1, 5))
    ]
    return alterations.stick(image, chosen)


MARKS: tuple[Callable[[Image.Image, random.Random], Image.Image], ...] = (
    write_over,
    caption,
    cover,
    stickers,
    stickers,
)
