"""Things on a table: vases with branches, fruit beside them."""

from __future__ import annotations

import numpy as np

from lookalike.demo.drawing.canvas import Canvas, Point, path
from lookalike.demo.drawing.chance import pick
from lookalike.demo.drawing.colour import Colour, mix
from lookalike.demo.drawing.palettes import Palette
from lookalike.demo.motifs.botanicals import draw_leaf


def vases(canvas: Canvas, palette: Palette, random: np.random.Generator) -> None:
    """Two to four vessels of different outline, some with a branch, and fruit."""
    wall = mix(palette.paper, pick(random, palette.accents), random.uniform(0.1, 0.75))
    canvas.fill(wall)
    table = canvas.height * random.uniform(0.68, 0.8)
    if random.random() < 0.6:
        side = canvas.unit * random.uniform(30, 42)
        left = canvas.width * random.uniform(0.1, 0.5)
        canvas.sector(
            (left + side / 2, canvas.height * 0.34), side / 2, 180, 360, mix(wall, palette.pale, 0.55)
        )
        canvas.box(left, canvas.height * 0.34, left + side, table, mix(wall, palette.pale, 0.55))
    canvas.box(
        0,
        table,
        canvas.width,
        canvas.height,
        mix(palette.dark, palette.accents[1], random.uniform(0.15, 0.7)),
    )
    vessels = max(2, round(canvas.width / canvas.unit / 36) + int(random.integers(0, 2)))
    colours = [palette.paper, *palette.accents, palette.ink]
    for vessel in range(vessels):
        x = canvas.width * (vessel + 0.5) / vessels + canvas.unit * random.uniform(-3, 3)
        foot = (x, table + canvas.unit * random.uniform(2, 9))
        glaze = pick(random, colours)
        if sum(abs(a - b) for a, b in zip(glaze, wall, strict=True)) < 90:
            glaze = palette.ink
        tall = canvas.unit * random.uniform(22, 40)
        if random.random() < 0.6:
            _branch(
                canvas,
                (x, foot[1] - tall),
                canvas.unit * random.uniform(18, 34),
                mix(palette.dark, palette.coolest, 0.35),
                random,
            )
        _vessel(canvas, foot, tall, glaze, palette, random)
    for _ in range(int(random.integers(1, 5))):
        size = canvas.unit * random.uniform(3.5, 5.5)
        place = (canvas.width * random.uniform(0.08, 0.92), table + canvas.unit * random.uniform(5, 12))
        _fruit(canvas, place, size, pick(random, palette.accents[:2]), palette)


def _vessel(
    canvas: Canvas, foot: Point, tall: float, glaze: Colour, palette: Palette, random: np.random.Generator
) -> None:
    """A vase whose outline is a smooth random profile, with a band or stripes, darker on one side."""
    x, y = foot
    heights = np.linspace(0, 1, 50)
    knots = np.array(
        [
            random.uniform(0.16, 0.24),
            random.uniform(0.26, 0.46),
            random.uniform(0.2, 0.42),
            random.uniform(0.07, 0.16),
            random.uniform(0.1, 0.2),
        ]
    )
    sections = np.array([0, 0.32, 0.6, 0.85, 1])
    fitted = np.polynomial.Polynomial.fit(sections, knots, 4)(heights)
    half = np.clip(fitted, 0.06, 0.5) * tall
    rows = y - heights * tall
    left = path(x - half, rows)
    right = path(x + half, rows)
    canvas.pen.ellipse(
        (x - tall * 0.5, y - canvas.unit * 1.4, x + tall * 0.5, y + canvas.unit * 1.4),
        fill=mix(palette.dark, glaze, 0.12),
    )
    canvas.polygon([*left, *reversed(right)], glaze)
    shade = path(x + half * 0.35, rows)
    canvas.polygon([*shade, *reversed(right)], mix(glaze, palette.dark, 0.22))
    trim = pick(random, palette.accents)
    for band in range(int(random.integers(0, 4))):
        start = 12 + band * 6
        strip = slice(start, start + 3)
        canvas.polygon([*left[strip], *reversed(right[strip])], mix(trim, glaze, 0.2))


def _branch(canvas: Canvas, foot: Point, tall: float, colour: Colour, random: np.random.Generator) -> None:
    """Two or three twigs with leaves to both sides."""
    for _ in range(int(random.integers(2, 4))):
        angle = -np.pi / 2 + random.uniform(-0.55, 0.55)
        reach = tall * random.uniform(0.7, 1.1)
        tip = (foot[0] + reach * float(np.cos(angle)), foot[1] + reach * float(np.sin(angle)))
        canvas.stroke([(foot[0], foot[1] + tall * 0.2), tip], canvas.unit * 0.6, colour)
        for leaf in range(7):
            share = 0.25 + 0.75 * leaf / 6
            place = (foot[0] + (tip[0] - foot[0]) * share, foot[1] + (tip[1] - foot[1]) * share)
            side = 0.8 if leaf % 2 else -0.8
            draw_leaf(canvas, place, tall * 0.32 * (1.15 - 0.5 * share), float(angle) + side, 0.42, colour)


def _fruit(canvas: Canvas, centre: Point, size: float, colour: Colour, palette: Palette) -> None:
    """An orange or an apple with a stalk, a leaf and a shadow."""
    x, y = centre
    canvas.pen.ellipse(
        (x - size * 1.1, y + size * 0.65, x + size * 1.3, y + size * 1.1), fill=mix(palette.dark, colour, 0.1)
    )
    canvas.disc(centre, size, colour)
    canvas.disc((x - size * 0.3, y - size * 0.3), size * 0.45, mix(colour, palette.pale, 0.25))
    canvas.stroke([(x, y - size * 0.85), (x + size * 0.12, y - size * 1.3)], canvas.unit * 0.5, palette.dark)
    draw_leaf(
        canvas, (x + size * 0.1, y - size * 1.1), size, -0.35, 0.5, mix(palette.dark, (80, 140, 90), 0.6)
    )
