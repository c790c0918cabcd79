"""The sea at the hour of a low sun: sails, islands, a lighthouse."""

from __future__ import annotations

import numpy as np

from lookalike.demo.drawing.canvas import Canvas, Point
from lookalike.demo.drawing.chance import pick, shuffled
from lookalike.demo.drawing.colour import Colour, mix
from lookalike.demo.drawing.noise import ridge_line
from lookalike.demo.drawing.palettes import Atmosphere
from lookalike.demo.drawing.scenery import COLUMNS, fly_birds, paint_sun


def calm_sea(canvas: Canvas, air: Atmosphere, random: np.random.Generator) -> None:
    """Draw the sun's path on the water, with sails, a lighthouse or both before it."""
    horizon = canvas.height * random.uniform(0.42, 0.66)
    canvas.gradient(air.sky, bottom=horizon)
    sun = (canvas.width * random.uniform(0.2, 0.8), horizon - canvas.unit * random.uniform(-4, 24))
    paint_sun(canvas, sun, canvas.unit * random.uniform(5, 15), air)
    _clouds(canvas, horizon, mix(air.sky[-1], air.light, 0.5), random)
    for distance in (0.25, 0.55)[: int(random.integers(0, 3))]:
        _island(canvas, horizon, mix(air.far, air.near, distance), random)
    canvas.gradient((mix(air.sky[-1], air.far, 0.45), mix(air.far, air.near, 0.45), air.near), top=horizon)
    _glitter(canvas, sun[0], horizon, air.light, random)
    tower = random.random() < 0.3
    places = shuffled(random, (0.16, 0.34, 0.52, 0.7, 0.86))
    most = random.uniform(0.1, 0.6)
    depths = sorted(random.uniform(0.02, most, int(random.integers(0 if tower else 1, 6))).tolist())
    for depth, place in zip(depths, places, strict=False):
        y = horizon + (canvas.height - horizon) * depth
        _sailing_boat(canvas, (canvas.width * place, y), canvas.unit * (6 + 50 * depth), air, random)
    if tower:
        _headland(canvas, horizon, air, random)
    if random.random() < 0.5:
        fly_birds(canvas, (canvas.width * random.uniform(0.2, 0.8), horizon * 0.35), air.near, random)


def _clouds(canvas: Canvas, horizon: float, colour: Colour, random: np.random.Generator) -> None:
    """Flat bars of cloud with round ends."""
    for _ in range(int(random.integers(0, 6))):
        x, y = canvas.width * random.random(), horizon * random.uniform(0.12, 0.75)
        for _ in range(3):
            half = canvas.unit * random.uniform(5, 15)
            canvas.stroke([(x - half, y), (x + half, y)], canvas.unit * 1.5, colour)
            x, y = x + canvas.unit * random.normal() * 7, y + canvas.unit * 2


