"""Plans: streets, the rooms of a flat, and the bricks of a wall."""

from __future__ import annotations

from PIL import Image

from drawn.pen import GREY, Random, sheet, word, write


def street_map(r: Random) -> Image.Image:
    """Streets, parks and names."""
    image, pen = sheet(600, 600, (242, 239, 233))
    for _ in range(4):
        x, y = r.randint(0, 500), r.randint(0, 500)
        tone = r.choice(((200, 230, 190), GREY))
        pen.rectangle((x, y, x + r.randint(60, 220), y + r.randint(60, 220)), tone)
    for _ in range(24):
        ends = [(r.randint(-50, 650), r.randint(-50, 650)) for _ in range(2)]
        pen.line(ends, "white", r.choice((6, 8, 12)))
    for _ in range(14):
        write(pen, (r.randint(0, 520), r.randint(0, 580)), f"{word(r).capitalize()} St", 13)
    return image


def floor_plan(r: Random) -> Image.Image:
    """Walls that halve rooms again and again, with doors and names."""
    image, pen = sheet(640, 480)
    rooms = [(40, 40, 600, 440)]
    while len(rooms) < r.randint(6, 8):
        left, top, right, bottom = rooms.pop(0)
        part = r.uniform(0.35, 0.65)
        if right - left > bottom - top:
            middle = round(left + part * (right - left))
            rooms += [(left, top, middle, bottom), (middle, top, right, bottom)]
        else:
            middle = round(top + part * (bottom - top))
            rooms += [(left, top, right, middle), (left, middle, right, bottom)]
    for left, top, right, bottom in rooms:
        pen.rectangle((left, top, right, bottom), outline="black", width=6)
    for left, top, right, bottom in rooms:
        x = r.randint(left + 14, max(left + 15, right - 54))
        pen.line((x, bottom, x + 36, bottom), "white", 8)
        pen.arc((x - 36, bottom - 36, x + 36, bottom + 36), 270, 360, "black", 2)
        name = r.choice(("Kitchen", "Bath", "Bedroom", "Hall", "Study", "Living"))
        write(pen, ((left + right) / 2, (top + bottom) / 2), name, 16, anchor="mm")
        area = f"{r.randint(4, 30)}.{r.randint(0, 9)} m²"
        write(pen, ((left + right) / 2, (top + bottom) / 2 + 20), area, 13, anchor="mm")
    return image


def bricks(r: Random) -> Image.Image:
    """A wall in one and the same bond, each brick of a tone of its own."""
    image, pen = sheet(480, 360, (170, 165, 160))
    for row in range(15):
        for column in range(-1, 9):
            x = column * 60 + 30 * (row % 2)
            tone = r.randint(-35, 35)
            pen.rectangle((x, row * 24, x + 55, row * 24 + 20), (150 + tone, 75 + tone // 2, 60 + tone // 2))
    return image
