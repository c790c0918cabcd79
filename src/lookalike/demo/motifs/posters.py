"""Posters: a few large shapes, one word, a lot of air."""

from __future__ import annotations

import numpy as np

from lookalike.demo.drawing.canvas import Canvas, path
from lookalike.demo.drawing.chance import pick, shuffled
from lookalike.demo.drawing.colour import Colour, lightness, mix
from lookalike.demo.drawing.lettering import HEADLINES, fitting_size, write
from lookalike.demo.drawing.palettes import Palette


def constructivist_poster(canvas: Canvas, palette: Palette, random: np.random.Generator) -> None:
    """A large disc, a diagonal, a quarter circle and a headline at the foot."""
    canvas.fill(palette.paper)
    loud, second, third, quiet = shuffled(random, palette.accents)
    w, h, unit = canvas.width, canvas.height, canvas.unit
    _diagonal_bars(canvas, third, random)
    centre = (w * random.uniform(0.28, 0.72), h * random.uniform(0.28, 0.44))
    radius = unit * random.uniform(18, 32)
    canvas.disc(centre, radius, loud)
    canvas.ring(centre, radius * random.uniform(1.1, 1.35), unit * random.uniform(0.5, 1.6), palette.ink)
    cut = int(pick(random, (45, 90, 135, 225, 270, 315)))
    canvas.sector(centre, radius * random.uniform(0.4, 1), cut, cut + pick(random, (90, 180)), palette.paper)
    corner = (w * float(random.integers(2)), 0.0)
    quarter = unit * random.uniform(16, 36)
    canvas.disc(corner, quarter, second)
    canvas.disc(corner, quarter * random.uniform(0.3, 0.6), palette.ink)
    side = unit * random.uniform(7, 14)
    x, y = w * random.uniform(0.08, 0.7), h * random.uniform(0.46, 0.58)
    if random.random() < 0.5:
        canvas.box(x, y, x + side, y + side, quiet)
        canvas.box(x + side * 0.35, y + side * 0.35, x + side * 1.35, y + side * 1.35, palette.ink)
    else:
        canvas.polygon(
            [(x, y + side * 1.5), (x + side * 1.7, y + side * 1.5), (x + side * 0.85, y)], palette.ink
        )
    for line in range(int(random.integers(3, 7))):
        top, length = h * 0.7 + line * unit * 1.7, unit * (32 - 4 * line)
        canvas.box(w * 0.08, top, w * 0.08 + length, top + unit * 0.5, palette.ink)
    word = _headline(random)
    size = fitting_size(word, w * 0.8, h * 0.16)
    write(canvas, (w * 0.08, h * 0.93), word, size, palette.ink, weight=0.035)
    _small_print(canvas, (w * 0.92, h * 0.69), palette.ink, random, anchor="ra")


def typographic_poster(canvas: Canvas, palette: Palette, random: np.random.Generator) -> None:
    """A coloured sheet with a word repeated or a numeral too large for it, above columns of small print."""
    ground = pick(random, palette.accents)
    front = max(palette.paper, palette.ink, key=lambda colour: abs(lightness(colour) - lightness(ground)))
    canvas.fill(ground)
    w, h = canvas.width, canvas.height
    word = _headline(random)
    if random.random() < 0.5:
        figure = str(int(random.integers(1, 100)))
        size = fitting_size(figure, w * 1.1, h * 1.15)
        place = (w * random.uniform(0.4, 0.65), h * random.uniform(0.36, 0.5))
        write(
            canvas, place, figure, size, mix(ground, front, random.uniform(0.25, 1)), anchor="mm", weight=0.08
        )
    else:
        rows = int(random.integers(3, 7))
        size = fitting_size(word, w * 0.88, h * 0.68 / rows / 0.72)
        for row in range(rows):
            baseline = h * 0.76 - size * 0.72 * (rows - 1 - row) - size * 0.2
            write(canvas, (w * 0.05, baseline), word, size, mix(ground, front, (row + 1) / rows), weight=0.04)
    canvas.box(0, h * 0.8, w, h, ground)
    canvas.box(w * 0.06, h * 0.8, w * 0.94, h * 0.8 + canvas.unit * 0.5, front)
    write(canvas, (w * 0.06, h * 0.87), word, canvas.unit * 4.6, front, weight=0.05)
    for column in (0.44, 0.72):
        _small_print(canvas, (w * column, h * 0.838), front, random)


