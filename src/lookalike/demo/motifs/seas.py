"""Water: boats in front of a setting sun, lighthouses, breaking waves."""

from __future__ import annotations

import numpy as np

from lookalike.demo.drawing.canvas import Canvas, Point, path
from lookalike.demo.drawing.chance import shuffled
from lookalike.demo.drawing.colour import Colour, mix
from lookalike.demo.drawing.noise import ridge_line
from lookalike.demo.drawing.palettes import Atmosphere
from lookalike.demo.motifs.landscapes import fly_birds, paint_sun

_COLUMNS = 320


def sailing_boats(canvas: Canvas, air: Atmosphere, random: np.random.Generator) -> None:
    """A calm sea, islands, the sun's path on the water and a few sails."""
    horizon = canvas.height * random.uniform(0.45, 0.62)
    canvas.gradient(air.sky, bottom=horizon)
    sun = (canvas.width * random.uniform(0.25, 0.75), horizon - canvas.unit * random.uniform(2, 22))
    paint_sun(canvas, sun, canvas.unit * random.uniform(6, 12), air)
    _clouds(canvas, horizon, mix(air.sky[-1], air.light, 0.5), random)
    for distance in (0.25, 0.55)[: int(random.integers(0, 3))]:
        _island(canvas, horizon, mix(air.far, air.near, distance), random)
    water = (mix(air.sky[-1], air.far, 0.45), mix(air.far, air.near, 0.45), air.near)
    canvas.gradient(water, top=horizon)
    _glitter(canvas, sun[0], horizon, air.light, random)
    sail = mix(air.light, air.sky[-1], 0.15)
    places = shuffled(random, (0.16, 0.34, 0.52, 0.7, 0.86))
    depths = sorted(random.uniform(0.04, 0.5, int(random.integers(1, 5))).tolist())
    for depth, place in zip(depths, places, strict=False):
        y = horizon + (canvas.height - horizon) * depth
        _sailing_boat(canvas, (canvas.width * place, y), canvas.unit * (6 + 42 * depth), air.near, sail)
    if random.random() < 0.5:
        fly_birds(canvas, (canvas.width * random.uniform(0.2, 0.8), horizon * 0.35), air.near, random)


def lighthouse(canvas: Canvas, air: Atmosphere, random: np.random.Generator) -> None:
    """A striped tower on a headland, its beams over the water."""
    horizon = canvas.height * random.uniform(0.6, 0.7)
    canvas.gradient(air.sky, bottom=horizon)
    _clouds(canvas, horizon, mix(air.sky[-1], air.light, 0.4), random)
    canvas.gradient((mix(air.sky[-1], air.far, 0.5), mix(air.far, air.near, 0.7)), top=horizon)
    _swell(canvas, horizon, air, random)
    left = random.random() < 0.5
    foot = canvas.width * (random.uniform(0.2, 0.34) if left else random.uniform(0.66, 0.8))
    ground = horizon - canvas.unit * random.uniform(4, 10)
    places = np.linspace(0, canvas.width, _COLUMNS)
    away = (places - foot) * (1 if left else -1) / canvas.unit
    fall = np.where(away > 9, np.maximum(away - 9, 0) ** 1.5 * 0.55, -np.minimum(np.abs(away - 9), 40) * 0.12)
    cliff = ground + fall * canvas.unit
    cliff += ridge_line(random, _COLUMNS, bumps=12, octaves=4) * canvas.unit * 3
    lamp = _tower(canvas, (foot, ground + canvas.unit * 4), canvas.unit * random.uniform(34, 46), air)
    canvas.land(cliff, (mix(air.near, air.far, 0.15), air.near))
    canvas.glow(lamp, canvas.unit * 22, air.light, 0.9)


def breaking_waves(canvas: Canvas, air: Atmosphere, random: np.random.Generator) -> None:
    """Rows of curling crests, cut as if from paper."""
    canvas.gradient((air.sky[-2], air.sky[-1]))
    sun = (canvas.width * random.uniform(0.25, 0.75), canvas.height * random.uniform(0.2, 0.34))
    canvas.disc(sun, canvas.unit * random.uniform(12, 20), mix(air.light, air.sky[-1], 0.1))
    rows = int(random.integers(5, 9))
    for row in range(rows):
        nearness = (row + 1) / rows
        base = canvas.height * (0.34 + 0.62 * row / rows)
        length = canvas.unit * random.uniform(26, 38) * (0.7 + 0.5 * nearness)
        colour = mix(air.far, air.near, nearness)
        offset = -random.random() * length
        foam = mix(colour, air.light, 0.75 - 0.3 * nearness)
        for lift, paint in ((0.0, foam), (canvas.unit * 1.6, colour)):
            outline = _curls(canvas, base + lift, length, offset)
            canvas.polygon([*outline, (canvas.width * 1.2, canvas.height), (-length, canvas.height)], paint)


