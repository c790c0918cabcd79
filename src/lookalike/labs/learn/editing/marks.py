"""Edits that lay something over a picture: text, a caption, a bar of one colour, stickers."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

from PIL import Image, ImageDraw, ImageOps

from lookalike.images import alter
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
    return alter.write_over(image, draw.uniform(0.15, 0.5), _text(draw) + " · ")


def caption(image: Image.Image, draw: random.Random) -> Image.Image:
    """A band of text, below or, turned over and back, above with the picture left upright."""
    share = draw.uniform(0.05, 0.2)
    if draw.random() < 0.7:
        return alter.caption(image, share, _text(draw))
    return ImageOps.flip(alter.caption(ImageOps.flip(image), share, _text(draw)))


def cover(image: Image.Image, draw: random.Random) -> Image.Image:
    """A rectangle of one colour over up to a quarter of the picture."""
    width = max(1, round(image.width * draw.uniform(0.15, 0.5)))
    height = max(1, round(image.height * draw.uniform(0.15, 0.5)))
    covered = image.copy()
    place = (draw.randint(0, image.width - width), draw.randint(0, image.height - height))
    covered.paste(Image.new("RGB", (width, height), any_colour(draw)), place)
    return covered


def stickers(image: Image.Image, draw: random.Random) -> Image.Image:
    """One to five faces, stars or discs, each up to a third of the shorter side."""
    covered = image.copy()
    pen = ImageDraw.Draw(covered)
    for _ in range(draw.randint(1, 5)):
        radius = min(image.size) * draw.uniform(0.05, 0.17)
        x, y = draw.uniform(0, image.width), draw.uniform(0, image.height)
        draw.choice((_face, _star, _disc))(pen, draw, (x, y), radius)
    return covered


MARKS: tuple[Callable[[Image.Image, random.Random], Image.Image], ...] = (
    write_over,
    caption,
    cover,
    stickers,
    stickers,
)


def _disc(pen: ImageDraw.ImageDraw, draw: random.Random, middle: tuple[float, float], radius: float) -> None:
    pen.circle(middle, radius, fill=any_colour(draw))


def _star(pen: ImageDraw.ImageDraw, draw: random.Random, middle: tuple[float, float], radius: float) -> None:
    points = [
        (
            middle[0] + radius * (1 if corner % 2 else 0.45) * math.sin(math.pi * corner / 5),
            middle[1] + radius * (1 if corner % 2 else 0.45) * math.cos(math.pi * corner / 5),
        )
        for corner in range(10)
    ]
    pen.polygon(points, fill=any_colour(draw))


def _face(pen: ImageDraw.ImageDraw, draw: random.Random, middle: tuple[float, float], radius: float) -> None:
    pen.circle(middle, radius, fill=(255, draw.randint(190, 225), draw.randint(40, 90)))
    x, y = middle
    for side in (-1, 1):
        pen.circle((x + 0.35 * side * radius, y - 0.25 * radius), 0.12 * radius, fill=(60, 40, 20))
    box = (x - 0.5 * radius, y - 0.4 * radius, x + 0.5 * radius, y + 0.55 * radius)
    pen.arc(box, 20, 160, fill=(60, 40, 20), width=max(1, round(0.1 * radius)))
