"""Skies after sunset: stars and a moon over hills, northern lights."""

from __future__ import annotations

import numpy as np
from PIL import Image

from lookalike.demo.drawing.canvas import Canvas, Point
from lookalike.demo.drawing.chance import pick
from lookalike.demo.drawing.colour import Colour, mix
from lookalike.demo.drawing.noise import ridge_line, surface
from lookalike.demo.drawing.palettes import Atmosphere
from lookalike.demo.motifs.landscapes import plant_pines

_COLUMNS = 320


def starry_hills(canvas: Canvas, air: Atmosphere, random: np.random.Generator) -> None:
    """A crescent or full moon, the Milky Way and a house with a lit window."""
    canvas.gradient(air.sky)
    if random.random() < 0.6:
        _milky_way(canvas, mix(air.sky[-1], air.light, 0.35), random)
    scatter_stars(canvas, air.light, random, count=int(random.integers(150, 420)), floor=0.75)
    moon = (canvas.width * random.uniform(0.2, 0.8), canvas.height * random.uniform(0.16, 0.36))
    _moon(canvas, moon, canvas.unit * random.uniform(5, 10), air, crescent=random.random() < 0.6)
    ridges = int(random.integers(2, 5))
    for layer in range(ridges):
        nearness = (layer + 1) / ridges
        shape = ridge_line(random, _COLUMNS, bumps=random.uniform(1.5, 3), octaves=int(random.integers(1, 5)))
        ridge = canvas.height * (0.72 + 0.2 * nearness) - shape * canvas.unit * 20
        colour = mix(air.far, air.near, nearness)
        canvas.land(ridge, (colour, mix(colour, air.near, 0.6)))
    plant_pines(
        canvas, ridge, canvas.unit * random.uniform(8, 15), mix(air.near, (0, 0, 0), 0.4), random, 0.5
    )
    column = int(random.integers(_COLUMNS // 5, _COLUMNS * 4 // 5))
    _house(canvas, (column / _COLUMNS * canvas.width, ridge[column]), canvas.unit * 6, air)


def northern_lights(canvas: Canvas, air: Atmosphere, random: np.random.Generator) -> None:
    """Curtains of light above dark peaks."""
    canvas.gradient((air.sky[0], air.sky[1], air.sky[2]))
    scatter_stars(canvas, air.light, random, count=160, floor=0.7)
    hues = [
        ((64, 232, 150), (120, 90, 230)),
        ((90, 235, 205), (60, 110, 240)),
        ((190, 240, 120), (230, 80, 160)),
    ]
    low, high = pick(random, hues)
    for _ in range(int(random.integers(2, 4))):
        _curtain(canvas, low, high, random)
    for layer, tall in enumerate((24, 14)):
        shape = ridge_line(random, _COLUMNS, bumps=3 + layer, octaves=6, roughness=0.48)
        ridge = canvas.height * (0.86 + 0.1 * layer) - shape * canvas.unit * tall
        canvas.land(ridge, (mix(air.far, air.near, 0.45 + 0.55 * layer), air.near))
    plant_pines(canvas, ridge, canvas.unit * 10, mix(air.near, (0, 0, 0), 0.5), random)


def scatter_stars(
    canvas: Canvas, colour: Colour, random: np.random.Generator, *, count: int, floor: float
) -> None:
    """Many faint stars and few bright ones, thinning out towards ``floor`` (a share of the height)."""
    for _ in range(count):
        x, y = canvas.width * random.random(), canvas.height * floor * random.random() ** 1.3
        brightness = random.random() ** 3
        below = canvas.image.getpixel((min(int(x), canvas.width - 1), int(y)))
        ground = below if isinstance(below, tuple) else (0, 0, 0)
        shade = mix((int(ground[0]), int(ground[1]), int(ground[2])), colour, 0.35 + 0.65 * brightness)
        canvas.disc((x, y), canvas.unit * (0.14 + 0.3 * brightness), shade)


def _milky_way(canvas: Canvas, colour: Colour, random: np.random.Generator) -> None:
    """A slanting band of mottled light."""
    width, height = canvas.width // 4, canvas.height // 4
    x, y = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height))
    angle = random.uniform(0.5, 1.1) * pick(random, (-1, 1))
    across = x * np.sin(angle) + y * np.cos(angle) + random.uniform(-0.2, 0.2)
    clouds = surface(random, width, height, cell=width / 3, octaves=4)
    light = np.exp(-((across / 0.3) ** 2)) * (0.15 + 0.75 * clouds**1.5)
    mask = Image.fromarray(np.round(light * 190).astype(np.uint8))
    canvas.image.paste(colour, (0, 0), mask.resize(canvas.image.size, Image.Resampling.BILINEAR))


