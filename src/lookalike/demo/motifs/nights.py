"""Skies after sunset: northern lights, the Milky Way, a moon, above dark land."""

from __future__ import annotations

import numpy as np
from PIL import Image

from lookalike.demo.drawing.canvas import Canvas, Point
from lookalike.demo.drawing.chance import pick
from lookalike.demo.drawing.colour import Colour, mix
from lookalike.demo.drawing.noise import ridge_line, surface
from lookalike.demo.drawing.palettes import Atmosphere
from lookalike.demo.drawing.scenery import COLUMNS, plant_pines, scatter_stars

_BLACK = (0, 0, 0)
_LIGHTS = (
    ((64, 232, 150), (120, 90, 230)),
    ((90, 235, 205), (60, 110, 240)),
    ((190, 240, 120), (230, 80, 160)),
    ((255, 120, 150), (110, 70, 220)),
)


def night_sky(canvas: Canvas, air: Atmosphere, random: np.random.Generator) -> None:
    """Draw northern lights, or the Milky Way with a moon, above hills, and often water that mirrors them."""
    lights = random.random() < 0.5
    canvas.gradient(air.sky[:3] if lights else air.sky)
    if lights:
        scatter_stars(canvas, air.light, random, count=160, floor=0.7)
        low, high = pick(random, _LIGHTS)
        for _ in range(int(random.integers(1, 4))):
            _curtain(canvas, low, high, random)
    else:
        _milky_way(canvas, mix(air.sky[-1], air.light, 0.35), random)
        scatter_stars(canvas, air.light, random, count=int(random.integers(150, 420)), floor=0.75)
        moon = (canvas.width * random.uniform(0.15, 0.85), canvas.height * random.uniform(0.14, 0.4))
        _moon(canvas, moon, canvas.unit * random.uniform(4, 12), air, random)
    water = random.random() < 0.45
    foot = 0.68 if water else 0.9
    bumps, octaves = random.uniform(1.5, 3.5), int(random.integers(1, 7))
    for nearness in np.linspace(0, 1, int(random.integers(2, 5))).tolist():
        shape = ridge_line(random, COLUMNS, bumps=bumps, octaves=octaves, roughness=0.48)
        ridge = canvas.height * (foot - 0.07 + 0.09 * nearness) - shape * canvas.unit * (22 - 12 * nearness)
        canvas.land(ridge, (mix(air.far, air.near, 0.3 + 0.7 * nearness), air.near))
    if water:
        canvas.mirror(canvas.height * 0.7, air.near, 0.3)
        return
    trees = mix(air.near, _BLACK, 0.5)
    plant_pines(canvas, ridge, canvas.unit * random.uniform(6, 22), trees, random, random.uniform(0.3, 1.2))
    if random.random() < 0.6:
        column = int(random.integers(COLUMNS // 5, COLUMNS * 4 // 5))
        _house(canvas, (column / COLUMNS * canvas.width, ridge[column]), canvas.unit * 6, air)


def _curtain(canvas: Canvas, low: Colour, high: Colour, random: np.random.Generator) -> None:
    """One waving band that fades upwards from ``low`` to ``high``."""
    width, height = canvas.width // 4, canvas.height // 4
    wave = ridge_line(random, width, bumps=random.uniform(1, 4), octaves=2, roughness=0.3)
    foot = height * (random.uniform(0.3, 0.6) + random.uniform(0.1, 0.4) * (wave - 0.5))
    rays = 0.45 + 0.55 * ridge_line(random, width, bumps=18, octaves=3, roughness=0.7)
    reach = height * random.uniform(0.14, 0.34) * (0.6 + 0.8 * ridge_line(random, width, bumps=6, octaves=3))
    above = foot[None] - np.arange(height)[:, None]
    light = np.where(above >= 0, np.exp(-above / reach), np.exp(above / (height * 0.015))) * rays
    for colour, shape in ((high, light**0.55 * 0.4), (low, light**1.3 * 0.85)):
        canvas.shine(colour, shape)


def _milky_way(canvas: Canvas, colour: Colour, random: np.random.Generator) -> None:
    """A slanting band of mottled light."""
    width, height = canvas.width // 4, canvas.height // 4
    x, y = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height))
    angle = random.uniform(0.3, 1.4) * pick(random, (-1, 1))
    across = x * np.sin(angle) + y * np.cos(angle) + random.uniform(-0.3, 0.3)
    clouds = surface(random, width, height, cell=width / 3, octaves=4)
    canvas.shine(colour, np.exp(-((across / 0.3) ** 2)) * (0.15 + 0.75 * clouds**1.5) * 0.75)


def _moon(canvas: Canvas, centre: Point, radius: float, air: Atmosphere, random: np.random.Generator) -> None:
    """A crescent or a full moon, with a halo; the dark part of a crescent shows the sky."""
    canvas.glow(centre, radius * 6, mix(air.sky[-1], air.light, 0.5), 0.5)
    side = round(radius * 2.2)
    corner = (round(centre[0] - side / 2), round(centre[1] - side / 2))
    y, x = np.mgrid[:side, :side] - side / 2
    lit = np.hypot(x, y) <= radius
    crescent = random.random() < 0.6
    if crescent:
        bite = random.uniform(0.3, 0.8) * radius * pick(random, (-1, 1))
        lit &= np.hypot(x - bite, y + radius * 0.25) > radius * 0.92
    canvas.image.paste(air.light, corner, Image.fromarray(lit.astype(np.uint8) * 255))
    if not crescent:
        for dx, dy, size in ((-0.3, -0.2, 0.24), (0.25, 0.15, 0.32), (-0.15, 0.45, 0.16), (0.35, -0.4, 0.14)):
            spot = (centre[0] + dx * radius, centre[1] + dy * radius)
            canvas.disc(spot, size * radius, mix(air.light, air.sky[-1], 0.3))


def _house(canvas: Canvas, foot: Point, size: float, air: Atmosphere) -> None:
    """A small house with two lit windows."""
    x, y = foot
    wall = mix(air.near, _BLACK, 0.3)
    canvas.glow((x, y - size * 0.3), size * 2.2, air.light, 0.3)
    canvas.box(x - size * 0.6, y - size * 0.7, x + size * 0.6, y + size * 0.25, wall)
    eaves = y - size * 0.65
    canvas.polygon([(x - size * 0.75, eaves), (x, y - size * 1.25), (x + size * 0.75, eaves)], wall)
    canvas.box(x + size * 0.3, y - size * 1.3, x + size * 0.45, y - size * 0.8, wall)
    for window in (-0.32, 0.12):
        canvas.box(x + size * window, y - size * 0.45, x + size * (window + 0.22), y - size * 0.15, air.light)
