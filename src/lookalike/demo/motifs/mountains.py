"""Mountains in mist, above a lake, a wood or meadows."""

from __future__ import annotations

import numpy as np

from lookalike.demo.drawing.canvas import Canvas
from lookalike.demo.drawing.chance import pick
from lookalike.demo.drawing.colour import mix
from lookalike.demo.drawing.noise import ridge_line
from lookalike.demo.drawing.palettes import Atmosphere
from lookalike.demo.drawing.scenery import COLUMNS, fly_birds, paint_sun, plant_pines

_RELIEFS = (
    (6, 0.47),
    (6, 0.4),
    (3, 0.4),
    (1, 0.5),
)  # octaves and roughness: from jagged peaks to round hills


def misty_mountains(canvas: Canvas, air: Atmosphere, random: np.random.Generator) -> None:
    """Draw ranges behind ranges, each paler than the one before it, and what lies at their feet."""
    foreground = pick(random, (_lake, _wood, _hill))
    canvas.gradient(air.sky, bottom=canvas.height * 0.7)
    canvas.box(0, canvas.height * 0.7, canvas.width, canvas.height, air.sky[-1])
    sun = (canvas.width * random.uniform(0.15, 0.85), canvas.height * random.uniform(0.15, 0.4))
    paint_sun(canvas, sun, canvas.unit * random.uniform(4, 13), air)
    _ranges(canvas, air, random, lowest=0.62 if foreground is not _hill else 0.8)
    foreground(canvas, air, random)
    if random.random() < 0.6:
        fly_birds(canvas, (canvas.width * random.uniform(0.2, 0.8), canvas.height * 0.2), air.near, random)


def _ranges(canvas: Canvas, air: Atmosphere, random: np.random.Generator, lowest: float) -> None:
    """Three to seven ridges down to ``lowest`` (a share of the height), with mist in the valleys."""
    layers, bumps = int(random.integers(3, 8)), random.uniform(1, 4)
    octaves, roughness = pick(random, _RELIEFS)
    highest = random.uniform(0.42, 0.52)
    relief = random.uniform(0.6, 1.3)
    for layer in range(layers):
        nearness = layer / (layers - 1)
        foot = canvas.height * (highest + (lowest + 0.06 - highest) * nearness)
        tall = canvas.height * (0.28 - 0.16 * nearness) * relief * random.uniform(0.7, 1.1)
        shape = ridge_line(random, COLUMNS, bumps=bumps + nearness, octaves=octaves, roughness=roughness)
        colour = mix(air.far, air.near, 0.8 * nearness**1.3)
        canvas.land(foot - shape * tall, (mix(air.sky[-1], colour, 0.9), colour, colour))
        canvas.veil(
            air.sky[-1], np.array([0, 0.75, 0.75]) * (1 - 0.7 * nearness), foot - tall / 2, canvas.height
        )


def _lake(canvas: Canvas, air: Atmosphere, random: np.random.Generator) -> None:
    """Still water that shows it all once more, and a dark bank in front."""
    shore = canvas.height * random.uniform(0.6, 0.68)
    canvas.mirror(shore, air.near, 0.25)
    bright = mix(air.sky[-1], air.light, 0.5)
    for _ in range(int(random.integers(8, 22))):
        depth = random.random()
        x, y = canvas.width * random.random(), shore + (canvas.height - shore) * depth
        half = canvas.unit * random.uniform(3, 12)
        canvas.stroke([(x - half, y), (x + half, y)], canvas.unit * (0.2 + 0.3 * depth), bright)
    side = pick(random, (-1.0, 1.0))
    slope = np.linspace(-side, side, COLUMNS)
    bank = canvas.height * 0.96 - canvas.unit * (
        14 * slope + 5 * ridge_line(random, COLUMNS, bumps=3, octaves=4)
    )
    canvas.land(bank, (air.near,))
    plant_pines(
        canvas,
        np.maximum(bank, canvas.height * 0.86),
        canvas.unit * random.uniform(16, 34),
        air.near,
        random,
        0.6,
    )


def _wood(canvas: Canvas, air: Atmosphere, random: np.random.Generator) -> None:
    """Rows of pines, the last ones tall and dark, with fog between them."""
    rows, slope = int(random.integers(3, 5)), random.uniform(-0.1, 0.1)
    for row in range(rows):
        nearness = (row + 1) / rows
        tilt = np.linspace(-slope, slope, COLUMNS) * canvas.height
        ground = canvas.height * (0.64 + 0.33 * nearness) + tilt
        ridge = ground - ridge_line(random, COLUMNS, bumps=2.5, octaves=3) * canvas.unit * 9
        colour = mix(mix(air.sky[-1], air.far, 0.7), air.near, nearness)
        canvas.land(ridge, (colour, mix(colour, air.sky[-1], 0.4 * (1 - nearness))))
        plant_pines(canvas, ridge, canvas.unit * (8 + 30 * nearness), colour, random, crowd=1.7 - nearness)
        if nearness < 1:
            canvas.veil(air.sky[-1], np.array([0, 0.4, 0.15]), float(ridge.min()), canvas.height)


def _hill(canvas: Canvas, air: Atmosphere, random: np.random.Generator) -> None:
    """A near hill with a few pines."""
    ridge = canvas.height * random.uniform(0.88, 0.98) - ridge_line(
        random, COLUMNS, bumps=1.5, octaves=2
    ) * canvas.unit * random.uniform(8, 20)
    canvas.land(ridge, (air.near,))
    plant_pines(
        canvas, ridge, canvas.unit * random.uniform(7, 15), air.near, random, random.uniform(0.4, 1.2)
    )