def _island(canvas: Canvas, horizon: float, colour: Colour, random: np.random.Generator) -> None:
    """A far island on the horizon."""
    wide = int(COLUMNS * random.uniform(0.25, 0.6))
    start = int(random.integers(-wide // 2, COLUMNS - wide // 2))
    hump = np.sin(np.linspace(0, np.pi, wide)) ** 0.7 * (0.4 + ridge_line(random, wide, bumps=3, octaves=5))
    ridge = np.full(COLUMNS, horizon)
    shown = slice(max(0, start), min(COLUMNS, start + wide))
    ridge[shown] -= hump[shown.start - start : shown.stop - start] * canvas.unit * random.uniform(4, 13)
    canvas.land(ridge, (colour,), bottom=horizon)


def _glitter(canvas: Canvas, x: float, horizon: float, colour: Colour, random: np.random.Generator) -> None:
    """The sun's path: short strokes that grow wider and sparser towards the viewer."""
    y = horizon + canvas.unit * 0.6
    while y < canvas.height:
        depth = (y - horizon) / (canvas.height - horizon)
        half = canvas.unit * (1.5 + 9 * depth) * random.uniform(0.3, 1)
        middle = x + random.normal() * canvas.unit * (1.5 + 6 * depth)
        canvas.stroke([(middle - half, y), (middle + half, y)], canvas.unit * (0.35 + 0.5 * depth), colour)
        y += canvas.unit * (0.9 + 2.4 * depth)


def _sailing_boat(
    canvas: Canvas, place: Point, tall: float, air: Atmosphere, random: np.random.Generator
) -> None:
    """A boat of this mast height, with its reflection."""
    x, y = place
    course = pick(random, (-1, 1))
    sail = mix(air.light, air.sky[-1], 0.15)
    if random.random() < 0.3:
        sail = mix(sail, (196, 66, 48), 0.7)

    def at(along: float, up: float) -> Point:
        return (x + course * along * tall, y - up * tall)

    canvas.polygon([at(-0.34, 0), at(0.42, 0), at(0.26, -0.12), at(-0.26, -0.12)], air.near)
    canvas.polygon([at(0.02, 1), at(0.02, 0.05), at(0.36, 0.05)], sail)
    canvas.polygon([at(-0.03, 0.86), at(-0.03, 0.05), at(-0.3, 0.05)], mix(sail, air.near, 0.2))
    for line in range(3):
        depth, half = -0.19 - 0.09 * line, 0.3 - 0.08 * line
        canvas.stroke([at(-half, depth), at(half, depth)], tall * 0.03, mix(sail, air.near, 0.6))


def _headland(canvas: Canvas, horizon: float, air: Atmosphere, random: np.random.Generator) -> None:
    """A cliff at one side, a lighthouse on it."""
    left = random.random() < 0.5
    foot = canvas.width * (random.uniform(0.15, 0.34) if left else random.uniform(0.66, 0.85))
    ground = horizon - canvas.unit * random.uniform(2, 10)
    places = np.linspace(0, canvas.width, COLUMNS)
    away = (places - foot) * (1 if left else -1) / canvas.unit
    fall = np.where(away > 9, np.maximum(away - 9, 0) ** 1.5 * 0.55, -np.minimum(np.abs(away - 9), 40) * 0.12)
    cliff = ground + (fall + ridge_line(random, COLUMNS, bumps=12, octaves=4) * 3) * canvas.unit
    lamp = _tower(canvas, (foot, ground + canvas.unit * 4), canvas.unit * random.uniform(26, 42), air)
    canvas.land(cliff, (mix(air.near, air.far, 0.15), air.near))
    canvas.glow(lamp, canvas.unit * 22, air.light, 0.9)


def _tower(canvas: Canvas, foot: Point, tall: float, air: Atmosphere) -> Point:
    """A striped lighthouse with two beams; returns where its lamp is."""
    x, y = foot
    lamp = (x, y - tall * 1.06)
    for side in (-1, 1):
        end = x + side * canvas.width
        beam = [lamp, (end, lamp[1] - tall * 0.32), (end, lamp[1] + tall * 0.2)]
        canvas.tint(beam, air.light, 0.35)
    for stripe in range(6):
        low, high = y - tall * stripe / 6, y - tall * (stripe + 1) / 6
        wide, narrow = tall * (0.13 - 0.01 * stripe), tall * (0.13 - 0.01 * (stripe + 1))
        paint = mix(air.light, air.sky[-1], 0.1) if stripe % 2 else mix(air.near, (190, 50, 40), 0.55)
        canvas.polygon([(x - wide, low), (x + wide, low), (x + narrow, high), (x - narrow, high)], paint)
    canvas.box(x - tall * 0.1, y - tall * 1.015, x + tall * 0.1, y - tall * 0.99, air.near)
    canvas.box(x - tall * 0.055, y - tall * 1.12, x + tall * 0.055, y - tall * 1.015, air.light)
    roof = y - tall * 1.12
    canvas.polygon([(x - tall * 0.08, roof), (x + tall * 0.08, roof), (x, roof - tall * 0.08)], air.near)
    return lamp
