"""Narrow old houses, side by side along a street or a canal, by day or by night."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lookalike.demo.drawing.canvas import Canvas
from lookalike.demo.drawing.chance import pick
from lookalike.demo.drawing.colour import Colour, mix
from lookalike.demo.drawing.palettes import Palette

_GABLES = ("stepped", "pointed", "bell", "cornice")
_NIGHT = (20, 28, 48)


@dataclass(frozen=True, slots=True)
class _Facade:
    """The wall of one house, in drawing pixels, and its colours."""

    left: float
    top: float
    right: float
    bottom: float
    wall: Colour
    trim: Colour

    @property
    def wide(self) -> float:
        return self.right - self.left

    @property
    def middle(self) -> float:
        return (self.left + self.right) / 2

    @property
    def glass(self) -> Colour:
        return mix(self.wall, _NIGHT, 0.72)


def gabled_street(canvas: Canvas, palette: Palette, random: np.random.Generator) -> None:
    """Draw houses behind a street, trees or water; no two neighbours have the same gable or colour."""
    night = random.random() < 0.35
    sky = mix(palette.dark, _NIGHT, 0.6) if night else mix(palette.paper, pick(random, palette.accents), 0.35)
    canvas.gradient((sky, mix(sky, palette.warmest, 0.25)))
    sun = (canvas.width * random.uniform(0.1, 0.9), canvas.height * random.uniform(0.1, 0.26))
    canvas.disc(sun, canvas.unit * random.uniform(5, 13), palette.pale if night else palette.warmest)
    water = random.random() < 0.4
    street = canvas.height * (random.uniform(0.6, 0.7) if water else random.uniform(0.85, 0.92))
    scale = random.uniform(0.55, 0.9) if water else random.uniform(0.7, 1.35)
    x = -canvas.unit * random.uniform(0, 10)
    gable, wall = "", palette.paper
    while x < canvas.width:
        wide, tall = (
            canvas.unit * random.uniform(17, 26) * scale,
            canvas.unit * random.uniform(38, 60) * scale,
        )
        gable = pick(random, [other for other in _GABLES if other != gable])
        wall = pick(random, [other for other in palette.accents if other != wall])
        painted = mix(wall, _NIGHT, 0.45) if night else wall
        trim = mix(palette.pale, _NIGHT, 0.3) if night else palette.pale
        facade = _Facade(x, street - tall, x + wide, street, painted, trim)
        canvas.box(facade.left, facade.top, facade.right, facade.bottom, painted)
        _draw_gable(canvas, facade, gable)
        lit = palette.warmest if night else facade.glass
        _draw_windows(canvas, facade, int(random.integers(2, 4)), lit, random)
        _draw_door(canvas, facade, facade.left + wide * random.uniform(0.3, 0.7))
        x += wide
    ground = mix(palette.dark, palette.pale, 0.05 if night else 0.15)
    if water:
        canvas.box(0, street, canvas.width, street + canvas.unit * 2.5, ground)
        canvas.mirror(street + canvas.unit * 2.5, mix(palette.coolest, _NIGHT, 0.5), 0.45)
        _draw_ripples(canvas, street + canvas.unit * 4, mix(palette.coolest, palette.pale, 0.3), random)
    else:
        _pave(canvas, street, ground, palette, random)


def _draw_ripples(canvas: Canvas, top: float, colour: Colour, random: np.random.Generator) -> None:
    """Short level strokes on the water."""
    for _ in range(30):
        x, y = canvas.width * random.random(), random.uniform(top, canvas.height)
        half = canvas.unit * random.uniform(1.5, 5)
        canvas.stroke([(x - half, y), (x + half, y)], canvas.unit * 0.4, colour)


def _pave(
    canvas: Canvas, street: float, ground: Colour, palette: Palette, random: np.random.Generator
) -> None:
    """A street with a dashed line, or a pavement with round trees."""
    canvas.box(0, street, canvas.width, canvas.height, ground)
    if random.random() < 0.5:
        lane = (street + canvas.height) / 2
        for start in np.arange(canvas.unit * 2, canvas.width, canvas.unit * 9).tolist():
            canvas.stroke([(start, lane), (start + canvas.unit * 4, lane)], canvas.unit * 0.7, palette.pale)
        return
    crown = mix(palette.coolest, palette.dark, 0.3)
    x = canvas.unit * random.uniform(4, 14)
    while x < canvas.width:
        size = canvas.unit * random.uniform(4, 7)
        foot, top = street + canvas.unit * 2, street - canvas.unit * random.uniform(7, 12)
        canvas.box(x - canvas.unit * 0.6, top, x + canvas.unit * 0.6, foot, palette.dark)
        canvas.disc((x, top), size, crown)
        canvas.disc((x - size * 0.25, top - size * 0.25), size * 0.6, mix(crown, palette.pale, 0.15))
        x += canvas.unit * random.uniform(16, 34)


def _draw_gable(canvas: Canvas, facade: _Facade, gable: str) -> None:
    """Draw the gable, above the wall."""
    left, right, middle, wide, top = facade.left, facade.right, facade.middle, facade.wide, facade.top
    if gable == "stepped":
        for step in range(4):
            inset, lift = wide * 0.125 * step, canvas.unit * 3 * (step + 1)
            canvas.box(left + inset, top - lift, right - inset, top, facade.wall)
    elif gable == "cornice":
        canvas.box(left, top - canvas.unit * 1.6, right, top, facade.trim)
    else:
        if gable == "pointed":
            canvas.polygon([(left, top + 1), (middle, top - wide * 0.55), (right, top + 1)], facade.wall)
        else:
            shoulder = top - wide * 0.12
            canvas.disc((middle, top - wide * 0.08), wide * 0.32, facade.wall)
            slope = [(middle - wide * 0.3, shoulder), (middle + wide * 0.3, shoulder)]
            canvas.polygon([(left, top + 1), *slope, (right, top + 1)], facade.wall)
        canvas.disc((middle, top - wide * 0.12), wide * 0.07, facade.trim)


def _draw_windows(
    canvas: Canvas, facade: _Facade, columns: int, lit: Colour, random: np.random.Generator
) -> None:
    """Three floors of sash windows, about half of them ``lit``."""
    floor = (facade.bottom - facade.top) / 4
    frame, bar = canvas.unit * 0.5, canvas.unit * 0.2
    half, tall = facade.wide * 0.3 / columns, floor * 0.31
    for level in range(3):
        y = facade.top + floor * (level + 0.62)
        for column in range(columns):
            x = facade.left + facade.wide * (column + 0.5) / columns
            canvas.box(x - half - frame, y - tall - frame, x + half + frame, y + tall + frame, facade.trim)
            glass = lit if random.random() < 0.5 else facade.glass
            canvas.box(x - half, y - tall, x + half, y + tall, glass)
            canvas.box(x - bar, y - tall, x + bar, y + tall, facade.trim)
            canvas.box(x - half, y - bar, x + half, y + bar, facade.trim)


def _draw_door(canvas: Canvas, facade: _Facade, x: float) -> None:
    """A door in a round-headed frame."""
    wide, bottom = facade.wide, facade.bottom
    head = bottom - (bottom - facade.top) * 0.155
    canvas.sector((x, head), wide * 0.12, 180, 360, facade.trim)
    canvas.box(x - wide * 0.12, head, x + wide * 0.12, bottom, facade.trim)
    canvas.box(x - wide * 0.085, head + canvas.unit * 0.6, x + wide * 0.085, bottom, facade.glass)
