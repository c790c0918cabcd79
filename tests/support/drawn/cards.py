"""Cards with a few words on one design: a meme, a card, a ticket, a name tag, a slide."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from drawn.pen import Random, font, line, sheet, word, words, write


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
        text = words(r, 3).upper()
        pen.text((300, height), text, "white", font(46), "mm", stroke_width=3, stroke_fill="black")
    return image


def word_card(r: Random) -> Image.Image:
    """Two words on an empty card."""
    image, pen = sheet(600, 340, (248, 240, 205))
    write(pen, (300, 170), words(r, 2), 58, anchor="mm")
    return image


def ticket(r: Random) -> Image.Image:
    """A ticket of one theatre for another evening and seat."""
    image, pen = sheet(720, 300, (244, 226, 190))
    pen.rectangle((14, 14, 706, 286), outline=(150, 60, 40), width=5)
    for y in range(20, 286, 14):
        pen.line((540, y, 540, y + 7), (150, 60, 40), 3)
    write(pen, (40, 34), "ROYAL THEATRE", 34, (150, 60, 40))
    write(pen, (40, 100), words(r, 2), 40)
    write(pen, (40, 160), f"{r.randint(1, 28)} {r.choice(('March', 'April', 'May', 'June', 'July'))}", 26)
    write(pen, (40, 210), f"Row {r.randint(1, 40)}   Seat {r.randint(1, 60)}", 26)
    write(pen, (565, 40), f"{r.randint(10, 90)}.00", 30)
    x = 560
    while x < 690:
        wide = r.randint(1, 6)
        pen.rectangle((x, 120, x + wide, 250), "black")
        x += wide + r.randint(2, 6)
    return image


def name_tag(r: Random) -> Image.Image:
    """A badge of one event with another name."""
    image, pen = sheet(480, 320)
    pen.rectangle((0, 0, 480, 90), (30, 120, 110))
    write(pen, (240, 45), "HELLO MY NAME IS", 34, "white", "mm")
    pen.rectangle((0, 285, 480, 320), (30, 120, 110))
    write(pen, (240, 165), word(r).capitalize()[:10], 62, anchor="mm")
    write(pen, (240, 240), words(r, 2)[:22], 28, (90, 90, 90), "mm")
    return image


def slide(r: Random) -> Image.Image:
    """A heading and points on one company's slide."""
    image, pen = sheet(800, 450)
    pen.rectangle((0, 0, 24, 450), (190, 40, 60))
    pen.polygon([(720, 400), (780, 400), (750, 435)], (190, 40, 60))
    write(pen, (70, 50), words(r, 3), 38, (40, 40, 60))
    for point in range(r.randint(3, 5)):
        y = 140 + 52 * point
        pen.ellipse((72, y + 8, 84, y + 20), (190, 40, 60))
        write(pen, (104, y), line(r, 600, 24), 24)
    return image
