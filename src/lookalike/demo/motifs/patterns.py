"""Patterns that repeat: curved tiles, herringbone, fans, folded triangles, op art."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image

from lookalike.demo.drawing.canvas import Canvas
from lookalike.demo.drawing.chance import pick, shuffled
from lookalike.demo.drawing.colour import Colour, mix
from lookalike.demo.drawing.palettes import Palette


def curved_tiles(canvas: Canvas, palette: Palette, random: np.random.Generator) -> None:
    """Truchet tiles: quarter arcs that join across the edges into one winding ribbon."""
    canvas.fill(palette.paper)
    pitch = 2 * round(canvas.unit * random.uniform(4, 10))
    columns, rows = int(canvas.width / pitch) + 1, int(canvas.height / pitch) + 1
    stripes = [(0.72, palette.ink), (0.6, palette.accents[0]), (0.3, palette.ink), (0.2, palette.accents[1])]
    stripes = stripes[int(random.integers(2)) * 2 :] if random.random() < 0.4 else stripes
    bands = [((1 + wide) / 2, (1 - wide) / 2, colour) for wide, colour in stripes]
    for row in range(rows):
        for column in range(columns):
            tile = Canvas(pitch // 2, pitch // 2, palette.paper)
            flip = random.random() < 0.5
            for corner_x, corner_y in ((0, 0), (1, 1)) if flip else ((1, 0), (0, 1)):
                corner = (corner_x * tile.width, corner_y * tile.height)
                for outer, inner, colour in bands:
                    tile.ring(corner, outer * tile.width, (outer - inner) * tile.width, colour)
            canvas.image.paste(tile.image, (column * pitch, row * pitch))


def herringbone(canvas: Canvas, palette: Palette, random: np.random.Generator) -> None:
    """Planks laid in zigzag, each a little different in tone."""
    canvas.fill(palette.dark)
    wide = canvas.unit * random.uniform(4, 8)
    ratio = int(random.integers(3, 6))
    length, gap = wide * ratio, canvas.unit * 0.35
    colours = shuffled(random, palette.accents)[: int(random.integers(2, 5))]
    turn = np.sqrt(0.5)
    steps = int((canvas.width + canvas.height) / wide) + ratio
    for diagonal in range(-steps, steps):
        for period in range(-steps // ratio - 1, steps // ratio + 2):
            start = diagonal + period * 2 * ratio
            for upright in (False, True):
                x = (start + (ratio if upright else 0)) * wide
                y = (diagonal - (ratio - 1 if upright else 0)) * wide
                size = (wide, length) if upright else (length, wide)
                colour = colours[(diagonal + (2 if upright else 0)) % len(colours)]
                corners = [
                    (x + gap, y + gap),
                    (x + size[0] - gap, y + gap),
                    (x + size[0] - gap, y + size[1] - gap),
                    (x + gap, y + size[1] - gap),
                ]
                turned = [((a - b) * turn + canvas.width / 2, (a + b) * turn) for a, b in corners]
                if any(0 <= a <= canvas.width and 0 <= b <= canvas.height for a, b in turned):
                    canvas.polygon(turned, mix(colour, palette.pale, random.uniform(0, 0.3)))


def fans(canvas: Canvas, palette: Palette, random: np.random.Generator) -> None:
    """Overlapping scales of concentric arcs (seigaiha)."""
    radius = canvas.unit * random.uniform(9, 20)
    rings = int(random.integers(3, 6))
    base = shuffled(random, palette.accents)
    canvas.fill(palette.paper)
    squash = random.uniform(0.4, 0.6)
    for row in range(-1, int(canvas.height / (radius * squash)) + 4):
        shift = radius if row % 2 else 0.0
        for column in range(-1, int(canvas.width / radius / 2) + 2):
            centre = (column * 2 * radius + shift, row * radius * squash)
            colour = base[(column + 2 * row) % len(base)] if random.random() < 0.12 else base[row % 2]
            for ring in range(rings):
                size = radius * (1 - ring / rings)
                canvas.disc(centre, size, palette.paper)
                canvas.disc(centre, size - radius / rings * 0.35, colour if ring % 2 == 0 else palette.ink)


def folded_triangles(canvas: Canvas, palette: Palette, random: np.random.Generator) -> None:
    """A quilt of half-square triangles, mirrored about the middle."""
    canvas.fill(palette.paper)
    columns = int(random.integers(4, 10))
    pitch = canvas.width / columns
    rows = int(canvas.height / pitch) + 1
    colours = (palette.paper, palette.ink, *palette.accents)
    weights = np.array([0.22, 0.13, 0.2, 0.18, 0.15, 0.12])
    half = (columns + 1) // 2
    picks = random.choice(len(colours), size=(rows, half, 2), p=weights)
    leans = random.random((rows, half)) < 0.5
    for row in range(rows):
        for column in range(columns):
            mirrored = column >= half
            source = columns - 1 - column if mirrored else column
            left, top = column * pitch, row * pitch
            right, bottom = left + pitch, top + pitch
            upper, lower = (colours[pick] for pick in picks[row, source].tolist())
            canvas.box(left, top, right, bottom, upper)
            if bool(leans[row, source]) != mirrored:
                canvas.polygon([(left, bottom), (right, bottom), (right, top)], lower)
            else:
                canvas.polygon([(left, top), (left, bottom), (right, bottom)], lower)


def quarter_circles(canvas: Canvas, palette: Palette, random: np.random.Generator) -> None:
    """A grid of tiles, each a quarter, a half, a leaf, a ring or a dot: mid-century wallpaper."""
    columns = int(random.integers(3, 8))
    pitch = canvas.width / columns
    colours: tuple[Colour, ...] = (palette.paper, palette.ink, *palette.accents)
    for row in range(int(canvas.height / pitch) + 1):
        for column in range(columns):
            ground, front, second = shuffled(random, colours)[:3]
            side = math.ceil(pitch / 2)
            tile = Canvas(side, side, ground)
            _motif(tile, front, second, int(random.integers(6)))
            turned = tile.image.rotate(90 * int(random.integers(4)))
            canvas.image.paste(turned, (round(column * pitch), round(row * pitch)))


def swelling_lines(canvas: Canvas, palette: Palette, random: np.random.Generator) -> None:
    """Op art: lines bent by hidden bumps, so that the flat sheet seems to swell."""
    y, x = np.mgrid[: canvas.height, : canvas.width].astype(np.float32) / np.float32(canvas.unit)
    angle = random.uniform(0, np.pi)
    phase = x * np.float32(np.cos(angle)) + y * np.float32(np.sin(angle))
    for _ in range(int(random.integers(2, 5))):
        middle_x = np.float32(canvas.width / canvas.unit * random.uniform(0.2, 0.8))
        middle_y = np.float32(canvas.height / canvas.unit * random.uniform(0.2, 0.8))
        spread = np.float32(random.uniform(14, 30))
        bump = np.exp(-((x - middle_x) ** 2 + (y - middle_y) ** 2) / spread**2)
        phase += bump * np.float32(pick(random, (-1, 1)) * random.uniform(20, 40))
    stripe = np.floor(phase / np.float32(random.uniform(2.6, 5)))
    colours = (
        (palette.ink, palette.paper)
        if random.random() < 0.5
        else (palette.accents[0], palette.paper, palette.ink)
    )
    table = np.array(colours, dtype=np.uint8)
    canvas.image.paste(Image.fromarray(table[stripe.astype(np.int64) % len(colours)]))


def _motif(tile: Canvas, front: Colour, second: Colour, kind: int) -> None:
    """One of six figures that fill a square tile."""
    side = tile.width
    if kind == 0:
        tile.disc((0, 0), side, front)
        tile.disc((0, 0), side / 2, second)
    elif kind == 1:
        tile.disc((side / 2, 0), side / 2, front)
        tile.disc((side / 2, side), side / 2, second)
    elif kind == 2:
        mask = Canvas(side // 2, side // 2, (0, 0, 0))
        mask.disc((0, side), side, (255, 255, 255))
        leaf = Canvas(side // 2, side // 2, (0, 0, 0))
        leaf.disc((side, 0), side, (255, 255, 255))
        both = Image.fromarray(np.minimum(np.asarray(mask.image)[..., 0], np.asarray(leaf.image)[..., 0]))
        tile.image.paste(front, (0, 0), both)
    elif kind == 3:
        tile.disc((side / 2, side / 2), side * 0.42, front)
        tile.disc((side / 2, side / 2), side * 0.2, second)
    elif kind == 4:
        for ring in range(4):
            tile.disc((0, 0), side * (1 - ring * 0.25), front if ring % 2 == 0 else second)
    else:
        tile.polygon([(0, 0), (side, 0), (0, side)], front)
        tile.disc((side * 0.72, side * 0.72), side * 0.16, second)
