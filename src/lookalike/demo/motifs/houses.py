"""Houses: a street of narrow facades with old gables."""

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
    """Narrow houses side by side, no two neighbours with the same gable or colour."""
    canvas.fill(mix(palette.paper, palette.accents[3], 0.35))
    sun = (canvas.width * random.uniform(0.15, 0.85), canvas.height * random.uniform(0.12, 0.26))
    canvas.disc(sun, canvas.unit * random.uniform(7, 12), palette.warmest)
    street = canvas.height * 0.9
    x = -canvas.unit * random.uniform(0, 10)
    gable, wall = "", palette.paper
    while x < canvas.width:
        wide, tall = canvas.unit * random.uniform(17, 26), canvas.unit * random.uniform(40, 60)
        gable = pick(random, [other for other in _GABLES if other != gable])
        wall = pick(random, [other for other in palette.accents if other != wall])
        facade = _Facade(x, street - tall, x + wide, street, wall, palette.pale)
        canvas.box(facade.left, facade.top, facade.right, facade.bottom, wall)
        _draw_gable(canvas, facade, gable)
        _draw_windows(canvas, facade, columns=int(random.integers(2, 4)))
        _draw_door(canvas, facade, facade.left + wide * random.uniform(0.3, 0.7))
        x += wide
    canvas.box(0, street, canvas.width, canvas.height, mix(palette.dark, palette.pale, 0.15))
    for start in np.arange(canvas.unit * 2, canvas.width, canvas.unit * 9).tolist():
        lane = street + canvas.unit * 4
        canvas.stroke([(start, lane), (start + canvas.unit * 4, lane)], canvas.unit * 0.7, palette.pale)


def _draw_gable(canvas: Canvas, facade: _Facade, gable: str) -> None:
    """What stands above the wall."""
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


def _draw_windows(canvas: Canvas, facade: _Facade, columns: int) -> None:
    """Three floors of sash windows."""
    floor = (facade.bottom - facade.top) / 4
    frame, bar = canvas.unit * 0.5, canvas.unit * 0.2
    half, tall = facade.wide * 0.3 / columns, floor * 0.31
    for level in range(3):
        y = facade.top + floor * (level + 0.62)
        for column in range(columns):
            x = facade.left + facade.wide * (column + 0.5) / columns
            canvas.box(x - half - frame, y - tall - frame, x + half + frame, y + tall + frame, facade.trim)
            canvas.box(x - half, y - tall, x + half, y + tall, facade.glass)
            canvas.box(x - bar, y - tall, x + bar, y + tall, facade.trim)
            canvas.box(x - half, y - bar, x + half, y + bar, facade.trim)


def _draw_door(canvas: Canvas, facade: _Facade, x: float) -> None:
    """A door in a round-headed frame."""
    wide, bottom = facade.wide, facade.bottom
    head = bottom - (bottom - facade.top) * 0.155
    canvas.sector((x, head), wide * 0.12, 180, 360, facade.trim)
    canvas.box(x - wide * 0.12, head, x + wide * 0.12, bottom, facade.trim)
    canvas.box(x - wide * 0.085, head + canvas.unit * 0.6, x + wide * 0.085, bottom, facade.glass)
