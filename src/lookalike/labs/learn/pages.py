"""Drawn pages to train on: pictures that share a layout and differ in what they say.

To a network that learned from photos all pages are alike. Eight pages of one style, with other words in
each, ask it to look at where the words are. The same number gives the same pixels.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import NamedTuple

from PIL import Image, ImageDraw

from lookalike.alterations.lettering import font

SIBLINGS = 8
"""Pages of one style, whose numbers follow each other."""

_LETTERS = "aaabcdeeeefghiiijklmnooopqrssttuuvwxyz"
_LONG = 320  # pixels of the longer side

Colour = tuple[int, int, int]


class Sheet(NamedTuple):
    """An empty page, and what all pages of its style share.

    Attributes:
        image: to draw on.
        pen: draws on it.
        ink: colour of its words.
        accent: colour of its bars and boxes.
        margin: pixels that stay empty on each side.
        size: pixels that a line of words is high.
        share: from 0 to 1, a measure of the style that each kind of page uses in its own way.
    """

    image: Image.Image
    pen: ImageDraw.ImageDraw
    ink: Colour
    accent: Colour
    margin: int
    size: int
    share: float


def draw_page(number: int) -> Image.Image:
    """Draw a page.

    Args:
        number: 0 or more; pages ``SIBLINGS * n`` to ``SIBLINGS * n + 7`` are of one style.

    Returns:
        RGB, 320 pixels on its longer side.
    """
    style, words = random.Random(f"style {number // SIBLINGS}"), random.Random(f"page {number}")
    kind = style.choice(KINDS)
    sheet = _sheet(style)
    kind(sheet, words)
    return sheet.image


def _sheet(style: random.Random) -> Sheet:
    shape = style.uniform(0.55, 1.0)
    long, short = _LONG, round(_LONG * shape)
    size = (short, long) if style.random() < 0.7 else (long, short)
    dark = style.random() < 0.25
    paper, ink = (_light(style), _deep(style)) if not dark else (_deep(style), _light(style))
    image = Image.new("RGB", size, paper)
    return Sheet(
        image,
        ImageDraw.Draw(image),
        ink,
        (style.randint(0, 255), style.randint(0, 255), style.randint(0, 255)),
        style.randint(6, 40),
        style.randint(6, 16),
        style.random(),
    )


def _light(style: random.Random) -> Colour:
    if style.random() < 0.6:
        return 255, 255, 255
    return style.randint(200, 255), style.randint(200, 255), style.randint(200, 255)


def _deep(style: random.Random) -> Colour:
    if style.random() < 0.6:
        return 0, 0, 0
    return style.randint(0, 90), style.randint(0, 90), style.randint(0, 90)


def _words(draw: random.Random, count: int) -> str:
    return " ".join("".join(draw.choices(_LETTERS, k=draw.randint(1, 11))) for _ in range(count))


def _line(sheet: Sheet, draw: random.Random, x: float, y: float, wide: float, factor: float = 1.0) -> None:
    """One line of words, at most ``wide`` pixels long."""
    face = font(sheet.size * factor)
    text = _words(draw, draw.randint(2, 16))
    while len(text) > 1 and face.getlength(text) > wide:
        text = text[: int(len(text) * 0.8)]
    sheet.pen.text((x, y), text, sheet.ink, face)


def _prose(sheet: Sheet, draw: random.Random) -> None:
    """Paragraphs in one to three columns, under a heading or none."""
    columns = 1 + int(sheet.share * 2.5)
    across = (sheet.image.width - 2 * sheet.margin) / columns
    top = float(sheet.margin)
    if sheet.share < 0.5:
        _line(sheet, draw, sheet.margin, top, across, 1.8)
        top += 3 * sheet.size
    for column in range(columns):
        y = top
        while y < sheet.image.height - sheet.margin:
            for _ in range(draw.randint(1, 8)):
                if y < sheet.image.height - sheet.margin:
                    _line(sheet, draw, sheet.margin + column * across, y, across - 4)
                y += 1.4 * sheet.size
            y += sheet.size


def _bill(sheet: Sheet, draw: random.Random) -> None:
    """A bar with a name, and rows with a number at the end of each."""
    width, bar = sheet.image.width, round(sheet.image.height * (0.05 + 0.15 * sheet.share))
    sheet.pen.rectangle((0, 0, width, bar), sheet.accent)
    y = bar + sheet.margin
    for _ in range(draw.randint(3, 20)):
        _line(sheet, draw, sheet.margin, y, width * 0.6)
        number = f"{draw.randint(0, 9999)}.{draw.randint(0, 99):02}"
        sheet.pen.text((width - sheet.margin, y), number, sheet.ink, font(sheet.size), "ra")
        y += round(1.5 * sheet.size)
        sheet.pen.line((sheet.margin, y, width - sheet.margin, y), sheet.accent)


def _grid(sheet: Sheet, draw: random.Random) -> None:
    """Words and numbers in the cells of a table."""
    rows, columns = 4 + int(12 * sheet.share), 2 + int(sheet.size / 3)
    high = (sheet.image.height - 2 * sheet.margin) / rows
    wide = (sheet.image.width - 2 * sheet.margin) / columns
    for row in range(rows):
        for column in range(columns):
            x, y = sheet.margin + column * wide, sheet.margin + row * high
            sheet.pen.rectangle((x, y, x + wide, y + high), outline=sheet.accent)
            if draw.random() < 0.85:
                text = str(draw.randint(0, 10 ** draw.randint(1, 5))) if column else _words(draw, 1)[:9]
                sheet.pen.text((x + 2, y + 1), text, sheet.ink, font(min(high * 0.7, sheet.size)))


def _chat(sheet: Sheet, draw: random.Random) -> None:
    """Messages of two people, one on each side."""
    width, y = sheet.image.width, float(sheet.margin)
    while y < sheet.image.height - 2 * sheet.size:
        lines, wide = draw.randint(1, 5), width * draw.uniform(0.3, 0.75)
        left = sheet.margin if draw.random() < 0.5 else width - sheet.margin - wide
        high = 1.3 * sheet.size * lines + 6
        sheet.pen.rounded_rectangle((left, y, left + wide, y + high), 6, sheet.accent)
        for line in range(lines):
            _line(sheet, draw, left + 4, y + 3 + 1.3 * sheet.size * line, wide - 8)
        y += high + sheet.size * (0.4 + sheet.share)


def _chart(sheet: Sheet, draw: random.Random) -> None:
    """Bars or a line over an axis, with a heading."""
    width, height, margin = sheet.image.width, sheet.image.height, sheet.margin
    _line(sheet, draw, margin, 2, width - 2 * margin, 1.2)
    floor, count = height - margin, draw.randint(4, 24)
    step = (width - 2 * margin) / count
    points = [
        (margin + step * place, floor - draw.random() * (floor - margin - 2 * sheet.size))
        for place in range(count)
    ]
    if sheet.share < 0.5:
        for x, y in points:
            sheet.pen.rectangle((x, y, x + step * 0.7, floor), sheet.accent)
    else:
        sheet.pen.line(points, sheet.accent, 1 + int(4 * sheet.share))
    sheet.pen.line((margin, margin, margin, floor), sheet.ink)
    sheet.pen.line((margin, floor, width - margin, floor), sheet.ink)


def _form(sheet: Sheet, draw: random.Random) -> None:
    """Labels, boxes beside them, some filled in, some ticked."""
    y, width = float(sheet.margin), sheet.image.width
    while y < sheet.image.height - sheet.margin - 2 * sheet.size:
        _line(sheet, draw, sheet.margin, y, width * 0.3)
        left = sheet.margin + width * (0.3 + 0.2 * sheet.share)
        right = left + draw.choice((1.6 * sheet.size, width * 0.2, width * 0.4))
        sheet.pen.rectangle((left, y, right, y + 1.5 * sheet.size), outline=sheet.accent)
        if draw.random() < 0.6:
            _line(sheet, draw, left + 2, y + 1, right - left - 4)
        y += draw.choice((2.0, 2.5, 4.0)) * sheet.size


def _window(sheet: Sheet, draw: random.Random) -> None:
    """A program's window: a bar, a list at the side, cards."""
    width, height = sheet.image.size
    side = width * (0.15 + 0.25 * sheet.share)
    sheet.pen.rectangle((0, 0, width, 1.8 * sheet.size), sheet.accent)
    y = 3.0 * sheet.size
    for _ in range(draw.randint(2, 20)):
        _line(sheet, draw, 4, y, side - 8)
        y += 1.6 * sheet.size
    sheet.pen.line((side, 0, side, height), sheet.ink)
    for _ in range(draw.randint(1, 7)):
        x, y = draw.uniform(side, width * 0.8), draw.uniform(3 * sheet.size, height * 0.85)
        colour = (draw.randint(0, 255), draw.randint(0, 255), draw.randint(0, 255))
        corner = (x + draw.uniform(20, width - side), y + draw.uniform(20, height * 0.4))
        sheet.pen.rectangle((x, y, *corner), draw.choice((None, colour)), sheet.ink)
        _line(sheet, draw, x + 3, y + 2, corner[0] - x)


def _emblem(sheet: Sheet, draw: random.Random) -> None:
    """A few flat shapes and letters on empty ground, as in a logo."""
    middle = (sheet.image.width / 2, sheet.image.height / 2)
    reach = 0.4 * min(sheet.image.size)
    for _ in range(draw.randint(1, 6)):
        colour = draw.choice((sheet.ink, sheet.accent, (draw.randint(0, 255),) * 3))
        place = tuple(value + draw.uniform(-0.5, 0.5) * reach for value in middle)
        radius = reach * draw.uniform(0.1, 0.6)
        sheet.pen.regular_polygon(
            (*place, radius), draw.choice((3, 4, 5, 6, 36)), draw.randint(0, 119), colour
        )
    if draw.random() < 0.7:
        text = _words(draw, 1)[:6].upper()
        sheet.pen.text(middle, text, sheet.ink, font(reach * (0.3 + sheet.share)), "mm")


KINDS: tuple[Callable[[Sheet, random.Random], None], ...] = (
    _prose,
    _prose,
    _bill,
    _grid,
    _chat,
    _chart,
    _form,
    _window,
    _emblem,
)
