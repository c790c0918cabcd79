"""Small graphics: a logo, an icon, line art."""

from __future__ import annotations

from PIL import Image

from drawn.pen import Random, colour, font, sheet, word


def logo(r: Random) -> Image.Image:
    """Two letters on a shape, and a name below."""
    image, pen = sheet(400, 400)
    name, tone = word(r).upper()[:9], colour(r, 0, 150)
    pen.regular_polygon((200, 160, 115), r.choice((3, 4, 6, 30)), r.choice((0, 15, 45)), tone)
    pen.text((200, 160), name[:2], "white", font(80), "mm")
    pen.text((200, 340), name, tone, font(46), "mm")
    return image


def icon(r: Random) -> Image.Image:
    """Three discs or boxes."""
    image, pen = sheet(128, 128)
    for _ in range(3):
        x, y, size = r.randint(30, 98), r.randint(30, 98), r.randint(14, 30)
        box = (x - size, y - size, x + size, y + size)
        if r.random() < 0.5:
            pen.ellipse(box, colour(r))
        else:
            pen.rectangle(box, colour(r))
    return image


def line_art(r: Random) -> Image.Image:
    """Zigzags and ellipses in black strokes."""
    image, pen = sheet(480, 480)
    for _ in range(r.randint(7, 12)):
        x, y = r.randint(0, 400), r.randint(0, 400)
        if r.random() < 0.5:
            pen.line([(x, y), *((r.randint(0, 480), r.randint(0, 480)) for _ in range(3))], "black", 3)
        else:
            pen.ellipse((x, y, x + r.randint(30, 200), y + r.randint(30, 200)), outline="black", width=3)
    return image
