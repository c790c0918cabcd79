"""Fish: a shoal among weed and bubbles."""

from __future__ import annotations

import numpy as np

from lookalike.demo.drawing.canvas import Canvas, Point, path
from lookalike.demo.drawing.chance import pick, shuffled
from lookalike.demo.drawing.colour import Colour, mix
from lookalike.demo.drawing.palettes import Palette


def shoal(canvas: Canvas, palette: Palette, random: np.random.Generator) -> None:
    """Fish that swim the same way through weed and bubbles."""
    deep = mix(palette.coolest, palette.dark, 0.62)
    canvas.gradient((mix(palette.coolest, palette.pale, 0.3), mix(palette.coolest, deep, 0.5), deep))
    for _ in range(int(random.integers(4, 9))):
        _weed(
            canvas,
            canvas.width * random.random(),
            canvas.unit * random.uniform(22, 55),
            mix(deep, palette.dark, 0.5),
            random,
        )
    heading = pick(random, (-1, 1))
    count = int(random.integers(5, 22))
    spacing = canvas.width * canvas.height / count
    length = float(np.sqrt(spacing)) * 0.42
    rows = max(1, round(float(np.sqrt(count * canvas.height / canvas.width))))
    columns = -(-count // rows)
    for index in range(count):
        x = canvas.width * (index % columns + 0.5 + random.uniform(-0.2, 0.2)) / columns
        y = canvas.height * (index // columns + 0.5 + random.uniform(-0.25, 0.25)) / rows
        colours = shuffled(random, palette.accents)
        body = palette.pale if colours[0] == palette.coolest else colours[0]
        _fish(
            canvas,
            (x, y),
            length * random.uniform(0.6, 1.1),
            int(heading),
            (body, colours[1]),
            palette,
            random,
        )
    for _ in range(24):
        spot = (canvas.width * random.random(), canvas.height * random.random())
        canvas.ring(
            spot,
            canvas.unit * random.uniform(0.6, 1.8),
            canvas.unit * 0.3,
            mix(palette.coolest, palette.pale, 0.6),
        )


def _weed(canvas: Canvas, x: float, tall: float, colour: Colour, random: np.random.Generator) -> None:
    """A swaying ribbon rooted below the canvas."""
    rise = np.linspace(0, 1, 30)
    sway = np.sin(rise * random.uniform(5, 9) + random.uniform(0, 6)) * canvas.unit * 3 * rise
    points = path((x + sway), (canvas.height - tall * rise))
    canvas.stroke(points, canvas.unit * random.uniform(1.5, 3.5), colour)


def _fish(
    canvas: Canvas,
    centre: Point,
    length: float,
    heading: int,
    colours: tuple[Colour, Colour],
    palette: Palette,
    random: np.random.Generator,
) -> None:
    """A body with tail, fins, stripes and an eye, swimming to the right (1) or left (-1)."""
    x, y = centre
    plump = random.uniform(0.3, 0.55)
    body, trim = colours

    def at(along: float, across: float) -> Point:
        return (x + heading * along * length, y + across * length)

    along = np.linspace(-1, 1, 36)
    half = plump * np.clip(1 - np.abs(along) ** 2.2, 0, None) ** 0.8
    upper = [at(a, -b) for a, b in zip(along.tolist(), half.tolist(), strict=True)]
    lower = [at(a, b) for a, b in zip(along.tolist(), half.tolist(), strict=True)]
    canvas.polygon([at(-0.8, 0), at(-1.45, -0.42), at(-1.25, 0), at(-1.45, 0.42)], trim)
    canvas.polygon([at(0.3, -plump * 0.7), at(-0.25, -plump * 1.6), at(-0.5, -plump * 0.6)], trim)
    canvas.polygon([at(0.1, plump * 0.7), at(-0.2, plump * 1.35), at(-0.4, plump * 0.6)], trim)
    canvas.polygon([*upper, *reversed(lower)], body)
    for stripe in range(int(random.integers(0, 4))):
        start = 8 + stripe * 5
        canvas.polygon([*upper[start : start + 3], *reversed(lower[start : start + 3])], trim)
    canvas.disc(at(0.62, -plump * 0.22), length * 0.1, palette.pale)
    canvas.disc(at(0.65, -plump * 0.22), length * 0.05, palette.dark)
