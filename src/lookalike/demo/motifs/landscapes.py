"""Land under a low sun: mountains in mist, dunes, forests in fog."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lookalike.demo.drawing.canvas import Canvas, Point, path
from lookalike.demo.drawing.colour import Colour, mix
from lookalike.demo.drawing.noise import ridge_line
from lookalike.demo.drawing.palettes import Atmosphere

_COLUMNS = 320


def misty_mountains(canvas: Canvas, air: Atmosphere, random: np.random.Generator) -> None:
    """Ranges behind ranges, each paler than the one before it, and a few pines close by."""
    canvas.gradient(air.sky, bottom=canvas.height * 0.7)
    mist = air.sky[-1]
    canvas.box(0, canvas.height * 0.7, canvas.width, canvas.height, mist)
    sun = (canvas.width * random.uniform(0.2, 0.8), canvas.height * random.uniform(0.2, 0.4))
    paint_sun(canvas, sun, canvas.unit * random.uniform(5, 10), air)
    layers = int(random.integers(4, 8))
    first = random.uniform(0.36, 0.5)
    bumps = random.uniform(1.2, 3.5)
    for layer in range(layers):
        nearness = layer / (layers - 1)
        tall = canvas.height * (0.3 - 0.16 * nearness) * random.uniform(0.75, 1.2)
        foot = canvas.height * (first + 0.16 + (0.8 - first) * nearness)
        shape = ridge_line(random, _COLUMNS, bumps=bumps + nearness * 1.5, octaves=6, roughness=0.47)
        ridge = foot - shape * tall
        colour = mix(air.far, air.near, nearness**1.3)
        canvas.land(ridge, (mix(mist, colour, 0.9), colour, mix(colour, mist, 0.75 * (1 - nearness**2))))
    plant_pines(canvas, ridge, canvas.unit * random.uniform(7, 13), air.near, random)
    if random.random() < 0.6:
        fly_birds(canvas, (canvas.width * random.uniform(0.2, 0.8), canvas.height * 0.2), air.near, random)


def dunes(canvas: Canvas, air: Atmosphere, random: np.random.Generator) -> None:
    """Sand in long curves, each crest lit from one side."""
    horizon = canvas.height * random.uniform(0.38, 0.5)
    canvas.gradient(air.sky, bottom=horizon + canvas.unit * 14)
    sun_side = random.random() < 0.5
    sun = (canvas.width * (0.22 if sun_side else 0.78), horizon - canvas.unit * random.uniform(12, 24))
    paint_sun(canvas, sun, canvas.unit * random.uniform(6, 11), air)
    layers = int(random.integers(3, 6))
    sand = mix(air.light, air.far, 0.55)
    for layer in range(layers):
        nearness = (layer + 1) / layers
        tall = canvas.unit * (10 + 16 * nearness) * random.uniform(0.8, 1.2)
        base = horizon + (canvas.height * 1.02 - horizon) * nearness**1.35 * 0.8
        wide = base - tall * ridge_line(random, 2 * _COLUMNS, bumps=random.uniform(2.4, 4.4), octaves=1)
        ridge = wide[_COLUMNS // 2 : -_COLUMNS // 2]
        lit = mix(mix(air.sky[-1], sand, 0.4 + 0.6 * nearness), air.near, 0.18 * nearness)
        canvas.land(ridge, (lit, lit, mix(lit, air.near, 0.25 + 0.2 * nearness)))
        _shade_crests(canvas, wide, mix(lit, air.near, 0.35 + 0.3 * nearness), sun_side, random)
    if random.random() < 0.5:
        _caravan(canvas, ridge, air.near, random)


def foggy_forest(canvas: Canvas, air: Atmosphere, random: np.random.Generator) -> None:
    """Rows of pines that dissolve into the light behind them."""
    canvas.gradient((air.sky[-2], air.sky[-1], mix(air.sky[-1], air.light, 0.5)))
    light = (canvas.width * random.uniform(0.25, 0.75), canvas.height * random.uniform(0.2, 0.4))
    canvas.glow(light, canvas.unit * 75, air.light, 0.9)
    rows = int(random.integers(4, 6))
    slope = random.uniform(-0.12, 0.12)
    for row in range(rows):
        nearness = row / (rows - 1)
        ground = canvas.height * (0.6 + 0.37 * nearness)
        tilt = np.linspace(-slope, slope, _COLUMNS) * canvas.height * (1 - nearness * 0.6)
        bumpy = ridge_line(random, _COLUMNS, bumps=2.5, octaves=3) * canvas.unit * 9
        ridge = ground + tilt - bumpy
        colour = mix(mix(air.sky[-1], air.far, 0.5), air.near, nearness)
        canvas.land(ridge, (colour, mix(colour, air.sky[-1], 0.5 * (1 - nearness))))
        plant_pines(canvas, ridge, canvas.unit * (13 + 34 * nearness), colour, random, crowd=1.7 - nearness)
        if row < rows - 1:
            canvas.veil(air.sky[-1], np.array([0, 0.45, 0.2]), ground - canvas.unit * 16, canvas.height)


def paint_sun(canvas: Canvas, centre: Point, radius: float, air: Atmosphere) -> None:
    """A disc of light with a wide, warm halo."""
    canvas.glow(centre, radius * 7, mix(air.sky[-1], air.light, 0.5), 0.55)
    canvas.glow(centre, radius * 2.6, air.light, 0.6)
    canvas.disc(centre, radius, air.light)


def plant_pines(
    canvas: Canvas,
    ridge: NDArray[np.float64],
    tall: float,
    colour: Colour,
    random: np.random.Generator,
    crowd: float = 1.0,
) -> None:
    """Pines along a ridge, in groves with gaps between them.

    Args:
        canvas: to draw on.
        ridge: the ground's height in y at evenly spaced columns, float64.
        tall: usual height of a tree, in drawing pixels.
        colour: of all trees.
        random: places and sizes.
        crowd: trees a gap; 1 lets neighbours just touch.
    """
    groves = ridge_line(random, len(ridge), bumps=4, octaves=2)
    x = -random.random() * tall
    while x < canvas.width + tall:
        column = min(max(int(x / canvas.width * len(ridge)), 0), len(ridge) - 1)
        size = tall * random.uniform(0.55, 1.1) * (0.35 + 0.65 * groves[column])
        if groves[column] > 0.25:
            _pine(canvas, (x, ridge[column] + size * 0.06), size, colour, random)
        x += tall * random.uniform(0.2, 0.55) / crowd


def fly_birds(canvas: Canvas, centre: Point, colour: Colour, random: np.random.Generator) -> None:
    """A loose flock, each bird two strokes."""
    for _ in range(int(random.integers(4, 9))):
        x = centre[0] + random.normal() * canvas.unit * 9
        y = centre[1] + random.normal() * canvas.unit * 4
        span = canvas.unit * random.uniform(0.9, 2.0)
        wings = [(x - span, y - span * 0.45), (x - span * 0.4, y - span * 0.5), (x, y)]
        wings += [(x + span * 0.4, y - span * 0.55), (x + span, y - span * 0.35)]
        canvas.stroke(wings, canvas.unit * 0.35, colour)


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


def _shade_crests(
    canvas: Canvas, ridge: NDArray[np.float64], colour: Colour, sun_left: bool, random: np.random.Generator
) -> None:
    """The side of each dune that faces away from the sun; the ridge runs half a canvas past both edges."""
    step = 2 * canvas.width / (len(ridge) - 1)
    walk = 1 if sun_left else -1
    peaks = [i for i in range(1, len(ridge) - 1) if ridge[i] < ridge[i - 1] and ridge[i] <= ridge[i + 1]]
    for peak in peaks:
        end = peak
        while 0 < end < len(ridge) - 1 and ridge[end + walk] >= ridge[end]:
            end += walk
        crest = [(i * step - canvas.width / 2, float(ridge[i])) for i in range(peak, end + walk, walk)]
        (x, y), (foot_x, foot_y) = crest[0], crest[-1]
        deep = (canvas.height - y) * random.uniform(0.75, 1.1)
        reach = foot_x - x
        down = np.linspace(0, 1, 40)
        windward = x + reach * (0.6 * down**1.3 + 0.16 * np.sin(down * 2 * np.pi))
        lee = foot_x + (windward[-1] - foot_x) * down**0.7
        edge = path(windward, y + deep * down)
        back = path(lee, foot_y + (y + deep - foot_y) * down**1.6)
        canvas.polygon([*edge, *reversed(back), *reversed(crest)], colour)


def _caravan(canvas: Canvas, ridge: NDArray[np.float64], colour: Colour, random: np.random.Generator) -> None:
    """Walkers on the nearest crest."""
    step = canvas.width / (len(ridge) - 1)
    start = int(random.integers(len(ridge) // 5, len(ridge) * 3 // 5))
    for walker in range(int(random.integers(3, 7))):
        column = start + walker * 9
        x, y, tall = column * step, float(ridge[column]), canvas.unit * 3.2
        canvas.polygon([(x - tall * 0.2, y + 1), (x, y - tall * 0.75), (x + tall * 0.2, y + 1)], colour)
        canvas.disc((x, y - tall * 0.85), tall * 0.14, colour)
