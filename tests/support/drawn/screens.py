"""Screens: a chat, the list of an app, a listing of code."""

from __future__ import annotations

from PIL import Image

from drawn.pen import Random, colour, line, sheet, word, words, write


def chat(r: Random) -> Image.Image:
    """Bubbles of two people."""
    image, pen = sheet(480, 960, (232, 226, 216))
    pen.rectangle((0, 0, 480, 80), (20, 90, 80))
    write(pen, (70, 28), word(r).capitalize(), 24, "white")
    y = 100
    while y < 830:
        lines, mine = r.randint(1, 5), r.random() < 0.5
        left = 150 if mine else 20
        fill = (216, 244, 194) if mine else (255, 255, 255)
        pen.rounded_rectangle((left, y, left + 310, y + 24 * lines + 16), 12, fill)
        for row in range(lines):
            write(pen, (left + 12, y + 8 + 24 * row), line(r, 280, 17), 17)
        y += 24 * lines + 30
    pen.rounded_rectangle((10, 890, 400, 950), 28, "white")
    return image


def app_screen(r: Random) -> Image.Image:
    """A list of one app: a disc, a title and a line for each entry."""
    image, pen = sheet(450, 900, (246, 246, 248))
    pen.rectangle((0, 0, 450, 90), (60, 70, 190))
    write(pen, (24, 40), "Messages", 28, "white")
    for y in range(100, 800, 88):
        pen.rectangle((0, y, 450, y + 84), "white")
        pen.ellipse((20, y + 14, 76, y + 70), colour(r, 60, 220))
        write(pen, (96, y + 16), words(r, 2)[:24], 21)
        write(pen, (96, y + 48), line(r, 320, 16), 16, (110, 110, 110))
        write(pen, (430, y + 18), f"{r.randint(0, 23)}:{r.randint(0, 59):02}", 15, (130, 130, 130), "ra")
    pen.rectangle((0, 830, 450, 900), "white")
    for tab, name in enumerate(("Inbox", "Calls", "People", "More")):
        pen.rounded_rectangle((32 + 110 * tab, 840, 72 + 110 * tab, 870), 8, (160, 160, 170))
        write(pen, (52 + 110 * tab, 884), name, 14, anchor="mm")
    return image


def code_listing(r: Random) -> Image.Image:
    """Lines of code in an editor with a dark ground."""
    image, pen = sheet(760, 620, (30, 30, 36))
    depth = 0
    for row in range(26):
        y = 16 + 23 * row
        write(pen, (40, y), str(row + 1), 15, (110, 110, 120), "ra")
        x, depth = 60.0 + 30 * depth, min(4, max(0, depth + r.choice((-1, -1, 0, 0, 0, 1, 1))))
        if r.random() < 0.12:
            continue
        for _ in range(r.randint(1, 6)):
            text = r.choice((word(r), f"{word(r)}(", "=", f"{r.randint(0, 99)}", f"{word(r)}.{word(r)}", ")"))
            tone = r.choice(((220, 220, 220), (120, 170, 250), (230, 160, 100), (150, 210, 130)))
            write(pen, (x, y), text, 16, tone)
            x += 8 + 9 * len(text)
    return image
