"""Maps: contour lines of a made-up terrain, the streets of a made-up town."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lookalike.demo.drawing.canvas import Canvas, Point, path
from lookalike.demo.drawing.colour import mix, ramp
from lookalike.demo.drawing.noise import ridge_line, surface
from lookalike.demo.drawing.palettes import Palette

_WHITE = (255, 255, 255)


def contour_map(canvas: Canvas, palette: Palette, random: np.random.Generator) -> None:
    """Tinted heights, a line a step, every fifth line bolder, a lake or a sea below."""
    cell = canvas.unit * random.uniform(45, 85)
    heights = surface(random, canvas.width, canvas.height, cell=cell, octaves=3)
    steps = int(random.integers(12, 24))
    level = np.minimum((heights * steps).astype(np.int64), steps - 1)
    sea = max(1, int(steps * random.uniform(0.1, 0.38)))
    lowland, summit = mix(palette.accents[3], palette.paper, 0.5), mix(palette.warmest, palette.paper, 0.35)
    deep, shallow = mix(palette.coolest, palette.dark, 0.15), mix(palette.coolest, palette.paper, 0.45)
    tints = np.concatenate([ramp((deep, shallow), sea), ramp((lowland, palette.paper, summit), steps - sea)])
    picture = tints[level]
    dry = level >= sea
    picture[dry & _borders(level, round(canvas.unit * 0.2) + 1)] = mix(palette.accents[0], palette.paper, 0.2)
    picture[dry & _borders(level // 5, round(canvas.unit * 0.3) + 2)] = mix(
        palette.accents[0], palette.ink, 0.4
    )
    canvas.image.paste(Image.fromarray(picture))


def street_map(canvas: Canvas, palette: Palette, random: np.random.Generator) -> None:
    """Blocks, avenues, parks and a river, turned a little from north."""
    town = _Town(canvas, random.uniform(-0.6, 0.6))
    land, street = mix(palette.paper, palette.ink, 0.08), mix(palette.paper, _WHITE, 0.6)
    canvas.fill(land)
    columns, rows = town.avenues(random), town.avenues(random)
    for left, right in pairwise(columns):
        for top, bottom in pairwise(rows):
            if random.random() < 0.11:
                park = mix(palette.accents[3], palette.paper, 0.25)
                canvas.polygon(
                    town.places([(left, top), (right, top), (right, bottom), (left, bottom)]), park
                )
    for index, (across, down) in enumerate(zip(columns, rows, strict=False)):
        wide = canvas.unit * (1.5 if index % 4 == 0 else 0.75)
        canvas.stroke(town.places([(across, -town.reach), (across, town.reach)]), wide, street)
        canvas.stroke(town.places([(-town.reach, down), (town.reach, down)]), wide, street)
    bend = ridge_line(random, 80, bumps=random.uniform(2, 4), octaves=1) - random.uniform(0.2, 0.8)
    along = np.linspace(-town.reach, town.reach, 80)
    banks = path(along, (bend * town.reach * 0.5))
    river = canvas.unit * random.uniform(5, 12)
    canvas.stroke(town.places(banks), river + canvas.unit * 1.2, street)
    canvas.stroke(town.places(banks), river, mix(palette.coolest, palette.paper, 0.35))
    slant = random.uniform(-0.9, 0.9) * town.reach
    routes = [[(x, -town.reach), (x, town.reach)] for x in columns[2::6]]
    routes.append([(-town.reach, -slant), (town.reach, slant)])
    for route in routes:
        canvas.stroke(town.places(route), canvas.unit * 2.2, mix(palette.warmest, palette.ink, 0.35))
        canvas.stroke(town.places(route), canvas.unit * 1.5, mix(palette.warmest, palette.paper, 0.15))
    pin = (canvas.width * random.uniform(0.3, 0.7), canvas.height * random.uniform(0.35, 0.7))
    _pin(canvas, pin, palette)


class _Town:
    """A street grid turned about the middle of the canvas."""

    def __init__(self, canvas: Canvas, angle: float) -> None:
        self.unit = canvas.unit
        self.reach = math.hypot(canvas.width, canvas.height) / 2
        self._middle = (canvas.width / 2, canvas.height / 2)
        self._cosine, self._sine = math.cos(angle), math.sin(angle)

    def places(self, points: Sequence[Point]) -> list[Point]:
        """Where points of the grid, measured from its middle, lie on the canvas."""
        x, y = self._middle
        return [
            (x + across * self._cosine - down * self._sine, y + across * self._sine + down * self._cosine)
            for across, down in points
        ]

    def avenues(self, random: np.random.Generator) -> list[float]:
        """Street positions from one end of the town to the other, unevenly spaced."""
        gaps = random.choice([4.0, 5.5, 7.0, 9.0], size=200, p=[0.3, 0.35, 0.25, 0.1]) * self.unit
        positions = np.cumsum(gaps) - self.reach
        return [float(position) for position in positions if position < self.reach]


def _borders(level: NDArray[np.int64], thickness: int) -> NDArray[np.bool_]:
    """Where the level ``thickness`` pixels to the right or below is another."""
    border = np.zeros(level.shape, dtype=np.bool_)
    border[:-thickness] |= level[:-thickness] != level[thickness:]
    border[:, :-thickness] |= level[:, :-thickness] != level[:, thickness:]
    return border


def _pin(canvas: Canvas, tip: Point, palette: Palette) -> None:
    """A marker whose tip is at ``tip``."""
    x, y = tip
    size = canvas.unit * 4.2
    head = (x, y - size * 1.9)
    canvas.polygon(
        [(x - size * 0.88, head[1] + size * 0.48), (x + size * 0.88, head[1] + size * 0.48), tip],
        palette.accents[0],
    )
    canvas.disc(head, size, palette.accents[0])
    canvas.disc(head, size * 0.4, palette.paper)
