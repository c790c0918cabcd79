"""Surfaces with things strewn over them: terrazzo, confetti shapes, paper cut-outs, soft colour fields."""

from __future__ import annotations

import numpy as np
from PIL import Image

from lookalike.demo.drawing.canvas import Canvas, Point, path
from lookalike.demo.drawing.chance import pick, shuffled
from lookalike.demo.drawing.colour import Colour, lightness, mix
from lookalike.demo.drawing.noise import surface
from lookalike.demo.drawing.palettes import Palette


def terrazzo(canvas: Canvas, palette: Palette, random: np.random.Generator) -> None:
    """Chips of coloured stone set in cement."""
    canvas.fill(palette.paper)
    colours = (*palette.accents, mix(palette.paper, palette.ink, 0.75))
    largest = random.uniform(4, 10)
    for centre in spread_points(canvas, canvas.unit * largest * 0.85, random):
        size = canvas.unit * largest * random.uniform(0.12, 0.62)
        corners = int(random.integers(4, 8))
        angles = np.sort(random.uniform(0, 2 * np.pi, corners)) + np.linspace(0, 0.5, corners)
        reach = size * random.uniform(0.6, 1.2, corners)
        xs, ys = centre[0] + reach * np.cos(angles), centre[1] + reach * np.sin(angles)
        colour = pick(random, colours)
        canvas.polygon(path(xs, ys), colour)


def confetti(canvas: Canvas, palette: Palette, random: np.random.Generator) -> None:
    """Squiggles, dots, triangles and stripes, as on fabrics of the eighties."""
    canvas.fill(palette.paper if random.random() < 0.6 else pick(random, palette.accents))
    ground = canvas.image.getpixel((0, 0))
    colours = [colour for colour in (*palette.accents, palette.ink, palette.paper) if colour != ground]
    size = canvas.unit * random.uniform(5, 9)
    figures = (_squiggle, _triangle, _ring, _dots, _bars, _half_disc, _cross)
    for centre in spread_points(canvas, size * 1.9, random):
        figure = pick(random, figures)
        figure(canvas, centre, size, random.uniform(0, 2 * np.pi), pick(random, colours))


def cut_outs(canvas: Canvas, palette: Palette, random: np.random.Generator) -> None:
    """Lobed leaves cut from coloured paper, one to a field."""
    columns = int(random.integers(2, 4))
    rows = max(1, round(columns * canvas.height / canvas.width))
    wide, tall = canvas.width / columns, canvas.height / rows
    colours = shuffled(random, (palette.paper, palette.ink, *palette.accents))
    for row in range(rows):
        for column in range(columns):
            ground = colours[(column + 2 * row) % len(colours)]
            clear = [colour for colour in colours if abs(lightness(colour) - lightness(ground)) > 0.2]
            canvas.box(column * wide, row * tall, (column + 1) * wide, (row + 1) * tall, ground)
            centre = ((column + 0.5) * wide, (row + 0.5) * tall)
            _frond(canvas, centre, min(wide, tall) * 0.44, pick(random, clear), random)


def colour_fields(canvas: Canvas, palette: Palette, random: np.random.Generator) -> None:
    """Soft clouds of colour with one sharp disc or bar: print for a quiet wall."""
    canvas.fill(palette.paper)
    width, height = canvas.width // 4, canvas.height // 4
    for colour in shuffled(random, palette.accents):
        cloud = surface(random, width, height, cell=max(width, height) * random.uniform(0.4, 0.8), octaves=1)
        strength = np.clip((cloud - 0.45) * 3.2, 0, 1)
        mask = Image.fromarray(np.round(strength * 235).astype(np.uint8))
        canvas.image.paste(colour, (0, 0), mask.resize(canvas.image.size, Image.Resampling.BICUBIC))
    centre = (canvas.width * random.uniform(0.3, 0.7), canvas.height * random.uniform(0.3, 0.7))
    radius = canvas.unit * random.uniform(12, 26)
    figure = int(random.integers(3))
    if figure == 0:
        canvas.disc(centre, radius, palette.paper)
    elif figure == 1:
        for ring in range(5):
            canvas.ring(centre, radius * (1.3 - ring * 0.22), canvas.unit * 0.9, palette.paper)
    else:
        for bar in range(-3, 4):
            x = centre[0] + bar * radius * 0.34
            half = np.sqrt(1 - (bar / 3.6) ** 2) * radius
            canvas.stroke([(x, centre[1] - half), (x, centre[1] + half)], radius * 0.16, palette.paper)


