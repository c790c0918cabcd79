"""Drawn pictures of kinds that look alike: pages, invoices, tables, chats, memes of one template, logos …

Two of a kind share their layout and differ in what they say, which a search for copies must not mix up.
The same kind and seed give the same pixels.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from types import MappingProxyType

import numpy as np
from PIL import Image, ImageDraw, ImageFont

WORDS = [
    "harbour",
    "ledger",
    "autumn",
    "copper",
    "signal",
    "meadow",
    "ticket",
    "lantern",
    "orchard",
    "parcel",
    "granite",
    "violin",
    "compass",
    "saddle",
    "pepper",
    "window",
    "thunder",
    "basket",
    "marble",
    "canyon",
    "ribbon",
    "anchor",
    "pillow",
    "silver",
    "engine",
    "forest",
    "butter",
    "candle",
    "magnet",
    "pocket",
    "rocket",
    "summer",
    "tunnel",
    "velvet",
    "walnut",
    "zipper",
    "bridge",
    "carpet",
    "dragon",
]
GREY = (190, 190, 190)
Random = random.Random
Pen = ImageDraw.ImageDraw


def page(r: Random) -> Image.Image:
    image, pen = _sheet(620, 880)
    _write(pen, (50, 45), _words(r, 3), 26)
    y = 110
    while y < 820:
        for _ in range(r.randint(3, 7)):
            _write(pen, (50, y), _line(r, 520, 15), 15)
            y += 21
        y += 18
    return image


def invoice(r: Random) -> Image.Image:
    image, pen = _sheet(620, 880)
    _write(pen, (50, 40), "INVOICE", 38)
    _write(pen, (430, 50), f"No {r.randint(1000, 9999)}", 18)
    _write(pen, (50, 110), _words(r, 4), 15)
    y = 190
    for _ in range(r.randint(4, 14)):
        _write(pen, (50, y), _words(r, r.randint(2, 4)), 15)
        _write(pen, (510, y), f"{r.randint(5, 900)}.00", 15)
        pen.line((50, y + 24, 570, y + 24), GREY)
        y += 32
    _write(pen, (430, y + 20), f"Total {r.randint(100, 9999)}.00", 19)
    return image


def table(r: Random) -> Image.Image:
    image, pen = _sheet(700, 560)
    for row in range(15):
        pen.line((30, 30 + 35 * row, 670, 30 + 35 * row), "black", 2)
    for column in range(6):
        pen.line((30 + 128 * column, 30, 30 + 128 * column, 520), "black", 2)
    for row in range(14):
        for column in range(5):
            text = str(r.randint(100, 99_999)) if column else r.choice(WORDS)
            _write(pen, (40 + 128 * column, 38 + 35 * row), text, 17)
    return image


def chat(r: Random) -> Image.Image:
    image = Image.new("RGB", (480, 960), (232, 226, 216))
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 0, 480, 80), (20, 90, 80))
    _write(pen, (70, 28), r.choice(WORDS).capitalize(), 24, "white")
    y = 100
    while y < 830:
        lines, mine = r.randint(1, 5), r.random() < 0.5
        left = 150 if mine else 20
        fill = (216, 244, 194) if mine else (255, 255, 255)
        pen.rounded_rectangle((left, y, left + 310, y + 24 * lines + 16), 12, fill)
        for line in range(lines):
            _write(pen, (left + 12, y + 8 + 24 * line), _line(r, 280, 17), 17)
        y += 24 * lines + 30
    pen.rounded_rectangle((10, 890, 400, 950), 28, "white")
    return image


def bars(r: Random) -> Image.Image:
    image, pen = _sheet(640, 480)
    pen.line((60, 30, 60, 430, 610, 430), "black", 2)
    count = r.randint(4, 10)
    for bar in range(count):
        x = 70 + bar * 530 / count
        pen.rectangle((x, 430 - r.randint(20, 370), x + 380 / count, 430), (40, 110, 180))
        _write(pen, (x, 438), r.choice(WORDS)[:4], 13)
    _write(pen, (200, 8), _words(r, 3), 18)
    return image


def meme(r: Random) -> Image.Image:
    """Words over and under one and the same picture."""
    y, x = np.mgrid[0:450, 0:600].astype(np.float64)
    waves = [np.sin(x / a + y / b + c) for a, b, c in ((23, 41, 0), (61, -19, 1), (-37, 90, 2))]
    levels = np.stack([110 + 35 * waves[k] + 30 * waves[(k + 1) % 3] for k in range(3)], axis=-1)
    image = Image.fromarray(np.clip(levels, 0, 255).astype(np.uint8))
    pen = ImageDraw.Draw(image)
    pen.ellipse((210, 130, 390, 330), (230, 190, 150), (60, 40, 30), 4)
    for eye in (260, 340):
        pen.ellipse((eye - 14, 200, eye + 14, 228), "black")
    pen.arc((255, 220, 345, 300), 20, 160, "black", 5)
    for height in (50, 400):
        text = _words(r, 3).upper()
        pen.text((300, height), text, "white", _font(46), "mm", stroke_width=3, stroke_fill="black")
    return image


def logo(r: Random) -> Image.Image:
    image, pen = _sheet(400, 400)
    word = r.choice(WORDS).upper()
    colour = tuple(r.randint(0, 150) for _ in range(3))
    pen.regular_polygon((200, 160, 115), r.choice((3, 4, 6, 30)), r.choice((0, 15, 45)), colour)
    pen.text((200, 160), word[:2], "white", _font(80), "mm")
    pen.text((200, 340), word, colour, _font(46), "mm")
    return image


def icon(r: Random) -> Image.Image:
    image, pen = _sheet(128, 128)
    for _ in range(3):
        x, y, size = r.randint(30, 98), r.randint(30, 98), r.randint(14, 30)
        colour = tuple(r.randint(0, 200) for _ in range(3))
        if r.random() < 0.5:
            pen.ellipse((x - size, y - size, x + size, y + size), colour)
        else:
            pen.rectangle((x - size, y - size, x + size, y + size), colour)
    return image


def word_card(r: Random) -> Image.Image:
    image = Image.new("RGB", (600, 340), (248, 240, 205))
    ImageDraw.Draw(image).text((300, 170), _words(r, 2), "black", _font(58), "mm")
    return image


def street_map(r: Random) -> Image.Image:
    image = Image.new("RGB", (600, 600), (242, 239, 233))
    pen = ImageDraw.Draw(image)
    for _ in range(4):
        x, y = r.randint(0, 500), r.randint(0, 500)
        pen.rectangle(
            (x, y, x + r.randint(60, 220), y + r.randint(60, 220)), r.choice(((200, 230, 190), GREY))
        )
    for _ in range(24):
        ends = [(r.randint(-50, 650), r.randint(-50, 650)) for _ in range(2)]
        pen.line(ends, "white", r.choice((6, 8, 12)))
    for _ in range(14):
        _write(pen, (r.randint(0, 520), r.randint(0, 580)), f"{r.choice(WORDS).capitalize()} St", 13)
    return image


def line_art(r: Random) -> Image.Image:
    image, pen = _sheet(480, 480)
    for _ in range(r.randint(7, 12)):
        x, y = r.randint(0, 400), r.randint(0, 400)
        if r.random() < 0.5:
            pen.line([(x, y), *((r.randint(0, 480), r.randint(0, 480)) for _ in range(3))], "black", 3)
        else:
            pen.ellipse((x, y, x + r.randint(30, 200), y + r.randint(30, 200)), outline="black", width=3)
    return image


def bricks(r: Random) -> Image.Image:
    """A wall in one and the same bond, each brick of a tone of its own."""
    image = Image.new("RGB", (480, 360), (170, 165, 160))
    pen = ImageDraw.Draw(image)
    for row in range(15):
        for column in range(-1, 9):
            x = column * 60 + 30 * (row % 2)
            tone = r.randint(-35, 35)
            pen.rectangle((x, row * 24, x + 55, row * 24 + 20), (150 + tone, 75 + tone // 2, 60 + tone // 2))
    return image


KINDS: MappingProxyType[str, Callable[[Random], Image.Image]] = MappingProxyType(
    {
        draw.__name__: draw
        for draw in (
            page, invoice, table, chat, bars, meme, logo, icon, word_card, street_map, line_art, bricks,
        )
    }
)  # fmt: skip


def draw(kind: str, seed: int) -> Image.Image:
    """Draw a picture of a kind."""
    return KINDS[kind](random.Random(f"{kind} {seed}"))


def _sheet(wide: int, tall: int) -> tuple[Image.Image, Pen]:
    image = Image.new("RGB", (wide, tall), "white")
    return image, ImageDraw.Draw(image)


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def _write(pen: Pen, place: tuple[float, float], text: str, size: int, fill: str = "black") -> None:
    pen.text(place, text, fill, _font(size))


def _words(r: Random, count: int) -> str:
    return " ".join(r.choice(WORDS) for _ in range(count)).capitalize()


def _line(r: Random, wide: int, size: int) -> str:
    text = r.choice(WORDS)
    while _font(size).getlength(text) < wide * r.uniform(0.7, 0.9):
        text += f" {r.choice(WORDS)}"
    return text
