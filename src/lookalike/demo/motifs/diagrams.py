"""Charts without axes: rings of shares, and a calendar of heat."""

from __future__ import annotations

import numpy as np

from lookalike.demo.drawing.canvas import Canvas
from lookalike.demo.drawing.chance import pick
from lookalike.demo.drawing.colour import mix, ramp
from lookalike.demo.drawing.lettering import write
from lookalike.demo.drawing.noise import surface
from lookalike.demo.drawing.palettes import Palette
from lookalike.demo.motifs.frame import MONTHS, titled_frame


def donut_chart(canvas: Canvas, palette: Palette, random: np.random.Generator) -> None:
    """A ring of four to six shares, the largest one named in the middle."""
    frame = titled_frame(canvas, palette, random)
    count = int(random.integers(4, 7))
    shares = random.dirichlet(np.full(count, 2.2))
    colours = (*palette.accents, mix(palette.ink, palette.paper, 0.3), mix(palette.paper, palette.ink, 0.25))
    wide = canvas.width > canvas.height * 1.15
    radius = min((frame.bottom - frame.top) * 0.52, canvas.width * 0.4)
    centre = (
        frame.left + radius if wide else canvas.width / 2,
        (frame.top + frame.bottom) / 2 + canvas.unit * 2,
    )
    angle = random.uniform(0, 360)
    for share, colour in zip(shares.tolist(), colours, strict=False):
        canvas.sector(centre, radius, angle, angle + share * 360, colour)
        edge = np.radians(angle)
        rim = (centre[0] + radius * float(np.cos(edge)), centre[1] + radius * float(np.sin(edge)))
        canvas.stroke([centre, rim], canvas.unit * 0.8, palette.paper)
        angle += share * 360
    canvas.disc(centre, radius * random.uniform(0.5, 0.72), palette.paper)
    largest = f"{round(float(shares.max()) * 100)} %"
    write(canvas, centre, largest, radius * 0.34, palette.ink, anchor="mm", weight=0.03)
    if wide:
        for row, (share, colour) in enumerate(zip(shares.tolist(), colours, strict=False)):
            y = frame.top + canvas.unit * (8 + 7.5 * row)
            canvas.disc((centre[0] + radius * 1.4, y), canvas.unit * 1.5, colour)
            text = f"{('north', 'south', 'east', 'west', 'centre', 'islands')[row]}   {round(share * 100)} %"
            write(
                canvas,
                (centre[0] + radius * 1.4 + canvas.unit * 4, y),
                text,
                canvas.unit * 3.3,
                palette.ink,
                anchor="lm",
            )


def heat_map(canvas: Canvas, palette: Palette, random: np.random.Generator) -> None:
    """A grid of cells from pale to strong, months across."""
    frame = titled_frame(canvas, palette, random)
    frame.label_columns(MONTHS)
    rows = int(random.integers(5, 11))
    heat = surface(random, 12, rows, cell=random.uniform(2, 6), octaves=2)
    scales = (
        (palette.paper, palette.accents[1], palette.accents[0]),
        (palette.coolest, palette.paper, palette.accents[0]),
        (mix(palette.paper, palette.accents[2], 0.15), palette.accents[2], palette.ink),
    )
    tints = ramp(pick(random, scales), 256)
    wide, tall = (frame.right - frame.left) / 12, (frame.bottom - frame.top) / rows
    gap = canvas.unit * pick(random, (0.25, 0.6))
    for row in range(rows):
        write(
            canvas,
            (frame.left - canvas.unit * 2, frame.top + tall * (row + 0.5)),
            str(2010 + row),
            canvas.unit * 2.7,
            palette.ink,
            anchor="rm",
        )
        for column in range(12):
            red, green, blue = tints[round(float(heat[row, column]) * 255)].tolist()
            x, y = frame.left + wide * column, frame.top + tall * row
            canvas.box(x + gap, y + gap, x + wide - gap, y + tall - gap, (red, green, blue))
