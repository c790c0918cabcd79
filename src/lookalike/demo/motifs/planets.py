"""A banded giant with rings and moons, among stars and clouds of gas."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from lookalike.demo.drawing.canvas import Canvas, Point
from lookalike.demo.drawing.chance import pick
from lookalike.demo.drawing.colour import Colour, mix, ramp
from lookalike.demo.drawing.noise import ridge_line, surface
from lookalike.demo.drawing.palettes import Atmosphere
from lookalike.demo.drawing.scenery import scatter_stars

_ROCKS = ((196, 120, 84), (104, 150, 168), (222, 184, 120), (168, 96, 120))


def ringed_planet(canvas: Canvas, air: Atmosphere, random: np.random.Generator) -> None:
    """Draw a globe, whole or so near that the edge cuts it, with or without rings, and its moons."""
    canvas.gradient((air.sky[0], air.sky[1], air.near))
    _nebula(canvas, air, random)
    scatter_stars(canvas, air.light, random, count=int(random.integers(120, 420)), floor=1.0)
    near = random.random() < 0.3
    radius = canvas.unit * (random.uniform(38, 60) if near else random.uniform(11, 26))
    edge = pick(random, (0.0, 1.0)) if near else random.uniform(0.3, 0.7)
    centre = (
        canvas.width * edge,
        canvas.height * (random.uniform(0.1, 0.9) if near else random.uniform(0.35, 0.65)),
    )
    colours = (air.sky[-1], mix(air.sky[-1], air.light, 0.7), air.sky[-2], air.light, pick(random, _ROCKS))
    start = int(random.integers(len(colours)))
    bands = (*colours[start:], *colours[:start])
    tilt = random.uniform(-60, 60)
    globe = _globe(round(radius), bands, random).rotate(tilt, Image.Resampling.BICUBIC)
    if random.random() < 0.7:
        rings = _rings(round(radius * random.uniform(1.1, 1.4)), random, mix(air.light, bands[1], 0.5))
        behind = _doubled(rings.rotate(tilt, Image.Resampling.BICUBIC, expand=True))
        _paste_centred(canvas.image, behind, centre)
        rings.paste((0, 0, 0, 0), (0, 0, rings.width, rings.height // 2))
        front = rings.rotate(tilt, Image.Resampling.BICUBIC, expand=True)
        _paste_centred(globe, front, (globe.width / 2, globe.height / 2))
    globe = _doubled(globe)
    outline = Image.new("1", globe.size)
    ImageDraw.Draw(outline).ellipse((0, 0, globe.width - 1, globe.height - 1), fill=1)
    globe.putalpha(outline)
    _paste_centred(canvas.image, globe, centre)
    _moons(canvas, centre, radius, air, random)


def _nebula(canvas: Canvas, air: Atmosphere, random: np.random.Generator) -> None:
    """Two clouds of gas, brightest where their noise is."""
    width, height = canvas.width // 4, canvas.height // 4
    for colour, strength in ((air.sky[2], 0.8), (air.sky[-1], 0.45)):
        cloud = surface(random, width, height, cell=width / random.uniform(1.5, 4), octaves=5)
        canvas.shine(colour, np.clip(cloud - 0.42, 0, 1) * 2 * strength * random.uniform(0.3, 1))


def _moons(
    canvas: Canvas, centre: Point, radius: float, air: Atmosphere, random: np.random.Generator
) -> None:
    """Up to five moons around the globe, each a crescent lit from the left."""
    for _ in range(int(random.integers(0, 6))):
        angle, far = random.uniform(0, 2 * np.pi), radius + canvas.unit * random.uniform(8, 30)
        x, y = centre[0] + far * np.cos(angle), centre[1] + far * np.sin(angle) * 0.8
        size = canvas.unit * random.uniform(1.2, 4.5)
        lit = mix(air.sky[-1], air.light, random.random())
        canvas.disc((x, y), size, mix(lit, air.near, 0.75))
        canvas.sector((x, y), size, 90, 270, lit)
        canvas.pen.ellipse((x - size * 0.35, y - size, x + size * 0.35, y + size), fill=lit)


def _globe(side: int, colours: tuple[Colour, ...], random: np.random.Generator) -> Image.Image:
    """A lit, banded sphere that fills a square of ``side`` pixels; black around it."""
    y, x = np.mgrid[:side, :side] / (side / 2) - 1
    depth = np.sqrt(np.clip(1 - x**2 - y**2, 0, None))
    profile = ridge_line(random, 512, bumps=random.uniform(4, 9), octaves=4, roughness=0.6)
    swirl = (surface(random, side, side, cell=side / 4) - 0.5) * random.uniform(0.05, 0.3)
    latitude = np.clip((np.arcsin(np.clip(y, -1, 1)) / np.pi + 0.5 + swirl * 0.4) * 511, 0, 511).astype(
        np.int64
    )
    surface_colours = ramp(colours, 256)[np.round(profile[latitude] * 255).astype(np.int64)]
    light = np.clip(-0.62 * x - 0.35 * y + 0.7 * depth, 0.05, 1)[..., None] ** 0.9
    return Image.fromarray((surface_colours * light).astype(np.uint8))


def _rings(radius: int, random: np.random.Generator, colour: Colour) -> Image.Image:
    """Rings seen at a slant, at half the canvas' scale: RGBA, transparent where there is nothing."""
    height = max(4, round(radius * random.uniform(0.12, 0.3)))
    y, x = np.mgrid[-height : height + 1, -radius : radius + 1]
    distance = np.hypot(x / radius, y / height)
    profile = ridge_line(random, 400, bumps=9, octaves=3)
    edges = np.clip((1 - distance) * 40, 0, 1) * np.clip((distance - 0.56) * 40, 0, 1)
    opacity = edges * (0.25 + 0.7 * profile[np.clip(distance * 399, 0, 399).astype(np.int64)])
    alpha = np.round(opacity * 255).astype(np.uint8)
    flat = np.broadcast_to(np.array(colour, dtype=np.uint8), (*alpha.shape, 3))
    return Image.fromarray(np.dstack([flat, alpha]))


def _doubled(image: Image.Image) -> Image.Image:
    """From half the canvas' scale to its own."""
    return image.resize((image.width * 2, image.height * 2), Image.Resampling.BILINEAR)


def _paste_centred(ground: Image.Image, image: Image.Image, centre: Point) -> None:
    """Lay an RGBA image over another, its middle at ``centre``."""
    corner = (round(centre[0] - image.width / 2), round(centre[1] - image.height / 2))
    ground.paste(image, corner, image)
