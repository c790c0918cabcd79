"""A meadow in flower."""

from __future__ import annotations

import numpy as np

from lookalike.demo.drawing.canvas import Canvas, Point, path
from lookalike.demo.drawing.chance import pick, shuffled
from lookalike.demo.drawing.colour import Colour, lightness, mix
from lookalike.demo.drawing.noise import ridge_line
from lookalike.demo.drawing.palettes import Palette


def meadow(canvas: Canvas, palette: Palette, random: np.random.Generator) -> None:
    """Draw one to three kinds of flowers, the near ones larger, before a sun or hills, with butterflies."""
    ground = palette.paper if random.random() < 0.5 else mix(palette.accents[3], palette.paper, 0.35)
    canvas.fill(ground)
    _backdrop(canvas, palette, ground, random)
    stalk = mix(palette.coolest, palette.dark if lightness(ground) > 0.55 else palette.pale, 0.4)
    blooms = [colour for colour in (*palette.accents, palette.pale) if colour != ground]
    blooms = shuffled(random, blooms)[: int(random.integers(2, 5))]
    kinds = shuffled(random, (_daisy, _tulip, _umbel, _poppy))[: int(random.integers(1, 4))]
    scale = random.uniform(0.8, 2.1)
    count = max(3, int(canvas.width / canvas.unit / 6 / scale))
    for near in (0.0, 0.5, 1.0):
        tone = mix(stalk, ground, 0.5 * (1 - near))
        for _ in range(count):
            tall = canvas.height * random.uniform(0.25, 0.75) * (1 - 0.35 * near)
            tip = _stem(canvas, tall, canvas.unit * (0.4 + 0.3 * near) * scale, tone, random)
            size = canvas.unit * (2.2 + 3.2 * near) * scale * random.uniform(0.7, 1.2)
            bloom = mix(pick(random, blooms), ground, 0.35 * (1 - near))
            pick(random, kinds)(canvas, tip, size, bloom, mix(palette.warmest, palette.dark, 0.3))
    for _ in range(int(random.integers(0, 4))):
        place = (canvas.width * random.random(), canvas.height * random.uniform(0.08, 0.5))
        _butterfly(canvas, place, canvas.unit * random.uniform(2.5, 5), pick(random, blooms), palette.ink)


def _backdrop(canvas: Canvas, palette: Palette, ground: Colour, random: np.random.Generator) -> None:
    """Up to two hills and a sun."""
    if random.random() < 0.6:
        sun = (canvas.width * random.uniform(0.15, 0.85), canvas.height * random.uniform(0.16, 0.4))
        canvas.disc(sun, canvas.unit * random.uniform(9, 24), mix(palette.warmest, palette.paper, 0.3))
    green = mix(palette.coolest, ground, 0.65)
    for hill in range(int(random.integers(0, 3))):
        shape = ridge_line(random, 200, bumps=random.uniform(0.8, 2.5), octaves=1)
        ridge = canvas.height * (0.62 + 0.16 * hill) - shape * canvas.unit * random.uniform(8, 24)
        canvas.land(ridge, (mix(green, palette.coolest, 0.25 * hill), ground))


def _stem(
    canvas: Canvas, tall: float, thickness: float, colour: Colour, random: np.random.Generator
) -> Point:
    """A bent stem with two leaves, rooted anywhere along the foot; returns its tip."""
    sway = canvas.unit * random.normal() * 5
    rise = np.linspace(0, 1, 12)
    points = path(canvas.width * random.random() + sway * rise**2, canvas.height - tall * rise)
    canvas.stroke(points, thickness, colour)
    for step, side in ((3, -0.7), (5, 0.7)):
        _petal(canvas, points[step], tall * 0.18, -np.pi / 2 + side, 0.22, colour)
    return points[-1]


def _petal(canvas: Canvas, foot: Point, length: float, angle: float, slim: float, colour: Colour) -> None:
    """A pointed oval that grows from ``foot`` towards ``angle`` (radians)."""
    along = np.linspace(0, 1, 16)
    half = slim * 0.5 * np.sin(along**0.8 * np.pi)
    xs, ys = np.concatenate([along, along[::-1]]), np.concatenate([half, -half[::-1]])
    turned_x = foot[0] + length * (xs * np.cos(angle) - ys * np.sin(angle))
    turned_y = foot[1] + length * (xs * np.sin(angle) + ys * np.cos(angle))
    canvas.polygon(path(turned_x, turned_y), colour)


def _daisy(canvas: Canvas, centre: Point, size: float, bloom: Colour, heart: Colour) -> None:
    for angle in np.arange(0, 2 * np.pi, np.pi / 5).tolist():
        _petal(canvas, centre, size, angle, 0.42, bloom)
    canvas.disc(centre, size * 0.3, heart)


def _tulip(canvas: Canvas, centre: Point, size: float, bloom: Colour, heart: Colour) -> None:
    x, y = centre
    canvas.sector((x, y - size * 0.2), size * 0.62, 0, 180, bloom)
    for left in (x - size * 0.62, x - size * 0.2, x + size * 0.22):
        rim = y - size * 0.18
        canvas.polygon([(left, rim), (left + size * 0.4, rim), (left + size * 0.2, y - size)], bloom)


def _umbel(canvas: Canvas, centre: Point, size: float, bloom: Colour, heart: Colour) -> None:
    """Small discs at the ends of rays: seeds of a sunflower's spiral, seen from the side."""
    for seed in range(22):
        angle, reach = seed * 2.39996, size * (seed / 22) ** 0.5
        canvas.disc(
            (centre[0] + reach * np.cos(angle), centre[1] + 0.7 * reach * np.sin(angle)), size * 0.13, bloom
        )


def _poppy(canvas: Canvas, centre: Point, size: float, bloom: Colour, heart: Colour) -> None:
    for angle in (0.3, 2.4, 4.5):
        canvas.disc(
            (centre[0] + size * 0.4 * np.cos(angle), centre[1] + size * 0.35 * np.sin(angle)),
            size * 0.6,
            bloom,
        )
    canvas.disc(centre, size * 0.24, heart)


def _butterfly(canvas: Canvas, centre: Point, size: float, wing: Colour, body: Colour) -> None:
    for side, tilt in ((-1, 0.5), (1, 0.5), (-1, -0.7), (1, -0.7)):
        angle = -np.pi / 2 + side * (np.pi / 2 - tilt)
        _petal(canvas, centre, size * (1.1 if tilt > 0 else 0.8), angle, 0.7, wing)
    x, y = centre
    canvas.stroke([(x, y - size * 0.4), (x, y + size * 0.45)], size * 0.12, body)
