"""Space: a ringed giant, the phases of a moon, a chart of orbits."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from lookalike.demo.drawing.canvas import Canvas, Point
from lookalike.demo.drawing.chance import pick
from lookalike.demo.drawing.colour import Colour, mix, ramp
from lookalike.demo.drawing.noise import ridge_line, surface
from lookalike.demo.drawing.palettes import Atmosphere, Palette
from lookalike.demo.motifs.nights import scatter_stars


def ringed_planet(canvas: Canvas, air: Atmosphere, random: np.random.Generator) -> None:
    """A banded globe lit from one side, with rings before and behind it."""
    canvas.gradient((air.sky[0], air.sky[1], air.near))
    haze = (canvas.width * random.random(), canvas.height * random.random())
    canvas.glow(haze, canvas.unit * 70, air.sky[2], 0.7)
    scatter_stars(canvas, air.light, random, count=260, floor=1.0)
    centre = (canvas.width * random.uniform(0.38, 0.62), canvas.height * random.uniform(0.4, 0.6))
    radius = canvas.unit * random.uniform(17, 25)
    bands = (air.sky[-1], mix(air.sky[-1], air.light, 0.7), air.sky[-2], air.light, air.sky[-1])
    tilt = random.uniform(-28, 28)
    globe = _globe(round(radius), bands, random).rotate(tilt, Image.Resampling.BICUBIC)
    if random.random() < 0.75:
        rings = _rings(round(radius * 1.25), random, air.light)
        _paste_centred(
            canvas.image, _doubled(rings.rotate(tilt, Image.Resampling.BICUBIC, expand=True)), centre
        )
        rings.paste((0, 0, 0, 0), (0, 0, rings.width, rings.height // 2))
        front = rings.rotate(tilt, Image.Resampling.BICUBIC, expand=True)
        _paste_centred(globe, front, (globe.width / 2, globe.height / 2))
    globe = _doubled(globe)
    outline = Image.new("1", globe.size)
    ImageDraw.Draw(outline).ellipse((0, 0, globe.width - 1, globe.height - 1), fill=1)
    globe.putalpha(outline)
    _paste_centred(canvas.image, globe, centre)
    for _ in range(int(random.integers(0, 4))):
        angle, far = random.uniform(0, 2 * np.pi), radius * random.uniform(1.5, 2.2)
        moon = (centre[0] + far * np.cos(angle), centre[1] + far * np.sin(angle) * 0.7)
        size = canvas.unit * random.uniform(1.2, 3)
        canvas.disc(moon, size, mix(air.sky[-1], air.light, random.random()))
        canvas.disc(
            (moon[0] + size * 0.35, moon[1] + size * 0.2), size * 0.72, mix(air.sky[1], air.sky[-1], 0.4)
        )


def moon_phases(canvas: Canvas, palette: Palette, random: np.random.Generator) -> None:
    """A grid of moons from new to full and back."""
    canvas.fill(palette.paper)
    columns = int(random.integers(3, 7))
    rows = max(2, round(columns * canvas.height / canvas.width * random.uniform(0.8, 1)))
    pitch = min(canvas.width / (columns + 1), canvas.height / (rows + 1))
    left = (canvas.width - pitch * (columns - 1)) / 2
    top = (canvas.height - pitch * (rows - 1)) / 2
    lit, dark = pick(random, palette.accents[1:3]), mix(palette.paper, palette.ink, 0.88)
    start = random.random()
    for index in range(columns * rows):
        centre = (left + pitch * (index % columns), top + pitch * (index // columns))
        phase = (start + index / (columns * rows)) % 1
        colour = palette.accents[0] if index == columns * rows // 2 else lit
        _phase(canvas, centre, pitch * 0.42, phase, colour, dark)


def orbits(canvas: Canvas, palette: Palette, random: np.random.Generator) -> None:
    """Concentric orbits with planets on them, cropped like a poster."""
    ground, line = palette.dark, palette.pale
    canvas.fill(ground)
    for _ in range(120):
        spot = (canvas.width * random.random(), canvas.height * random.random())
        canvas.disc(
            spot, canvas.unit * random.uniform(0.1, 0.28), mix(ground, line, random.uniform(0.2, 0.7))
        )
    centre = (canvas.width * pick(random, (0.0, 0.5, 1.0)), canvas.height * pick(random, (0.5, 0.5, 1.0)))
    sun = canvas.unit * random.uniform(8, 14)
    canvas.glow(centre, sun * 4, palette.accents[1], 0.5)
    canvas.disc(centre, sun, palette.accents[1])
    radius = sun * 1.5
    reach = max(canvas.width, canvas.height)
    while radius < reach:
        canvas.ring(centre, radius, canvas.unit * 0.3, mix(ground, line, 0.45))
        inward = np.arctan2(canvas.height / 2 - centre[1], canvas.width / 2 - centre[0])
        angle = inward + random.uniform(-1.2, 1.2)
        place = (centre[0] + radius * np.cos(angle), centre[1] + radius * np.sin(angle))
        size = canvas.unit * random.uniform(1.4, 5)
        colour = pick(random, palette.accents)
        canvas.disc(place, size * 1.35, ground)
        canvas.disc(place, size, colour)
        if random.random() < 0.3:
            slant = size * 0.5
            canvas.stroke(
                [(place[0] - size * 1.7, place[1] + slant), (place[0] + size * 1.7, place[1] - slant)],
                canvas.unit * 0.6,
                line,
            )
        radius += canvas.unit * random.uniform(7, 14)


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


def _phase(canvas: Canvas, centre: Point, radius: float, phase: float, lit: Colour, dark: Colour) -> None:
    """One moon at ``phase`` (0 new, 0.5 full, 1 new again)."""
    x, y = centre
    canvas.disc(centre, radius, dark)
    start = -90 if phase < 0.5 else 90
    canvas.sector(centre, radius, start, start + 180, lit)
    bulge = abs(np.cos(2 * np.pi * phase)) * radius
    colour = dark if phase < 0.25 or phase > 0.75 else lit
    canvas.pen.ellipse((x - bulge, y - radius, x + bulge, y + radius), fill=colour)