def arc_poster(canvas: Canvas, palette: Palette, random: np.random.Generator) -> None:
    """Arcs around one point that thin out towards it, as music fades."""
    canvas.fill(palette.paper)
    w, h, unit = canvas.width, canvas.height, canvas.unit
    centre = (w * random.uniform(0.2, 0.8), h * random.uniform(0.2, 0.6))
    radius, width = max(w, h) * 0.85, unit * random.uniform(8, 16)
    colours = (palette.ink, pick(random, palette.accents))
    gap = random.uniform(1.2, 1.6)
    while radius > unit * 5:
        for _ in range(int(random.integers(1, 4))):
            start = 22.5 * int(random.integers(16))
            colour = colours[int(random.random() < 0.28)]
            canvas.sector(centre, radius, start, start + 22.5 * int(random.integers(2, 8)), colour)
        canvas.disc(centre, radius - width, palette.paper)
        radius -= width * gap
        width = max(width * 0.86, unit)
    canvas.disc(centre, unit * 2.5, palette.accents[0])
    canvas.box(0, h * 0.79, w, h, palette.paper)
    word = _headline(random)
    write(canvas, (w * 0.07, h * 0.9), word, unit * random.uniform(8, 12), palette.ink, weight=0.03)
    write(canvas, (w * 0.07, h * 0.955), _season(random), unit * 3, palette.accents[0])
    _small_print(canvas, (w * 0.93, h * 0.83), palette.ink, random, anchor="ra")


def sunset_poster(canvas: Canvas, palette: Palette, random: np.random.Generator) -> None:
    """A sun cut into stripes over waves of flat colour, a framed title below: a place worth the trip."""
    w, h, unit = canvas.width, canvas.height, canvas.unit
    canvas.fill(palette.pale)
    margin = unit * 6
    sky = mix(pick(random, palette.accents), palette.pale, 0.55)
    canvas.box(margin, margin, w - margin, h * 0.8, sky)
    radius = min(w * 0.3, h * 0.24)
    centre = (w * random.uniform(0.4, 0.6), h * random.uniform(0.36, 0.42))
    canvas.disc(centre, radius, palette.warmest)
    for stripe in range(5):
        y = centre[1] + radius * (0.05 + 0.2 * stripe)
        canvas.box(margin, y, w - margin, y + radius * (0.025 + 0.022 * stripe), sky)
    places = np.linspace(margin, w - margin, 160)
    layers = [palette.accents[0], palette.coolest, mix(palette.coolest, palette.dark, 0.5), palette.dark]
    for layer, colour in enumerate(layers):
        base = h * (0.53 + 0.07 * layer)
        waves = (
            np.sin(places / w * random.uniform(5, 13) + random.uniform(0, 6)) * unit * random.uniform(1.5, 5)
        )
        if layer == 0 and random.random() < 0.6:
            waves = (
                np.abs((places / w * random.uniform(2, 4) + random.random()) % 1 - 0.5) * unit * 42
                - unit * 14
            )
        outline = path(places, np.minimum(base + waves, h * 0.8))
        canvas.polygon([*outline, (w - margin, h * 0.8), (margin, h * 0.8)], colour)
    word = _headline(random).upper()
    size = fitting_size(word, w - 4 * margin, h * 0.09, spacing=0.18)
    write(canvas, (w / 2, h * 0.9), word, size, palette.dark, anchor="ms", weight=0.03, spacing=0.18)
    write(canvas, (w / 2, h * 0.955), _season(random), unit * 2.6, palette.dark, anchor="ms", spacing=0.2)


def _headline(random: np.random.Generator) -> str:
    """One of the words."""
    return pick(random, HEADLINES)


def _season(random: np.random.Generator) -> str:
    """A made-up date."""
    season = ("spring", "summer", "autumn", "winter")[int(random.integers(4))]
    return f"{season} {int(random.integers(1952, 1979))}"


def _small_print(
    canvas: Canvas,
    place: tuple[float, float],
    colour: Colour,
    random: np.random.Generator,
    anchor: str = "la",
) -> None:
    """Three short lines, as of dates and places."""
    lines = (_season(random), f"hall {int(random.integers(2, 40))}", f"{int(random.integers(9, 21))}.00 h")
    for row, line in enumerate(lines):
        write(
            canvas,
            (place[0], place[1] + row * canvas.unit * 3.3),
            line,
            canvas.unit * 2.6,
            colour,
            anchor=anchor,
        )


def _diagonal_bars(canvas: Canvas, colour: Colour, random: np.random.Generator) -> None:
    """Parallel bars that cross the sheet at 45 degrees."""
    width = canvas.unit * random.uniform(3, 7)
    rise = pick(random, (-1, 1))
    start = canvas.width * random.uniform(-0.1, 0.3)
    for bar in range(int(random.integers(1, 5))):
        x = start + bar * width * 1.8
        foot, head = (x, x + canvas.height * 0.62) if rise > 0 else (x + canvas.height * 0.62, x)
        canvas.polygon(
            [
                (foot, canvas.height * 0.62),
                (foot + width, canvas.height * 0.62),
                (head + width, 0),
                (head, 0),
            ],
            colour,
        )
