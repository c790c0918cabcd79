"""Fish under water."""

from __future__ import annotations

import numpy as np

from lookalike.demo.drawing.canvas import Canvas, Point, path
from lookalike.demo.drawing.chance import pick, shuffled
from lookalike.demo.drawing.colour import Colour, mix
from lookalike.demo.drawing.palettes import Palette


def shoal(canvas: Canvas, palette: Palette, random: np.random.Generator) -> None:
    """Draw a few large fish, a loose crowd or a tight swarm, among rays of light, weed and bubbles."""
    deep = mix(palette.coolest, palette.dark, random.uniform(0.35, 0.7))
    surface = mix(palette.coolest, palette.pale, random.uniform(0.2, 0.6))
    canvas.gradient((surface, mix(palette.coolest, deep, 0.5), deep))
    _rays(canvas, palette.pale, random)
    for _ in range(int(random.integers(0, 10))):
        tall = canvas.unit * random.uniform(16, 60)
        _weed(canvas, canvas.width * random.random(), tall, mix(deep, palette.dark, 0.5), random)
    heading = int(pick(random, (-1, 1)))
    coats = _coats(palette, random)
    for place, length in pick(random, (_crowd, _crowd, _swarm, _pair))(canvas, random):
        _fish(canvas, place, length, heading, pick(random, coats), palette, random)
    bubble = mix(palette.coolest, palette.pale, 0.6)
    for _ in range(int(random.integers(6, 40))):
        spot = (canvas.width * random.random(), canvas.height * random.random())
        canvas.ring(spot, canvas.unit * random.uniform(0.6, 1.8), canvas.unit * 0.3, bubble)


def _coats(palette: Palette, random: np.random.Generator) -> list[tuple[Colour, Colour]]:
    """Body and trim of one to four species; no body has the colour of the water."""
    coats = []
    for _ in range(int(random.integers(1, 5))):
        body, trim = shuffled(random, palette.accents)[:2]
        coats.append((palette.pale if body == palette.coolest else body, trim))
    return coats


def _crowd(canvas: Canvas, random: np.random.Generator) -> list[tuple[Point, float]]:
    """Places and lengths of five to twenty fish, spread over a grid."""
    count = int(random.integers(5, 21))
    length = float(np.sqrt(canvas.width * canvas.height / count)) * 0.42
    rows = max(1, round(float(np.sqrt(count * canvas.height / canvas.width))))
    columns = -(-count // rows)
    fish = []
    for index in range(count):
        x = canvas.width * (index % columns + 0.5 + random.uniform(-0.2, 0.2)) / columns
        y = canvas.height * (index // columns + 0.5 + random.uniform(-0.25, 0.25)) / rows
        fish.append(((x, y), length * random.uniform(0.6, 1.1)))
    return fish


def _swarm(canvas: Canvas, random: np.random.Generator) -> list[tuple[Point, float]]:
    """Places and lengths of many small fish that swim along a bent line."""
    bend, lift = random.uniform(-0.3, 0.3), random.uniform(0.35, 0.6)
    fish = []
    for _ in range(int(random.integers(40, 90))):
        along = random.random()
        middle = lift + bend * np.sin(along * np.pi * 1.6)
        y = canvas.height * (middle + random.normal() * 0.09 * np.sin(along * np.pi) ** 0.5)
        fish.append(((canvas.width * along, float(y)), canvas.unit * random.uniform(2.5, 4.5)))
    return fish


def _pair(canvas: Canvas, random: np.random.Generator) -> list[tuple[Point, float]]:
    """Places and lengths of two or three large fish."""
    count = int(random.integers(2, 4))
    return [
        (
            (
                canvas.width * random.uniform(0.3, 0.7),
                canvas.height * (index + random.uniform(0.35, 0.65)) / count,
            ),
            canvas.unit * random.uniform(38, 54) / count,
        )
        for index in range(count)
    ]


def _rays(canvas: Canvas, colour: Colour, random: np.random.Generator) -> None:
    """Slanting beams from the surface."""
    slant = canvas.height * random.uniform(-0.5, 0.5)
    for _ in range(int(random.integers(0, 5))):
        x, wide = canvas.width * random.random(), canvas.unit * random.uniform(4, 14)
        foot = canvas.height * random.uniform(0.6, 1)
        beam = [(x, 0.0), (x + wide, 0.0), (x + wide * 2 + slant, foot), (x - wide + slant, foot)]
        canvas.tint(beam, colour, random.uniform(0.04, 0.12))


def _weed(canvas: Canvas, x: float, tall: float, colour: Colour, random: np.random.Generator) -> None:
    """A swaying ribbon rooted below the canvas."""
    rise = np.linspace(0, 1, 30)
    sway = np.sin(rise * random.uniform(5, 9) + random.uniform(0, 6)) * canvas.unit * 3 * rise
    points = path(x + sway, canvas.height - tall * rise)
    canvas.stroke(points, canvas.unit * random.uniform(1.5, 3.5), colour)


def _fish(
    canvas: Canvas,
    centre: Point,
    length: float,
    heading: int,
    coat: tuple[Colour, Colour],
    palette: Palette,
    random: np.random.Generator,
) -> None:
    """A body with tail, fins, stripes and an eye, swimming to the right (1) or left (-1)."""
    x, y = centre
    plump = random.uniform(0.3, 0.55)
    body, trim = coat

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
        part = slice(8 + stripe * 5, 11 + stripe * 5)
        canvas.polygon([*upper[part], *reversed(lower[part])], trim)
    canvas.disc(at(0.62, -plump * 0.22), length * 0.1, palette.pale)
    canvas.disc(at(0.65, -plump * 0.22), length * 0.05, palette.dark)
