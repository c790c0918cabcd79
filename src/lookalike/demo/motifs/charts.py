"""Charts with axes: bars, lines, stacked areas, scattered points. Pictures of numbers that mean nothing."""

from __future__ import annotations

import numpy as np

from lookalike.demo.drawing.canvas import Canvas, path
from lookalike.demo.drawing.chance import pick
from lookalike.demo.drawing.colour import mix
from lookalike.demo.drawing.lettering import write
from lookalike.demo.drawing.noise import ridge_line
from lookalike.demo.drawing.palettes import Palette
from lookalike.demo.motifs.frame import MONTHS, titled_frame


def bar_chart(canvas: Canvas, palette: Palette, random: np.random.Generator) -> None:
    """Upright bars, single or in groups, the tallest one in the loudest colour."""
    frame = titled_frame(canvas, palette, random)
    months = MONTHS[: int(random.integers(5, 13))]
    groups = int(random.integers(1, 4)) if len(months) < 9 else 1
    frame.draw_grid(lines=5)
    frame.label_columns(months)
    values = random.uniform(0.15, 0.97, (len(months), groups))
    slot = (frame.right - frame.left) / len(months)
    wide = slot * 0.68 / groups
    for month, group in np.ndindex(values.shape):
        left = frame.left + slot * (month + 0.16) + wide * group
        colour = palette.accents[group + 1]
        if groups == 1 and month == int(values.argmax()):
            colour = palette.accents[0]
        canvas.box(left, frame.y(float(values[month, group])), left + wide * 0.92, frame.bottom, colour)
    frame.draw_base()


def line_chart(canvas: Canvas, palette: Palette, random: np.random.Generator) -> None:
    """Two to four series, each named where it ends."""
    frame = titled_frame(canvas, palette, random, margin_right=14)
    frame.draw_grid(lines=int(random.integers(4, 7)))
    frame.label_columns([str(year) for year in range(2014, 2024, 2)])
    frame.draw_base()
    count = int(random.integers(2, 5))
    steps = int(random.integers(9, 30))
    marked = random.random() < 0.4
    for series in range(count):
        shape = ridge_line(random, steps, bumps=random.uniform(1, 4), octaves=3)
        low, high = (series + 0.1) / (count + 1), random.uniform(0.35, 0.75)
        values = low + shape * high * (0.95 - low)
        places = np.linspace(frame.left, frame.right, steps)
        points = path(places, frame.ys(values))
        canvas.stroke(points, canvas.unit * 0.9, palette.accents[series])
        for point in points if marked else points[-1:]:
            canvas.disc(point, canvas.unit * 1.2, palette.accents[series])
        name = ("north", "south", "east", "west")[series]
        end = (points[-1][0] + canvas.unit * 2.2, points[-1][1])
        write(canvas, end, name, canvas.unit * 3, palette.accents[series], anchor="lm", weight=0.02)


def area_chart(canvas: Canvas, palette: Palette, random: np.random.Generator) -> None:
    """Layers stacked on a base line or, as a stream, around a middle line."""
    stream = random.random() < 0.4
    frame = titled_frame(canvas, palette, random)
    if not stream:
        frame.draw_grid(lines=4)
    frame.label_columns(MONTHS[::2])
    columns = 120
    layers = [0.3 + ridge_line(random, columns, bumps=random.uniform(2, 5), octaves=1) for _ in range(4)]
    total = np.sum(layers, axis=0)
    lower = (total.max() - total) / 2 if stream else np.zeros(columns)
    places = np.linspace(frame.left, frame.right, columns)
    scale = 0.95 / float(total.max())
    for layer, thickness in enumerate(layers):
        upper = lower + thickness
        top = path(places, frame.ys(upper * scale))
        base = path(places, frame.ys(lower * scale))
        canvas.polygon([*top, *reversed(base)], palette.accents[layer])
        canvas.stroke(top, canvas.unit * 0.4, palette.paper)
        lower = upper
    frame.draw_base()


def scatter_chart(canvas: Canvas, palette: Palette, random: np.random.Generator) -> None:
    """Two or three clouds of points, or bubbles along a trend."""
    frame = titled_frame(canvas, palette, random)
    frame.draw_grid(lines=5, upright=6)
    frame.label_columns([str(tick * 10) for tick in range(6)])
    frame.draw_base()
    bubbles = random.random() < 0.4
    for cloud in range(1 if bubbles else int(random.integers(2, 4))):
        middle = random.uniform(0.25, 0.75, 2)
        slope = random.uniform(-0.9, 0.9)
        count = 34 if bubbles else int(random.integers(40, 110))
        across = random.normal(0, 0.25 if bubbles else 0.11, count)
        along = middle[1] + slope * across + random.normal(0, 0.07, count)
        for x, y in zip((middle[0] + across).tolist(), along.tolist(), strict=True):
            if not (0.02 < x < 0.98 and 0.03 < y < 0.97):
                continue
            size = random.uniform(0.8, 4.2) if bubbles else random.uniform(0.9, 1.2)
            colour = pick(random, palette.accents) if bubbles else palette.accents[cloud]
            place = (frame.left + (frame.right - frame.left) * x, frame.y(y))
            canvas.disc(place, canvas.unit * size, mix(colour, palette.paper, 0.1))
            if bubbles:
                canvas.ring(place, canvas.unit * size, canvas.unit * 0.3, palette.paper)
