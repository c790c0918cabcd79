"""Forms that were filled in twice: most of each is the same, and what differs lies in many places."""

from __future__ import annotations

from random import Random as Seeded

from PIL import Image

from drawn.pen import Random, sheet, word, write


def sign_in(r: Random) -> Image.Image:
    """A page to sign in, for other services and people."""
    image, pen = sheet(1280, 800, (240, 242, 245))
    pen.rounded_rectangle((440, 150, 840, 560), 12, "white", (225, 228, 232), 2)
    write(pen, (476, 190), word(r).capitalize(), 26)
    write(pen, (476, 250), f"Sign in to go on to {word(r)}", 17, (100, 100, 100))
    for y, text in ((300, f"{word(r)}@example.com"), (372, "•" * r.randint(6, 14))):
        pen.rounded_rectangle((476, y, 804, y + 52), 6, "white", (200, 200, 200), 1)
        write(pen, (490, y + 16), text, 17)
    pen.rounded_rectangle((476, 460, 804, 510), 6, (24, 119, 242))
    write(pen, (640, 485), "Sign in", 19, "white", "mm")
    return image


def ledger(r: Random) -> Image.Image:
    """A spreadsheet in several versions, with other numbers in 8 to 14 of 168 cells."""
    image, pen = sheet(900, 680)
    fixed = Seeded("ledger")
    numbers = [fixed.randint(100, 9999) for _ in range(168)]
    for place in r.sample(range(168), r.randint(8, 14)):
        numbers[place] = r.randint(100, 9999)
    for place, number in enumerate(numbers):
        x, y = 40 + 105 * (place % 8), 40 + 29 * (place // 8)
        pen.rectangle((x, y, x + 105, y + 29), None, (205, 205, 205))
        write(pen, (x + 98, y + 5), str(number), 17, anchor="ra")
    return image


def bottle(r: Random) -> Image.Image:
    """A bottle on white ground, with another wine's label."""
    image, pen = sheet(600, 900)
    pen.rounded_rectangle((200, 250, 400, 860), 40, (46, 107, 58))
    pen.rectangle((260, 60, 340, 270), (46, 107, 58))
    pen.rectangle((255, 40, 345, 90), (34, 34, 34))
    pen.rectangle((200, 430, 400, 680), (245, 239, 220))
    write(pen, (300, 490), word(r).capitalize()[:9], 34, (122, 31, 31), "mm")
    write(pen, (300, 560), word(r)[:12], 22, anchor="mm")
    write(pen, (300, 630), str(r.randint(1980, 2023)), 30, anchor="mm")
    return image
