"""Edits of how a picture sits in its frame: cut, turned, bordered, pasted, photographed from a screen."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import cast

from PIL import Image, ImageOps

from lookalike import alterations

_SMALLEST = 24  # pixels a side that a crop leaves


def any_colour(draw: random.Random) -> alterations.Colour:
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
        return alterations.pad(image, draw.uniform(0.1, 0.9), colour)
    wide, tall = draw.choice(((1, 0), (0, 1)))
    share = draw.uniform(0.1, 0.5)
    return ImageOps.expand(
        image, (round(wide * share * image.width), round(tall * share * image.height)), fill=colour
    )


def paste(image: Image.Image, draw: random.Random, background: Image.Image) -> Image.Image:
    """On another picture, at 35 to 85 % of its sides, rather near its middle."""
    offset = (draw.triangular(0, 1, 0.5), draw.triangular(0, 1, 0.5))
    return alterations.paste_on(image, background, draw.uniform(0.35, 0.85), offset)


def collage(image: Image.Image, draw: random.Random, another: Callable[[], Image.Image]) -> Image.Image:
    """One of two to six pictures side by side, each cut to the picture's proportions."""
    columns, rows = draw.choice(((2, 1), (1, 2), (2, 2), (2, 2), (3, 2)))
    others = [another() for _ in range(columns * rows - 1)]
    return alterations.collage(image, others, columns, rows, draw.randrange(columns * rows))


def phone(image: Image.Image, draw: random.Random) -> Image.Image:
    """A phone's screenshot, dark or light."""
    return alterations.phone_screenshot(image, draw.randint(40, 90), dark=draw.random() < 0.5)


def perspective(image: Image.Image, draw: random.Random) -> Image.Image:
    """As photographed from aside: corners move inwards by up to a fifth, or outwards by up to a tenth."""
    corners = [
        tuple(end + (1 - 2 * end) * draw.uniform(-0.1, 0.2) for end in corner)
        for corner in ((0, 0), (1, 0), (1, 1), (0, 1))
    ]
    return alterations.perspective(image, cast(alterations.Corners, tuple(corners)))