def spread_points(canvas: Canvas, spacing: float, random: np.random.Generator) -> list[Point]:
    """Points all over the canvas, about ``spacing`` apart, neither gridded nor clumped."""
    step = spacing * 1.15
    points: list[Point] = []
    for row in range(-1, int(canvas.height / step) + 2):
        for column in range(-1, int(canvas.width / step) + 2):
            shift = 0.5 * (row % 2)
            x = (column + shift + random.uniform(-0.28, 0.28)) * step
            points.append((x, (row + random.uniform(-0.28, 0.28)) * step))
    return points


def _turned(centre: Point, size: float, angle: float, outline: list[Point]) -> list[Point]:
    """A unit outline scaled, turned and moved into place."""
    cosine, sine = np.cos(angle) * size, np.sin(angle) * size
    return [
        (float(centre[0] + x * cosine - y * sine), float(centre[1] + x * sine + y * cosine))
        for x, y in outline
    ]


def _squiggle(canvas: Canvas, centre: Point, size: float, angle: float, colour: Colour) -> None:
    places = np.linspace(-1, 1, 40)
    wave = path(places, 0.28 * np.sin(places * 3 * np.pi))
    canvas.stroke(_turned(centre, size, angle, wave), size * 0.2, colour)


def _triangle(canvas: Canvas, centre: Point, size: float, angle: float, colour: Colour) -> None:
    canvas.polygon(_turned(centre, size * 0.75, angle, [(0, -1), (0.87, 0.5), (-0.87, 0.5)]), colour)


def _ring(canvas: Canvas, centre: Point, size: float, angle: float, colour: Colour) -> None:
    canvas.ring(centre, size * (0.45 + 0.04 * angle), size * 0.2, colour)


def _dots(canvas: Canvas, centre: Point, size: float, angle: float, colour: Colour) -> None:
    grid = [(x * 0.42, y * 0.42) for x in (-1, 0, 1) for y in (-1, 0, 1)]
    for dot in _turned(centre, size, angle, grid):
        canvas.disc(dot, size * 0.11, colour)


def _bars(canvas: Canvas, centre: Point, size: float, angle: float, colour: Colour) -> None:
    for offset in (-0.4, 0.0, 0.4):
        canvas.stroke(_turned(centre, size, angle, [(-0.6, offset), (0.6, offset)]), size * 0.14, colour)


def _half_disc(canvas: Canvas, centre: Point, size: float, angle: float, colour: Colour) -> None:
    canvas.sector(centre, size * 0.75, float(np.degrees(angle)), float(np.degrees(angle)) + 180, colour)


def _cross(canvas: Canvas, centre: Point, size: float, angle: float, colour: Colour) -> None:
    for arm in ([(-0.6, 0.0), (0.6, 0.0)], [(0.0, -0.6), (0.0, 0.6)]):
        canvas.stroke(_turned(centre, size, angle, arm), size * 0.22, colour)


def _frond(canvas: Canvas, centre: Point, size: float, colour: Colour, random: np.random.Generator) -> None:
    """A leaf of rounded lobes with deep notches between them, as scissors would cut it."""
    angles = np.linspace(0, 2 * np.pi, 400)
    lobes = int(random.integers(5, 12))
    notch = random.uniform(0.3, 0.5)
    uneven = 1 + 0.16 * np.sin(angles * int(random.integers(2, 5)) + random.uniform(0, 6))
    reach = uneven * (notch + (1 - notch) * np.abs(np.cos(angles * lobes / 2)) ** random.uniform(0.5, 0.9))
    slim = random.uniform(0.55, 1)
    outline = path(reach * np.cos(angles) * slim, reach * np.sin(angles))
    canvas.polygon(_turned(centre, size * 0.9, random.uniform(-0.7, 0.7), outline), colour)
