"""Sheets of paper: a page of text, an invoice, a table, a receipt, sheet music."""

from __future__ import annotations

from PIL import Image

from drawn.pen import GREY, Random, line, sheet, word, words, write


def page(r: Random) -> Image.Image:
    """A heading and paragraphs."""
    image, pen = sheet(620, 880)
    write(pen, (50, 45), words(r, 3), 26)
    y = 110
    while y < 820:
        for _ in range(r.randint(3, 7)):
            write(pen, (50, y), line(r, 520, 15), 15)
            y += 21
        y += 18
    return image


def small_print(r: Random) -> Image.Image:
    """Two columns of small print, which is a grey haze at 256 pixels."""
    image, pen = sheet(1240, 1754)
    for left in (100, 650):
        for y in range(120, 1640, 22):
            write(pen, (left, y), line(r, 500, 15), 15)
    return image


def invoice(r: Random) -> Image.Image:
    """One form, filled with other goods and sums."""
    image, pen = sheet(620, 880)
    write(pen, (50, 40), "INVOICE", 38)
    write(pen, (430, 50), f"No {r.randint(1000, 9999)}", 18)
    write(pen, (50, 110), words(r, 4), 15)
    y = 190
    for _ in range(r.randint(4, 14)):
        write(pen, (50, y), words(r, r.randint(2, 4)), 15)
        write(pen, (510, y), f"{r.randint(5, 900)}.00", 15)
        pen.line((50, y + 24, 570, y + 24), GREY)
        y += 32
    write(pen, (430, y + 20), f"Total {r.randint(100, 9999)}.00", 19)
    return image


def table(r: Random) -> Image.Image:
    """One grid of ruled cells with other entries."""
    image, pen = sheet(700, 560)
    for row in range(15):
        pen.line((30, 30 + 35 * row, 670, 30 + 35 * row), "black", 2)
    for column in range(6):
        pen.line((30 + 128 * column, 30, 30 + 128 * column, 520), "black", 2)
    for row in range(14):
        for column in range(5):
            text = str(r.randint(100, 99_999)) if column else word(r)[:9]
            write(pen, (40 + 128 * column, 38 + 35 * row), text, 17)
    return image


def receipt(r: Random) -> Image.Image:
    """A long slip of one shop."""
    image, pen = sheet(320, 800, (250, 249, 244))
    write(pen, (160, 40), "CORNER SHOP", 30, anchor="mm")
    write(pen, (160, 75), "12 Market Street", 16, anchor="mm")
    y = 110
    for _ in range(r.randint(8, 22)):
        write(pen, (20, y), words(r, 2)[:22], 16)
        write(pen, (300, y), f"{r.randint(0, 49)}.{r.randint(0, 99):02}", 16, anchor="ra")
        y += 24
    pen.line((20, y + 6, 300, y + 6), "black", 2)
    write(pen, (20, y + 16), "TOTAL", 22)
    write(pen, (300, y + 16), f"{r.randint(10, 400)}.{r.randint(0, 99):02}", 22, anchor="ra")
    write(pen, (160, 770), "Thank you, come again", 16, anchor="mm")
    return image


def sheet_music(r: Random) -> Image.Image:
    """Staves of one layout with other notes."""
    image, pen = sheet(640, 860)
    write(pen, (320, 45), words(r, 2), 28, anchor="mm")
    for top in range(100, 800, 96):
        for rule in range(5):
            pen.line((40, top + 9 * rule, 600, top + 9 * rule), "black")
        for bar in range(5):
            pen.line((40 + 140 * bar, top, 40 + 140 * bar, top + 36), "black", 2)
        for note in range(20):
            x, y = 58 + 28 * note, top + 4.5 * r.randint(-2, 10)
            if r.random() < 0.85:
                pen.ellipse((x - 6, y - 4, x + 6, y + 4), "black" if r.random() < 0.7 else None, "black", 2)
                stem = -30 if y > top + 18 else 30
                pen.line((x + (6 if stem < 0 else -6), y, x + (6 if stem < 0 else -6), y + stem), "black", 2)
    return image
