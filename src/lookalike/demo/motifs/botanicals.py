"""Plants: pressed sprigs, a flower meadow."""

from __future__ import annotations

import numpy as np

from lookalike.demo.drawing.canvas import Canvas, Point, path
from lookalike.demo.drawing.chance import pick, shuffled
from lookalike.demo.drawing.colour import Colour, lightness, mix
from lookalike.demo.drawing.palettes import Palette


def sprigs(canvas: Canvas, palette: Palette, random: np.random.Generator) -> None:
    """One to three leafy stems in front of an arch or a disc."""
    canvas.fill(palette.paper)
    w, h, unit = canvas.width, canvas.height, canvas.unit
    backdrop = mix(pick(random, palette.accents), palette.paper, random.uniform(0.1, 0.5))
    middle = (w * random.uniform(0.42, 0.58), h * random.uniform(0.36, 0.5))
    if random.random() < 0.5:
        canvas.disc(middle, unit * random.uniform(26, 36), backdrop)
    else:
        half = unit * random.uniform(22, 32)
        canvas.sector((w / 2, h * 0.4), half, 180, 360, backdrop)
        canvas.box(w / 2 - half, h * 0.4, w / 2 + half, h, backdrop)
    stems = int(random.integers(1, 4))
    colours = [palette.ink, *shuffled(random, palette.accents)]
    for stem in range(stems):
        foot = (w * (0.5 + 0.16 * (stem - (stems - 1) / 2)), h * 1.02)
        lean = (stem - (stems - 1) / 2) * 0.22 + random.uniform(-0.1, 0.1)
        _sprig(canvas, foot, h * random.uniform(0.72, 0.9), lean, colours[stem], random)


def meadow(canvas: Canvas, palette: Palette, random: np.random.Generator) -> None:
    """Flowers of several kinds on long stems, the near ones larger."""
    ground = palette.paper if random.random() < 0.5 else mix(palette.accents[3], palette.paper, 0.35)
    canvas.fill(ground)
    if random.random() < 0.5:
        sun = (canvas.width * random.uniform(0.2, 0.8), canvas.height * 0.26)
        canvas.disc(sun, canvas.unit * random.uniform(9, 15), mix(palette.warmest, palette.paper, 0.3))
    stem_colour = mix(palette.coolest, palette.dark if lightness(ground) > 0.55 else palette.pale, 0.4)
    blooms = [colour for colour in (*palette.accents, palette.pale) if colour != ground]
    count = int(canvas.width / canvas.unit / 5)
    for near in (0.0, 0.5, 1.0):
        tone = mix(stem_colour, ground, 0.5 * (1 - near))
        for _ in range(count):
            x = canvas.width * random.random()
            tall = canvas.height * random.uniform(0.25, 0.72) * (1 - 0.35 * near)
            sway = canvas.unit * random.normal() * 5
            rise = np.linspace(0, 1, 12)
            points = path(x + sway * rise**2, canvas.height - tall * rise)
            canvas.stroke(points, canvas.unit * (0.4 + 0.3 * near), tone)
            size = canvas.unit * (2.2 + 3.4 * near) * random.uniform(0.7, 1.2)
            bloom = mix(pick(random, blooms), ground, 0.35 * (1 - near))
            _flower(canvas, points[-1], size, bloom, mix(palette.warmest, palette.dark, 0.3), random)


def _sprig(
    canvas: Canvas, foot: Point, tall: float, lean: float, colour: Colour, random: np.random.Generator
) -> None:
    """A curved stem with leaves or berries in pairs, smaller towards the tip."""
    pairs = int(random.integers(6, 12))
    slim, slant = random.uniform(0.2, 0.55), random.uniform(0.5, 1.1)
    berries = random.random() < 0.25
    rise = np.linspace(0, 1, 30)
    bend = random.uniform(-0.25, 0.25)
    xs = foot[0] + tall * (lean * rise + bend * rise**2)
    ys = foot[1] - tall * rise
    stem = path(xs, ys)
    canvas.stroke(stem, canvas.unit * 0.8, colour)
    for pair in range(pairs):
        step = int(29 * (0.18 + 0.8 * pair / pairs))
        size = canvas.unit * 17 * (1 - 0.6 * pair / pairs)
        for side in (-1, 1):
            angle = -np.pi / 2 + lean + side * slant
            if berries:
                end = (
                    stem[step][0] + size * 0.6 * float(np.cos(angle)),
                    stem[step][1] + size * 0.6 * float(np.sin(angle)),
                )
                canvas.stroke([stem[step], end], canvas.unit * 0.5, colour)
                canvas.disc(end, size * 0.17, colour)
            else:
                draw_leaf(canvas, stem[step], size, float(angle), slim, colour)
    draw_leaf(canvas, stem[-1], canvas.unit * 7, -np.pi / 2 + lean, slim, colour)


def draw_leaf(canvas: Canvas, foot: Point, length: float, angle: float, slim: float, colour: Colour) -> None:
    """A pointed oval that grows from ``foot`` towards ``angle`` (radians)."""
    along = np.linspace(0, 1, 16)
    half = slim * 0.5 * np.sin(along**0.8 * np.pi)
    xs, ys = np.concatenate([along, along[::-1]]), np.concatenate([half, -half[::-1]])
    turned_x = foot[0] + length * (xs * np.cos(angle) - ys * np.sin(angle))
    turned_y = foot[1] + length * (xs * np.sin(angle) + ys * np.cos(angle))
    canvas.polygon(path(turned_x, turned_y), colour)


def _flower(
    canvas: Canvas, centre: Point, size: float, petal: Colour, heart: Colour, random: np.random.Generator
) -> None:
    """A daisy, a tulip or a round umbel."""
    kind = int(random.integers(3))
    x, y = centre
    if kind == 0:
        petals = int(random.integers(6, 11))
        for angle in (np.arange(petals) * 2 * np.pi / petals).tolist():
            draw_leaf(canvas, centre, size, angle, 0.5, petal)
        canvas.disc(centre, size * 0.3, heart)
    elif kind == 1:
        canvas.sector((x, y - size * 0.2), size * 0.62, 0, 180, petal)
        for offset in (-0.62, -0.2, 0.22):
            left = x + offset * size
            canvas.polygon(
                [
                    (left, y - size * 0.18),
                    (left + size * 0.4, y - size * 0.18),
                    (left + size * 0.2, y - size),
                ],
                petal,
            )
    else:
        for _ in range(14):
            spot = (x + random.normal() * size * 0.36, y + random.normal() * size * 0.3)
            canvas.disc(spot, size * 0.16, petal)
