"""Cities: towers at dusk, mirrored in water."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from PIL import Image, ImageOps

from lookalike.demo.drawing.canvas import Canvas
from lookalike.demo.drawing.chance import pick
from lookalike.demo.drawing.colour import Colour, mix
from lookalike.demo.drawing.palettes import Atmosphere
from lookalike.demo.motifs.nights import scatter_stars

_Box: TypeAlias = tuple[float, float, float, float]


def skyline(canvas: Canvas, air: Atmosphere, random: np.random.Generator) -> None:
    """Towers at dusk, windows lit, above their own reflection."""
    shore = canvas.height * random.uniform(0.68, 0.82)
    canvas.gradient(air.sky, bottom=shore)
    scatter_stars(canvas, air.light, random, count=int(random.integers(20, 120)), floor=0.4)
    moon = (canvas.width * random.uniform(0.15, 0.85), canvas.height * random.uniform(0.12, 0.35))
    canvas.glow(moon, canvas.unit * 40, mix(air.sky[-1], air.light, 0.4), 0.6)
    canvas.disc(moon, canvas.unit * random.uniform(5, 12), air.light)
    for layer in range(3):
        nearness = (layer + 1) / 3
        x = -canvas.unit * random.uniform(0, 8)
        while x < canvas.width:
            wide = canvas.unit * random.uniform(5, 13)
            tall = canvas.unit * (48 - 12 * layer) * random.uniform(0.35, 1) ** 1.3
            colour = mix(mix(air.sky[-2], air.far, 0.5), air.near, nearness)
            box = (x, shore - tall, x + wide, shore)
            _tower(canvas, box, colour, random)
            if layer:
                _light_windows(canvas, box, mix(colour, air.light, 0.5 * layer), random)
            x += wide + canvas.unit * pick(random, (0.0, 0.0, 1.0, 3.0))
    _mirror(canvas, round(shore), air.near)


def _tower(canvas: Canvas, box: _Box, colour: Colour, random: np.random.Generator) -> None:
    """One tower block with one of several tops."""
    left, top, right, bottom = box
    canvas.box(left, top, right, bottom, colour)
    middle, wide = (left + right) / 2, right - left
    crown = random.integers(6)
    if crown == 0:
        canvas.polygon([(left, top), (right, top), (right, top - wide * 0.45)], colour)
    elif crown == 1:
        canvas.box(left + wide * 0.2, top - wide * 0.35, right - wide * 0.2, top, colour)
        canvas.box(left + wide * 0.36, top - wide * 0.6, right - wide * 0.36, top, colour)
        canvas.box(middle - canvas.unit * 0.2, top - wide * 1.3, middle + canvas.unit * 0.2, top, colour)
    elif crown == 2:
        canvas.polygon([(left, top), (middle, top - wide * 0.9), (right, top)], colour)
    elif crown == 3:
        canvas.sector((middle, top + 1), wide / 2, 180, 360, colour)
        canvas.box(middle - canvas.unit * 0.2, top - wide * 0.9, middle + canvas.unit * 0.2, top, colour)


def _light_windows(canvas: Canvas, box: _Box, colour: Colour, random: np.random.Generator) -> None:
    """A regular grid of windows of which some are lit."""
    left, top, right, bottom = box
    columns = max(2, int((right - left) / canvas.unit / 1.9))
    pitch = (right - left) / (columns + 0.6)
    rows = int((bottom - top) / (pitch * 1.35))
    share = random.uniform(0.25, 0.65)
    lit = random.random((rows, columns)) < share
    for row, column in np.argwhere(lit).tolist():
        x, y = left + pitch * (column + 0.55), top + pitch * (1.35 * row + 0.7)
        canvas.box(x, y, x + pitch * 0.5, y + pitch * 0.62, colour)


def _mirror(canvas: Canvas, shore: int, water: Colour) -> None:
    """Below the shore, what stands above it: upside down, darker and drawn out."""
    depth = canvas.height - shore
    above = canvas.image.crop((0, max(0, shore - 2 * depth), canvas.width, shore))
    mirrored = np.asarray(ImageOps.flip(above).resize((canvas.width, depth), Image.Resampling.BILINEAR))
    rows = np.arange(depth)[:, None]
    shifts = np.round(np.sin(rows * 0.3) * rows / max(depth, 1) * canvas.unit * 0.8).astype(np.int64)
    ripples = Image.fromarray(mirrored[rows, (np.arange(canvas.width) + shifts) % canvas.width])
    canvas.image.paste(Image.blend(ripples, Image.new("RGB", ripples.size, water), 0.38), (0, shore))
    canvas.box(0, shore, canvas.width, shore + canvas.unit * 0.5, water)
