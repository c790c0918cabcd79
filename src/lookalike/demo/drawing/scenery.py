"""What several landscapes share: a low sun, stars, pines, birds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lookalike.demo.drawing.canvas import Canvas, Point
from lookalike.demo.drawing.colour import Colour, mix
from lookalike.demo.drawing.noise import ridge_line
from lookalike.demo.drawing.palettes import Atmosphere

COLUMNS = 320
"""Places at which the height of a ridge is drawn."""


def paint_sun(canvas: Canvas, centre: Point, radius: float, air: Atmosphere) -> None:
    """Draw a disc of light with a wide, warm halo."""
    canvas.glow(centre, radius * 7, mix(air.sky[-1], air.light, 0.5), 0.55)
    canvas.glow(centre, radius * 2.6, air.light, 0.6)
    canvas.disc(centre, radius, air.light)


def scatter_stars(
    canvas: Canvas, colour: Colour, random: np.random.Generator, *, count: int, floor: float
) -> None:
    """Draw many faint stars and few bright ones, ever fewer towards ``floor`` (a share of the height)."""
    for _ in range(count):
        x, y = canvas.width * random.random(), canvas.height * floor * random.random() ** 1.3
        brightness = random.random() ** 3
        below = canvas.image.getpixel((min(int(x), canvas.width - 1), int(y)))
        ground = below if isinstance(below, tuple) else (0, 0, 0)
        shade = mix((int(ground[0]), int(ground[1]), int(ground[2])), colour, 0.35 + 0.65 * brightness)
        canvas.disc((x, y), canvas.unit * (0.14 + 0.3 * brightness), shade)


def fly_birds(canvas: Canvas, centre: Point, colour: Colour, random: np.random.Generator) -> None:
    """Draw a loose flock, each bird a bent stroke."""
    for _ in range(int(random.integers(4, 9))):
        x = centre[0] + random.normal() * canvas.unit * 9
        y = centre[1] + random.normal() * canvas.unit * 4
        span = canvas.unit * random.uniform(0.9, 2.0)
        wings = [(x - span, y - span * 0.45), (x - span * 0.4, y - span * 0.5), (x, y)]
        wings += [(x + span * 0.4, y - span * 0.55), (x + span, y - span * 0.35)]
        canvas.stroke(wings, canvas.unit * 0.35, colour)


def plant_pines(
    canvas: Canvas,
    ridge: NDArray[np.float64],
    tall: float,
    colour: Colour,
    random: np.random.Generator,
    crowd: float = 1.0,
) -> None:
    """Draw pines along a ridge, in groves with gaps between them.

    Args:
        canvas: to draw on.
        ridge: the ground's height in y at evenly spaced columns, float64.
        tall: usual height of a tree, in drawing pixels.
        colour: of all trees.
        random: places and sizes.
        crowd: how close the trees stand; at 1 neighbours just touch.
    """
    groves = ridge_line(random, len(ridge), bumps=4, octaves=2)
    x = -random.random() * tall
    while x < canvas.width + tall:
        column = min(max(int(x / canvas.width * len(ridge)), 0), len(ridge) - 1)
        size = tall * random.uniform(0.55, 1.1) * (0.35 + 0.65 * groves[column])
        if groves[column] > 0.25:
            _pine(canvas, (x, ridge[column] + size * 0.06), size, colour, random)
        x += tall * random.uniform(0.2, 0.55) / crowd


def _pine(canvas: Canvas, foot: Point, tall: float, colour: Colour, random: np.random.Generator) -> None:
    """One tree: drooping tiers that widen downwards."""
    x, y = foot
    tiers = max(5, min(11, int(tall / canvas.unit / 2)))
    lean = random.uniform(0.17, 0.25)
    heights = y - tall + tall * 0.93 * np.arange(1, tiers + 1) / tiers
    reach = tall * lean * (np.arange(1, tiers + 1) / tiers) ** 0.85
    right, left = [], []
    for height, wide in zip(heights.tolist(), reach.tolist(), strict=True):
        right += [(x + wide * random.uniform(0.8, 1.15), height), (x + wide * 0.42, height - tall * 0.03)]
        left += [(x - wide * random.uniform(0.8, 1.15), height), (x - wide * 0.42, height - tall * 0.03)]
    trunk = [(x + tall * 0.018, y), (x - tall * 0.018, y)]
    canvas.polygon([(x, y - tall), *right, *trunk, *reversed(left)], colour)
