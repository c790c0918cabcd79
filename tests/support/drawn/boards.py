"""Grids of cells: a crossword, the leaf of a calendar, a code of black and white squares."""

from __future__ import annotations

from PIL import Image

from drawn.pen import Pen, Random, sheet, word, write


def crossword(r: Random) -> Image.Image:
    """15 x 15 cells, about a fifth of them black, numbered."""
    image, pen = sheet(560, 560)
    number = 1
    for row in range(15):
        for column in range(15):
            x, y = 25 + 34 * column, 25 + 34 * row
            dark = r.random() < 0.2
            pen.rectangle((x, y, x + 34, y + 34), "black" if dark else None, "black", 2)
            if not dark and r.random() < 0.3:
                write(pen, (x + 4, y + 2), str(number), 11)
                number += 1
    return image


def calendar(r: Random) -> Image.Image:
    """A month: seven columns, days that begin on another weekday, appointments in some cells."""
    image, pen = sheet(700, 540)
    months = ("January", "March", "April", "May", "June", "August", "October", "December")
    write(pen, (30, 16), f"{r.choice(months)} {r.randint(1990, 2030)}", 32)
    first, days = r.randint(0, 6), r.randint(28, 31)
    for column, name in enumerate(("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")):
        write(pen, (40 + 92 * column, 64), name, 16)
    for cell in range(42):
        x, y, day = 28 + 92 * (cell % 7), 88 + 72 * (cell // 7), cell - first + 1
        pen.rectangle((x, y, x + 92, y + 72), outline=(120, 120, 120))
        if 1 <= day <= days:
            write(pen, (x + 6, y + 4), str(day), 20)
            if r.random() < 0.35:
                pen.rectangle((x + 4, y + 34, x + 88, y + 60), (205, 220, 245))
                write(pen, (x + 8, y + 38), word(r)[:9], 15)
    return image


def matrix_code(r: Random) -> Image.Image:
    """29 x 29 squares with the three marks of a QR code in its corners."""
    image, pen = sheet(330, 330)
    for row in range(29):
        for column in range(29):
            if r.random() < 0.5:
                _square(pen, column, row, 1)
    for column, row in ((0, 0), (22, 0), (0, 22)):
        pen.rectangle(
            (20 + 10 * (column - 1), 20 + 10 * (row - 1), 29 + 10 * (column + 7), 29 + 10 * (row + 7)),
            "white",
        )
        _square(pen, column, row, 7)
        pen.rectangle((30 + 10 * column, 30 + 10 * row, 79 + 10 * column, 79 + 10 * row), "white")
        _square(pen, column + 2, row + 2, 3)
    return image


def _square(pen: Pen, column: int, row: int, side: int) -> None:
    x, y = 20 + 10 * column, 20 + 10 * row
    pen.rectangle((x, y, x + 10 * side - 1, y + 10 * side - 1), "black")