def _moon(canvas: Canvas, centre: Point, radius: float, air: Atmosphere, *, crescent: bool) -> None:
    """A moon with a halo; the dark part of a crescent shows the sky."""
    canvas.glow(centre, radius * 6, mix(air.sky[-1], air.light, 0.5), 0.5)
    side = round(radius * 2.2)
    corner = (round(centre[0] - side / 2), round(centre[1] - side / 2))
    y, x = np.mgrid[:side, :side] - side / 2
    lit = np.hypot(x, y) <= radius
    if crescent:
        lit &= np.hypot(x - radius * 0.55, y + radius * 0.25) > radius * 0.92
    canvas.image.paste(air.light, corner, Image.fromarray(lit.astype(np.uint8) * 255))
    if not crescent:
        for dx, dy, size in ((-0.3, -0.2, 0.24), (0.25, 0.15, 0.32), (-0.15, 0.45, 0.16), (0.35, -0.4, 0.14)):
            spot = (centre[0] + dx * radius, centre[1] + dy * radius)
            canvas.disc(spot, size * radius, mix(air.light, air.sky[-1], 0.3))


def _house(canvas: Canvas, foot: Point, size: float, air: Atmosphere) -> None:
    """A small house, window lit."""
    x, y = foot
    wall = mix(air.near, (0, 0, 0), 0.3)
    canvas.glow((x, y - size * 0.3), size * 2.2, air.light, 0.3)
    canvas.box(x - size * 0.6, y - size * 0.7, x + size * 0.6, y + size * 0.25, wall)
    canvas.polygon(
        [(x - size * 0.75, y - size * 0.65), (x, y - size * 1.25), (x + size * 0.75, y - size * 0.65)], wall
    )
    canvas.box(x + size * 0.3, y - size * 1.3, x + size * 0.45, y - size * 0.8, wall)
    for window in (-0.32, 0.12):
        canvas.box(x + size * window, y - size * 0.45, x + size * (window + 0.22), y - size * 0.15, air.light)


def _curtain(canvas: Canvas, low: Colour, high: Colour, random: np.random.Generator) -> None:
    """One waving band that fades upwards from ``low`` to ``high``."""
    width, height = canvas.width // 4, canvas.height // 4
    wave = ridge_line(random, width, bumps=random.uniform(1.5, 3), octaves=2, roughness=0.3)
    foot = height * (random.uniform(0.42, 0.6) + 0.22 * (wave - 0.5))
    rays = 0.45 + 0.55 * ridge_line(random, width, bumps=18, octaves=3, roughness=0.7)
    reach = height * random.uniform(0.16, 0.3) * (0.6 + 0.8 * ridge_line(random, width, bumps=6, octaves=3))
    above = foot[None] - np.arange(height)[:, None]
    light = np.where(above >= 0, np.exp(-above / reach), np.exp(above / (height * 0.015))) * rays
    for colour, shape in ((high, light**0.55 * 0.4), (low, light**1.3 * 0.85)):
        mask = Image.fromarray(np.round(shape * 255).astype(np.uint8))
        canvas.image.paste(colour, (0, 0), mask.resize(canvas.image.size, Image.Resampling.BICUBIC))
