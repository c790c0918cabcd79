"""Drawn pages and icons: pictures that share a layout or a style and differ in what they say.

Photos are not all that people keep. Two invoices of one shop, or two icons of one set, are nearer to each
other than edited copies of a photo are, and are no copies. The same kind and number give the same pixels.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from types import MappingProxyType

from PIL import Image, ImageDraw

from lookalike.alterations.lettering import font

Random = random.Random
Pen = ImageDraw.ImageDraw
Draw = Callable[[Random], Image.Image]

_SYLLABLES = (
    "ba",
    "co",
    "di",
    "fu",
    "gra",
    "hel",
    "in",
    "jo",
    "ka",
    "lu",
    "men",
    "no",
    "pra",
    "qui",
    "ro",
    "sta",
)
_GREY = (185, 185, 190)


def letter(r: Random) -> Image.Image:
    """Draw paragraphs under a heading."""
    image, pen = _sheet(620, 880)
    _write(pen, 60, 50, _words(r, 3), 26)
    y = 120
    while y < 800:
        for _ in range(r.randint(2, 7)):
            _write(pen, 60, y, _words(r, r.randint(7, 9)), 15)
            y += 22
        y += 20
    return image


def invoice(r: Random) -> Image.Image:
    """Draw a bill of one shop."""
    image, pen = _sheet(620, 880)
    pen.rectangle((0, 0, 620, 90), (30, 60, 110))
    _write(pen, 40, 25, "Invoice", 36, "white")
    _write(pen, 40, 120, f"{_words(r, 2)}, {r.randint(1, 99)} {_words(r, 1)} St", 15)
    y = 200
    for _ in range(r.randint(3, 16)):
        _write(pen, 40, y, _words(r, r.randint(2, 4)), 15)
        _write(pen, 510, y, f"{r.randint(1, 999)}.{r.randint(10, 99)}", 15)
        pen.line((40, y + 25, 580, y + 25), _GREY)
        y += 34
    return image


def table(r: Random) -> Image.Image:
    """Draw numbers in a grid, always the same one."""
    image, pen = _sheet(720, 540)
    for row in range(15):
        pen.line((20, 25 + 35 * row, 700, 25 + 35 * row), _GREY, 2)
        for column in range(5 if row < 14 else 0):
            text = str(r.randint(10, 99_999)) if column else _words(r, 1)
            _write(pen, 30 + 136 * column, 33 + 35 * row, text, 17)
    return image


def chat(r: Random) -> Image.Image:
    """Draw messages on a phone."""
    image = Image.new("RGB", (450, 900), (235, 231, 224))
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 0, 450, 70), (25, 95, 85))
    _write(pen, 60, 22, _words(r, 1), 24, "white")
    y = 90
    while y < 760:
        lines, left = r.randint(1, 5), r.choice((15, 135))
        pen.rounded_rectangle((left, y, left + 300, y + 24 * lines + 16), 12, "white")
        for line in range(lines):
            _write(pen, left + 12, y + 8 + 24 * line, _words(r, r.randint(2, 3)), 17)
        y += 24 * lines + 30
    return image


def icon(r: Random) -> Image.Image:
    """Draw a few flat shapes on a white tile."""
    image, pen = _sheet(192, 192)
    for _ in range(r.randint(2, 5)):
        place = (r.randint(50, 142), r.randint(50, 142), r.randint(15, 55))
        pen.regular_polygon(place, r.choice((3, 4, 5, 6, 40)), r.randint(0, 89), _colour(r))
    return image


def badge(r: Random) -> Image.Image:
    """Draw letters on a rounded tile in one colour."""
    image, pen = _sheet(192, 192)
    pen.rounded_rectangle((16, 16, 176, 176), r.choice((10, 40, 80)), _colour(r))
    text = "".join(r.choice("ABCDEFGHJKLMNPRSTUVWXYZ23456789") for _ in range(r.randint(2, 3)))
    pen.text((96, 96), text, "white", font(r.randint(60, 76)), "mm")
    if r.random() < 0.5:
        pen.circle((r.randint(30, 160), r.randint(30, 160)), r.randint(8, 22), _colour(r))
    return image


PAGES: Sequence[Draw] = (letter, invoice, table, chat)
ICONS: Sequence[Draw] = (icon, badge)
SETS = MappingProxyType({"pages": PAGES, "icons": ICONS})


def draw(name: str, number: int) -> Image.Image:
    """Draw a picture of a set; its kinds take turns.

    Args:
        name: ``pages`` or ``icons``.
        number: 0 or more.
    """
    kinds = SETS[name]
    return kinds[number % len(kinds)](Random(f"{name} {number}"))


def _sheet(wide: int, tall: int) -> tuple[Image.Image, Pen]:
    image = Image.new("RGB", (wide, tall), "white")
    return image, ImageDraw.Draw(image)


def _write(pen: Pen, x: float, y: float, text: str, size: int, colour: str = "black") -> None:
    pen.text((x, y), text, colour, font(size))


def _words(r: Random, count: int) -> str:
    return " ".join("".join(r.choices(_SYLLABLES, k=r.randint(1, 3))) for _ in range(count)).capitalize()


def _colour(r: Random) -> tuple[int, int, int]:
    return r.randint(0, 210), r.randint(0, 210), r.randint(0, 210)
