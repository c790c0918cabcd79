"""Charts: bars, and lines over a grid."""

from __future__ import annotations

from PIL import Image

from drawn.pen import GREY, Random, sheet, word, words, write


def bars(r: Random) -> Image.Image:
    """Four to ten bars with a word below each."""
    image, pen = sheet(640, 480)
    pen.line((60, 30, 60, 430, 610, 430), "black", 2)
    count = r.randint(4, 10)
    for bar in range(count):
        x = 70 + bar * 530 / count
        pen.rectangle((x, 430 - r.randint(20, 370), x + 380 / count, 430), (40, 110, 180))
        write(pen, (x, 438), word(r)[:4], 13)
    write(pen, (200, 8), words(r, 3), 18)
    return image


def line_chart(r: Random) -> Image.Image:
    """Three walks over one grid."""
    image, pen = sheet(680, 440)
    write(pen, (340, 20), words(r, 3), 18, anchor="mm")
    for rule in range(7):
        y = 50 + 55 * rule
        pen.line((60, y, 650, y), GREY)
        write(pen, (50, y), str(60 - 10 * rule), 13, anchor="rm")
    for month in range(12):
        write(pen, (70 + 52 * month, 400), "JFMAMJJASOND"[month], 13)
    for tone in ((200, 60, 50), (40, 110, 180), (60, 150, 70)):
        y, points = r.uniform(90, 330), []
        for step in range(40):
            points.append((62 + 15 * step, y))
            y = min(375, max(55, y + r.gauss(0, 22)))
        pen.line(points, tone, 3)
    return image
