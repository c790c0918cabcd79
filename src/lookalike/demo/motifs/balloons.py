"""Balloons: striped ones over rolling hills."""

from __future__ import annotations

import numpy as np

from lookalike.demo.drawing.canvas import Canvas, Point, path
from lookalike.demo.drawing.chance import shuffled
from lookalike.demo.drawing.colour import Colour, mix
from lookalike.demo.drawing.noise import ridge_line
from lookalike.demo.drawing.palettes import Palette


def hot_air_balloons(canvas: Canvas, palette: Palette, random: np.random.Generator) -> None:
    """Striped balloons, far and near, above rolling hills."""
    top, low = mix(palette.coolest, palette.pale, 0.45), mix(palette.warmest, palette.pale, 0.7)
    canvas.gradient((top, mix(top, low, 0.6), low))
    for _ in range(int(random.integers(2, 6))):
        _cloud(
            canvas,
            (canvas.width * random.random(), canvas.height * random.uniform(0.08, 0.55)),
            palette.pale,
            random,
        )
    for layer in range(3):
        ridge = (
            canvas.height * (0.78 + 0.08 * layer)
            - ridge_line(random, 200, bumps=2.5, octaves=1) * canvas.unit * 13
        )
        colour = mix(mix(palette.coolest, palette.dark, 0.25 + 0.3 * layer), low, 0.35 - 0.15 * layer)
        canvas.land(ridge, (colour, mix(colour, low, 0.15)))
    sizes = np.sort(random.uniform(5, 19, int(random.integers(2, 6))))
    for size, column in zip(sizes.tolist(), shuffled(random, range(len(sizes))), strict=True):
        x = canvas.width * (column + random.uniform(0.35, 0.65)) / len(sizes)
        y = canvas.height * random.uniform(0.2, 0.5)
        colours = shuffled(random, palette.accents)
        _balloon(
            canvas, (x, y), canvas.unit * size, (colours[0], colours[1], palette.pale), palette.dark, random
        )


def _cloud(canvas: Canvas, centre: Point, colour: Colour, random: np.random.Generator) -> None:
    """A flat-bottomed heap of discs."""
    x, y = centre
    for offset, size in ((-7, 3.5), (-2, 5.5), (4, 4.2), (8, 2.8)):
        radius = canvas.unit * size * random.uniform(0.8, 1.2)
        canvas.sector((x + canvas.unit * offset, y), radius, 180, 360, colour)


def _balloon(
    canvas: Canvas,
    centre: Point,
    radius: float,
    colours: tuple[Colour, Colour, Colour],
    basket: Colour,
    random: np.random.Generator,
) -> None:
    """An envelope with gores or bands, ropes and a basket."""
    x, y = centre
    down = np.linspace(0, 1, 40)
    angle = down * np.pi * 0.86
    half = np.sin(angle) ** 0.9 * radius
    rows = y - np.cos(angle) * radius + np.maximum(down - 0.6, 0) * radius * 0.9
    gores = int(random.integers(2, 5)) * 2 + 1
    edges = np.sin(np.linspace(-np.pi / 2, np.pi / 2, gores + 1))
    for gore in range(gores):
        left = path((x + half * edges[gore]), rows)
        right = path((x + half * edges[gore + 1]), rows)
        canvas.polygon([*left, *reversed(right)], colours[gore % 2] if gore != gores // 2 else colours[2])
    mouth, low = float(half[-1]), float(rows[-1])
    size = radius * 0.2
    for side in (-1, 1):
        canvas.stroke(
            [(x + side * mouth, low), (x + side * size * 0.7, low + radius * 0.42)], radius * 0.02 + 1, basket
        )
    canvas.box(x - size * 0.8, low + radius * 0.4, x + size * 0.8, low + radius * 0.4 + size * 1.2, basket)
