"""Contour maps of made-up islands and mountains."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lookalike.demo.drawing.canvas import Canvas
from lookalike.demo.drawing.colour import Colour, mix, ramp
from lookalike.demo.drawing.noise import surface
from lookalike.demo.drawing.palettes import Palette


def contour_map(canvas: Canvas, palette: Palette, random: np.random.Generator) -> None:
    """Draw tinted heights with a line at each step, bolder at every fifth: islands, or land with lakes."""
    cell = canvas.unit * random.uniform(30, 75)
    heights = surface(random, canvas.width, canvas.height, cell=cell, octaves=int(random.integers(3, 5)))
    if random.random() < 0.5:
        heights = _island(heights, random)
    steps = int(random.integers(9, 28))
    level = np.minimum((heights * steps).astype(np.int64), steps - 1)
    sea = max(1, int(steps * random.uniform(0.05, 0.4)))
    picture = _tints(palette, steps, sea, random)[level]
    dry = level >= sea
    line, bold = mix(palette.accents[0], palette.paper, 0.2), mix(palette.accents[0], palette.ink, 0.4)
    picture[dry & _borders(level, round(canvas.unit * 0.2) + 1)] = line
    picture[dry & _borders(level // 5, round(canvas.unit * 0.3) + 2)] = bold
    picture[_borders(dry.astype(np.int64), round(canvas.unit * 0.5) + 2)] = palette.ink
    canvas.image.paste(Image.fromarray(picture))


def _island(heights: NDArray[np.float32], random: np.random.Generator) -> NDArray[np.float32]:
    """The same land, lowered towards the edges; 0 to 1 again."""
    rows, columns = heights.shape
    y, x = np.mgrid[:rows, :columns].astype(np.float32)
    middle_x, middle_y = random.uniform(0.35, 0.65, 2) * (columns, rows)
    away = np.hypot((x - middle_x) / columns, (y - middle_y) / rows)
    lowered = heights * np.float32(0.8) - (away * np.float32(1.5)).astype(np.float32) ** 2
    lowered -= lowered.min()
    return np.asarray(lowered / lowered.max(), dtype=np.float32)


def _tints(palette: Palette, steps: int, sea: int, random: np.random.Generator) -> NDArray[np.uint8]:
    """The colour of each of ``steps`` levels, the lowest ``sea`` of them under water; uint8 (steps, 3)."""
    deep, shallow = mix(palette.coolest, palette.dark, 0.15), mix(palette.coolest, palette.paper, 0.45)
    lowland, summit = mix(palette.accents[3], palette.paper, 0.5), mix(palette.warmest, palette.paper, 0.35)
    land: tuple[Colour, ...] = (lowland, palette.paper, summit)
    if random.random() < 0.4:
        slope, rock = mix(palette.warmest, palette.paper, 0.35), mix(palette.accents[0], palette.paper, 0.3)
        land = (mix(palette.accents[3], palette.paper, 0.2), slope, rock, palette.paper)
    return np.concatenate([ramp((deep, shallow), sea), ramp(land, steps - sea)])


def _borders(level: NDArray[np.int64], thickness: int) -> NDArray[np.bool_]:
    """Where the level ``thickness`` pixels to the right or below is another."""
    border = np.zeros(level.shape, dtype=np.bool_)
    border[:-thickness] |= level[:-thickness] != level[thickness:]
    border[:, :-thickness] |= level[:, :-thickness] != level[:, thickness:]
    return border
