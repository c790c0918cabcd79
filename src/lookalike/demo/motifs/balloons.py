"""Hot-air balloons above hills or a sea of clouds."""

from __future__ import annotations

import numpy as np

from lookalike.demo.drawing.canvas import Canvas, Point, path
from lookalike.demo.drawing.chance import pick, shuffled
from lookalike.demo.drawing.colour import Colour, mix
from lookalike.demo.drawing.noise import ridge_line
from lookalike.demo.drawing.palettes import Palette


def hot_air_balloons(canvas: Canvas, palette: Palette, random: np.random.Generator) -> None:
    """Draw one large balloon or a fleet of up to nine, no two alike."""
    low = mix(pick(random, palette.accents), palette.pale, random.uniform(0.55, 0.8))
    top = mix(palette.coolest, palette.dark if random.random() < 0.3 else palette.pale, 0.45)
    canvas.gradient((top, mix(top, low, 0.6), low))
    if random.random() < 0.4:
        sun = (canvas.width * random.random(), canvas.height * random.uniform(0.4, 0.7))
        canvas.disc(sun, canvas.unit * random.uniform(10, 26), mix(palette.warmest, low, 0.5))
    for _ in range(int(random.integers(0, 6))):
        place = (canvas.width * random.random(), canvas.height * random.uniform(0.08, 0.6))
        _cloud(canvas, place, random.uniform(0.6, 1.6), mix(palette.pale, low, 0.15), random)
    pick(random, (_hills, _cloud_sea))(canvas, palette, low, random)
    count = pick(random, (1, 2, 3, 3, 4, 5, 7, 9))
    largest = min(canvas.width / canvas.unit / (count + 1) * 0.7, 30)
    for column in shuffled(random, range(count)):
        x = canvas.width * (column + random.uniform(0.3, 0.7)) / count
        y = canvas.height * random.uniform(0.24, 0.56)
        radius = canvas.unit * largest * random.uniform(0.45, 1)
        cloth = (*shuffled(random, palette.accents)[:2], palette.pale)
        pick(random, (_gores, _bands, _zigzags))(canvas, (x, y), radius, cloth)
        _basket(canvas, (x, y), radius, palette.dark)


def _hills(canvas: Canvas, palette: Palette, low: Colour, random: np.random.Generator) -> None:
    """Rolling hills, the near ones darker."""
    bumps, tall = random.uniform(1.2, 3.5), canvas.unit * random.uniform(8, 22)
    for layer in range(3):
        shape = ridge_line(random, 200, bumps=bumps, octaves=int(random.integers(1, 3)))
        colour = mix(mix(palette.coolest, palette.dark, 0.25 + 0.3 * layer), low, 0.35 - 0.15 * layer)
        canvas.land(canvas.height * (0.8 + 0.08 * layer) - shape * tall, (colour, mix(colour, low, 0.15)))


def _cloud_sea(canvas: Canvas, palette: Palette, low: Colour, random: np.random.Generator) -> None:
    """Rows of round clouds that fill the lowest part."""
    for layer in range(3):
        colour = mix(low, palette.pale, 0.35 + 0.3 * layer)
        x = 0.0
        while x < canvas.width + canvas.unit * 12:
            radius = canvas.unit * random.uniform(6, 13)
            y = canvas.height * (0.86 + 0.07 * layer) + canvas.unit * random.uniform(-2, 3)
            canvas.disc((x, y), radius, colour)
            canvas.box(x - radius, y, x + radius, canvas.height, colour)
            x += radius * 1.2


def _cloud(canvas: Canvas, centre: Point, scale: float, colour: Colour, random: np.random.Generator) -> None:
    """A flat-bottomed heap of discs."""
    for offset, size in ((-7, 3.5), (-2, 5.5), (4, 4.2), (8, 2.8)):
        radius = canvas.unit * size * scale * random.uniform(0.8, 1.2)
        canvas.sector((centre[0] + canvas.unit * offset * scale, centre[1]), radius, 180, 360, colour)


def _outline(centre: Point, radius: float) -> tuple[np.ndarray[tuple[int], np.dtype[np.float64]], ...]:
    """Half the envelope's width at 41 heights, and their y: a sphere drawn out towards the mouth."""
    down = np.linspace(0, 1, 41)
    angle = down * np.pi * 0.86
    half = np.sin(angle) ** 0.9 * radius
    return half, centre[1] - np.cos(angle) * radius + np.maximum(down - 0.6, 0) * radius * 0.9


def _gores(canvas: Canvas, centre: Point, radius: float, cloth: tuple[Colour, ...]) -> None:
    """Upright panels, seen narrower towards the sides."""
    half, rows = _outline(centre, radius)
    edges = np.sin(np.linspace(-np.pi / 2, np.pi / 2, 8))
    for gore in range(7):
        left = path(centre[0] + half * edges[gore], rows)
        right = path(centre[0] + half * edges[gore + 1], rows)
        canvas.polygon([*left, *reversed(right)], cloth[2] if gore == 3 else cloth[gore % 2])


def _bands(canvas: Canvas, centre: Point, radius: float, cloth: tuple[Colour, ...]) -> None:
    """Level bands of three colours."""
    half, rows = _outline(centre, radius)
    left, right = path(centre[0] - half, rows), path(centre[0] + half, rows)
    for band in range(8):
        part = slice(band * 5, band * 5 + 6)
        canvas.polygon([*left[part], *reversed(right[part])], cloth[(0, 1, 2, 1)[band % 4]])


def _zigzags(canvas: Canvas, centre: Point, radius: float, cloth: tuple[Colour, ...]) -> None:
    """One colour with a zigzag around its middle."""
    half, rows = _outline(centre, radius)
    canvas.polygon([*path(centre[0] - half, rows), *reversed(path(centre[0] + half, rows))], cloth[0])
    across = np.sin(np.linspace(-np.pi / 2, np.pi / 2, 13))
    for lift, colour in ((-0.24, cloth[2]), (0.0, cloth[1]), (0.24, cloth[2])):
        heights = lift * radius + np.where(np.arange(13) % 2, -0.16, 0.16) * radius
        wide = np.sqrt(np.maximum(radius**2 - heights**2, 0)) * 0.97
        zigzag = path(centre[0] + across * wide, centre[1] + heights)
        canvas.stroke(zigzag, radius * 0.1, colour)


def _basket(canvas: Canvas, centre: Point, radius: float, colour: Colour) -> None:
    """Ropes and a basket below the mouth."""
    half, rows = _outline(centre, radius)
    x, mouth, low, size = centre[0], float(half[-1]), float(rows[-1]), radius * 0.2
    for side in (-1, 1):
        ends = [(x + side * mouth, low), (x + side * size * 0.7, low + radius * 0.42)]
        canvas.stroke(ends, radius * 0.02 + 1, colour)
    canvas.box(x - size * 0.8, low + radius * 0.4, x + size * 0.8, low + radius * 0.4 + size * 1.2, colour)
