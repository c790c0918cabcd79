"""Tiles of arcs, leaves and dots: the wallpaper of the middle of the last century."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image

from lookalike.demo.drawing.canvas import Canvas
from lookalike.demo.drawing.chance import pick, shuffled
from lookalike.demo.drawing.colour import Colour
from lookalike.demo.drawing.palettes import Palette

_FIGURES = 8


def tiled_wall(canvas: Canvas, palette: Palette, random: np.random.Generator) -> None:
    """Draw a grid of tiles with two to four figures, laid at random, as a mirrored quilt or in one repeat."""
    columns = int(random.integers(3, 9))
    pitch = 2 * math.ceil(canvas.width / columns / 2)
    rows = math.ceil(canvas.height / pitch)
    figures = shuffled(random, range(_FIGURES))[: int(random.integers(2, 5))]
    colours = shuffled(random, (palette.paper, palette.ink, *palette.accents))[: int(random.integers(3, 7))]
    plan = [[_tile(pitch, figures, colours, random) for _ in range(columns)] for _ in range(rows)]
    layout = pick(random, ("random", "mirrored", "repeated"))
    for row in range(rows):
        for column in range(columns):
            tile = plan[row][column]
            if layout == "repeated":
                tile = plan[row % 2][column % 2]
            if layout == "mirrored" and column >= columns / 2:
                tile = plan[row][columns - 1 - column].transpose(Image.Transpose.FLIP_LEFT_RIGHT)
            canvas.image.paste(tile, (column * pitch, row * pitch))


def _tile(pitch: int, figures: list[int], colours: list[Colour], random: np.random.Generator) -> Image.Image:
    """One square tile with one of the figures, turned by any number of quarters."""
    ground, front, second = shuffled(random, colours)[:3]
    tile = Canvas(pitch // 2, pitch // 2, ground)
    _draw_figure(tile, front, second, pick(random, figures))
    return tile.image.rotate(90 * int(random.integers(4)))


def _draw_figure(tile: Canvas, front: Colour, second: Colour, figure: int) -> None:
    """Draw one of the figures so that it fills a square tile."""
    side = tile.width
    if figure == 0:  # a quarter disc in a quarter disc
        tile.disc((0, 0), side, front)
        tile.disc((0, 0), side / 2, second)
    elif figure == 1:  # two half discs, back to back
        tile.disc((side / 2, 0), side / 2, front)
        tile.disc((side / 2, side), side / 2, second)
    elif figure == 2:  # a leaf from corner to corner
        angles = np.linspace(0, np.pi / 2, 30)
        arc = [(side * math.cos(a), side * math.sin(a)) for a in angles.tolist()]
        tile.polygon([*arc, *((side - x, side - y) for x, y in arc)], front)
    elif figure == 3:  # a ring
        tile.disc((side / 2, side / 2), side * 0.42, front)
        tile.disc((side / 2, side / 2), side * 0.2, second)
    elif figure == 4:  # a rainbow
        for ring in range(4):
            tile.disc((0, 0), side * (1 - ring * 0.25), front if ring % 2 == 0 else second)
    elif figure == 5:  # half a square and a dot
        tile.polygon([(0, 0), (side, 0), (0, side)], front)
        tile.disc((side * 0.72, side * 0.72), side * 0.16, second)
    elif figure == 6:  # a flower of four petals
        for x, y in ((0.3, 0.3), (0.7, 0.3), (0.3, 0.7), (0.7, 0.7)):
            tile.disc((side * x, side * y), side * 0.25, front)
        tile.disc((side / 2, side / 2), side * 0.14, second)
    else:  # stripes and a half disc
        for stripe in range(0, 6, 2):
            tile.box(0, side * stripe / 6, side, side * (stripe + 1) / 6, front)
        tile.disc((side / 2, side), side / 2, second)
