"""Edits of how a picture sits in its frame: cut, turned, bordered, pasted, photographed from a screen."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

from PIL import Image, ImageDraw, ImageOps

from lookalike.images import alter

_SMALLEST = 24  # pixels a side that a crop leaves
_PHONES = ((9, 16), (9, 19), (3, 4))


def any_colour(draw: random.Random) -> alter.Colour:
    """Black, white or anything between and beside."""
    if draw.random() < 0.4:
        return draw.choice(((0, 0, 0), (255, 255, 255)))
    return draw.randint(0, 255), draw.randint(0, 255), draw.randint(0, 255)


def crop(image: Image.Image, draw: random.Random, least: float, most: float) -> Image.Image:
    """Cut out a part of between ``least`` and ``most`` of the area, its proportions changed by up to 4:3."""
    area = math.exp(draw.uniform(math.log(least), math.log(most)))
    stretch = math.exp(draw.uniform(-0.5, 0.5) * math.log(4 / 3))
    width = max(_SMALLEST, min(image.width, round(image.width * math.sqrt(area) * stretch)))
    height = max(_SMALLEST, min(image.height, round(image.height * math.sqrt(area) / stretch)))
    left, top = draw.randint(0, max(0, image.width - width)), draw.randint(0, max(0, image.height - height))
    return image.crop((left, top, left + width, top + height))


def tilt(image: Image.Image, draw: random.Random) -> Image.Image:
    """Turn by a small angle on a ground of any colour; sometimes cut back to the picture's own size."""
    whole = draw.random() < 0.6
    angle = draw.uniform(-30, 30)
    return image.rotate(angle, Image.Resampling.BILINEAR, expand=whole, fillcolor=any_colour(draw))


def turn(image: Image.Image, draw: random.Random) -> Image.Image:
    """Turn by any angle on a ground of any colour."""
    return image.rotate(
        draw.uniform(-180, 180), Image.Resampling.BILINEAR, expand=True, fillcolor=any_colour(draw)
    )


def quarter(image: Image.Image, draw: random.Random) -> Image.Image:
    """Turn by 90, 180 or 270 degrees."""
    turns = (Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_270)
    return image.transpose(draw.choice(turns))


TURNS: tuple[Callable[[Image.Image, random.Random], Image.Image], ...] = (tilt, turn, quarter, quarter)


def pad(image: Image.Image, draw: random.Random) -> Image.Image:
    """A border all around, or on two sides as on a screen of other proportions."""
    colour = any_colour(draw)
    if draw.random() < 0.6:
        return alter.pad(image, draw.uniform(0.1, 0.9), colour)
    wide, tall = draw.choice(((1, 0), (0, 1)))
    share = draw.uniform(0.1, 0.5)
    return ImageOps.expand(
        image, (round(wide * share * image.width), round(tall * share * image.height)), fill=colour
    )


def paste(image: Image.Image, draw: random.Random, background: Image.Image) -> Image.Image:
    """On another picture, at 35 to 85 % of its sides, rather near its middle."""
    offset = (draw.triangular(0, 1, 0.5), draw.triangular(0, 1, 0.5))
    return alter.paste_on(image, background, draw.uniform(0.35, 0.85), offset)


def collage(image: Image.Image, draw: random.Random, another: Callable[[], Image.Image]) -> Image.Image:
    """One of two to six pictures side by side, each cut to fill its cell."""
    columns, rows = draw.choice(((2, 1), (1, 2), (2, 2), (2, 2), (3, 2)))
    side = 128
    sheet = Image.new("RGB", (columns * side, rows * side))
    own = draw.randrange(columns * rows)
    for cell in range(columns * rows):
        fitted = ImageOps.fit(image if cell == own else another(), (side, side), Image.Resampling.BILINEAR)
        sheet.paste(fitted, (cell % columns * side, cell // columns * side))
    return sheet


def phone(image: Image.Image, draw: random.Random) -> Image.Image:
    """A phone's screenshot: the picture between bars, with a line of signs above and some text below."""
    across, down = draw.choice(_PHONES)
    width = image.width
    height = max(round(width * down / across), image.height)
    ground = draw.choice(((0, 0, 0), (255, 255, 255), (18, 18, 20), (245, 245, 245)))
    ink = (235, 235, 235) if ground[0] < 128 else (40, 40, 40)
    screen = Image.new("RGB", (width, height), ground)
    top = round((height - image.height) * draw.uniform(0.2, 0.7))
    screen.paste(image, (0, top))
    pen = ImageDraw.Draw(screen)
    unit = max(3, width // 30)
    pen.text((unit, unit), f"{draw.randint(0, 23)}:{draw.randint(10, 59)}", fill=ink)
    pen.rectangle((width - 3 * unit, unit, width - unit, 2 * unit), outline=ink)
    for line in range(draw.randint(0, 4)):
        y = top + image.height + (2 * line + 1) * unit
        pen.rectangle((unit, y, width * draw.uniform(0.3, 0.9), y + unit // 2), fill=ink)
    return screen


def perspective(image: Image.Image, draw: random.Random) -> Image.Image:
    """As photographed from aside: each corner moved inwards by up to a fifth."""
    width, height = image.size
    corners = ((0, 0), (0, height), (width, height), (width, 0))
    moved = [
        (
            x + draw.uniform(-0.12, 0.2) * width * (1 if x == 0 else -1),
            y + draw.uniform(-0.12, 0.2) * height * (1 if y == 0 else -1),
        )
        for x, y in corners
    ]
    quad = tuple(value for corner in moved for value in corner)
    return image.transform(
        image.size, Image.Transform.QUAD, quad, Image.Resampling.BILINEAR, fillcolor=any_colour(draw)
    )
