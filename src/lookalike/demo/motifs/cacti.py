"""Cacti: a shelf of pots in a sunny room."""

from __future__ import annotations

import numpy as np

from lookalike.demo.drawing.canvas import Canvas, Point
from lookalike.demo.drawing.chance import pick
from lookalike.demo.drawing.colour import Colour, mix
from lookalike.demo.drawing.palettes import Palette
from lookalike.demo.motifs.botanicals import draw_leaf


def potted_cacti(canvas: Canvas, palette: Palette, random: np.random.Generator) -> None:
    """A shelf of pots, each with another plant."""
    wall = mix(palette.paper, pick(random, palette.accents), random.uniform(0, 0.5))
    canvas.fill(wall)
    shelf = canvas.height * 0.82
    window = canvas.unit * random.uniform(24, 34)
    left = canvas.width * random.uniform(0.1, 0.5)
    canvas.polygon(
        [(left, 0), (left + window, 0), (left + window * 1.8, shelf), (left + window * 0.8, shelf)],
        mix(wall, palette.pale, 0.3),
    )
    canvas.box(0, shelf, canvas.width, canvas.height, mix(palette.dark, palette.paper, 0.15))
    green = mix(palette.coolest, (60, 120, 80), 0.45)
    pots = max(2, round(canvas.width / canvas.unit / 36))
    for pot in range(pots):
        x = canvas.width * (pot + 0.5) / pots + canvas.unit * random.uniform(-2, 2)
        wide, tall = canvas.unit * random.uniform(8, 12), canvas.unit * random.uniform(13, 19)
        tone = mix(green, palette.dark, random.uniform(0, 0.45))
        top = (x, shelf - tall)
        draw = pick(random, (_column_cactus, _paddle_cactus, _snake_plant))
        draw(canvas, top, canvas.unit * random.uniform(22, 38), tone, palette, random)
        _pot(canvas, top, wide, tall, pick(random, palette.accents), palette.dark)


def _pot(canvas: Canvas, top: Point, wide: float, tall: float, clay: Colour, shade: Colour) -> None:
    """A clay pot with a darker rim; ``top`` is the middle of its upper edge."""
    x, y = top
    foot = [(x + wide * 0.72, y + tall), (x - wide * 0.72, y + tall)]
    canvas.polygon([(x - wide, y), (x + wide, y), *foot], clay)
    canvas.box(x - wide * 1.1, y - tall * 0.04, x + wide * 1.1, y + tall * 0.22, mix(clay, shade, 0.15))


def _column_cactus(
    canvas: Canvas, foot: Point, tall: float, colour: Colour, palette: Palette, random: np.random.Generator
) -> None:
    """A ribbed column with one or two arms and a flower."""
    x, y = foot
    trunk = canvas.unit * random.uniform(6, 9)
    canvas.stroke([(x, y), (x, y - tall)], trunk, colour)
    for side in (-1, 1)[: int(random.integers(1, 3))]:
        elbow = y - tall * random.uniform(0.3, 0.55)
        reach = x + side * trunk * 1.25
        arm = [(x, elbow), (reach, elbow), (reach, elbow - tall * random.uniform(0.25, 0.4))]
        canvas.stroke(arm, trunk * 0.6, colour)
    for rib in (-0.22, 0.0, 0.22):
        canvas.stroke(
            [(x + rib * trunk, y), (x + rib * trunk, y - tall)],
            canvas.unit * 0.3,
            mix(colour, palette.pale, 0.4),
        )
    canvas.disc((x, y - tall - trunk * 0.45), trunk * 0.28, palette.accents[0])


def _paddle_cactus(
    canvas: Canvas, foot: Point, tall: float, colour: Colour, palette: Palette, random: np.random.Generator
) -> None:
    """Flat ovals growing out of each other, with pale spines."""
    x, y = foot
    size = tall * 0.3
    paddles = [
        (x, y - size * 0.8),
        (x - size * 0.75, y - size * 2.1),
        (x + size * 0.8, y - size * 2.0),
        (x + size * 0.1, y - size * 2.9),
    ]
    for index, (left, top) in enumerate(paddles[: int(random.integers(3, 5))]):
        radius = size * (1 - 0.12 * index)
        canvas.pen.ellipse(
            (left - radius * 0.72, top - radius, left + radius * 0.72, top + radius),
            fill=mix(colour, palette.pale, 0.08 * index),
        )
        for _ in range(9):
            spot = (left + random.uniform(-0.4, 0.4) * radius, top + random.uniform(-0.65, 0.65) * radius)
            canvas.disc(spot, canvas.unit * 0.28, mix(colour, palette.pale, 0.6))


def _snake_plant(
    canvas: Canvas, foot: Point, tall: float, colour: Colour, palette: Palette, random: np.random.Generator
) -> None:
    """A fan of pointed leaves with pale edges."""
    for blade in np.linspace(-0.5, 0.5, int(random.integers(4, 7))).tolist():
        angle = -np.pi / 2 + blade * 0.8
        start = (foot[0] + blade * canvas.unit * 9, foot[1] + canvas.unit * 2)
        length = tall * random.uniform(0.75, 1.15)
        draw_leaf(canvas, start, length, angle, 0.2, mix(colour, palette.pale, 0.25))
        draw_leaf(canvas, start, length * 0.97, angle, 0.12, colour)