def _curls(canvas: Canvas, base: float, length: float, offset: float) -> list[Point]:
    """The outline of one row of waves, each with a crest that leans over."""
    phase = np.linspace(0, 1, 24, endpoint=False)
    lean = 0.34 * np.sin(phase * np.pi) ** 4
    lift = np.sin(phase * np.pi) ** 2 * 0.42
    outline: list[Point] = []
    for start in np.arange(offset - length, canvas.width + length, length).tolist():
        x, y = start + (phase + lean) * length, base - lift * length
        outline += path(x, y)
    return outline


def _clouds(canvas: Canvas, horizon: float, colour: Colour, random: np.random.Generator) -> None:
    """Flat bars of cloud with round ends."""
    for _ in range(int(random.integers(0, 4))):
        x, y = canvas.width * random.random(), horizon * random.uniform(0.12, 0.75)
        for _ in range(3):
            half = canvas.unit * random.uniform(5, 15)
            canvas.stroke([(x - half, y), (x + half, y)], canvas.unit * 1.5, colour)
            x, y = x + canvas.unit * random.normal() * 7, y + canvas.unit * 2


def _island(canvas: Canvas, horizon: float, colour: Colour, random: np.random.Generator) -> None:
    """A far island or headland on the horizon."""
    wide = int(_COLUMNS * random.uniform(0.25, 0.6))
    start = int(random.integers(-wide // 2, _COLUMNS - wide // 2))
    hump = np.sin(np.linspace(0, np.pi, wide)) ** 0.7 * (0.4 + ridge_line(random, wide, bumps=3, octaves=5))
    ridge = np.full(_COLUMNS, horizon)
    shown = slice(max(0, start), min(_COLUMNS, start + wide))
    ridge[shown] -= hump[shown.start - start : shown.stop - start] * canvas.unit * random.uniform(4, 11)
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


def _swell(canvas: Canvas, horizon: float, air: Atmosphere, random: np.random.Generator) -> None:
    """Quiet highlights on open water."""
    bright = mix(air.far, air.light, 0.55)
    for _ in range(46):
        depth = random.random() ** 1.4
        y = horizon + (canvas.height - horizon) * depth
        half = canvas.unit * (1 + 7 * depth) * random.uniform(0.4, 1)
        x = canvas.width * random.random()
        canvas.stroke([(x - half, y), (x + half, y)], canvas.unit * (0.25 + 0.5 * depth), bright)


def _sailing_boat(canvas: Canvas, place: Point, tall: float, hull: Colour, sail: Colour) -> None:
    """A boat of this mast height, with its reflection."""
    x, y = place
    canvas.polygon(
        [
            (x - tall * 0.34, y),
            (x + tall * 0.4, y),
            (x + tall * 0.26, y + tall * 0.12),
            (x - tall * 0.26, y + tall * 0.12),
        ],
        hull,
    )
    canvas.polygon(
        [(x + tall * 0.02, y - tall), (x + tall * 0.02, y - tall * 0.05), (x + tall * 0.36, y - tall * 0.05)],
        sail,
    )
    canvas.polygon(
        [
            (x - tall * 0.03, y - tall * 0.86),
            (x - tall * 0.03, y - tall * 0.05),
            (x - tall * 0.3, y - tall * 0.05),
        ],
        mix(sail, hull, 0.18),
    )
    for line in range(3):
        half, depth = tall * (0.3 - 0.08 * line), y + tall * (0.19 + 0.09 * line)
        canvas.stroke([(x - half, depth), (x + half, depth)], tall * 0.03, mix(sail, hull, 0.6))


def _tower(canvas: Canvas, foot: Point, tall: float, air: Atmosphere) -> Point:
    """A striped lighthouse with two beams; returns where its lamp is."""
    x, y = foot
    lamp = (x, y - tall * 1.06)
    beam = mix(air.sky[1], air.light, 0.35)
    for side in (-1, 1):
        end = x + side * canvas.width
        canvas.polygon([lamp, (end, lamp[1] - tall * 0.32), (end, lamp[1] + tall * 0.2)], beam)
    for stripe in range(6):
        low, high = y - tall * stripe / 6, y - tall * (stripe + 1) / 6
        wide, narrow = tall * (0.13 - 0.01 * stripe), tall * (0.13 - 0.01 * (stripe + 1))
        paint = mix(air.light, air.sky[-1], 0.1) if stripe % 2 else mix(air.near, (190, 50, 40), 0.55)
        canvas.polygon([(x - wide, low), (x + wide, low), (x + narrow, high), (x - narrow, high)], paint)
    canvas.box(x - tall * 0.1, y - tall * 1.015, x + tall * 0.1, y - tall * 0.99, air.near)
    canvas.box(x - tall * 0.055, y - tall * 1.12, x + tall * 0.055, y - tall * 1.015, air.light)
    canvas.polygon(
        [(x - tall * 0.08, y - tall * 1.12), (x + tall * 0.08, y - tall * 1.12), (x, y - tall * 1.2)],
        air.near,
    )
    return lamp
