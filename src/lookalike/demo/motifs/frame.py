"""What charts have in common: a title, a plotting area, a grid and labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lookalike.demo.drawing.canvas import Canvas
from lookalike.demo.drawing.chance import pick
from lookalike.demo.drawing.colour import mix
from lookalike.demo.drawing.lettering import write
from lookalike.demo.drawing.palettes import Palette

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_SUBJECTS = (
    ("Visitors by month", "thousands of people"),
    ("Rain by station", "millimetres"),
    ("Bicycles on the bridge", "crossings a day"),
    ("Books lent", "hundreds"),
    ("Electricity used", "gigawatt hours"),
    ("Passengers by line", "thousands a day"),
    ("Trees planted", "by district"),
    ("Hours of sun", "average of ten years"),
    ("Coffee harvest", "thousand bags"),
    ("Water level", "centimetres above datum"),
    ("Birds counted", "each morning"),
    ("Letters delivered", "millions"),
    ("Snow depth", "centimetres"),
    ("Concert tickets", "hundreds sold"),
    ("Apples by orchard", "tonnes"),
    ("Wind speed", "metres a second"),
)


@dataclass(frozen=True, slots=True)
class Frame:
    """The plotting area of one chart, in drawing pixels."""

    canvas: Canvas
    palette: Palette
    left: float
    top: float
    right: float
    bottom: float

    def y(self, share: float) -> float:
        """Where a value lies, 0 at the bottom of the area and 1 at its top."""
        return self.bottom - (self.bottom - self.top) * share

    def ys(self, shares: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where many values lie, float64, the same shape."""
        return self.bottom - (self.bottom - self.top) * shares

    def draw_grid(self, lines: int, upright: int = 0) -> None:
        """Faint lines with labels at the left; ``upright`` adds as many vertical ones."""
        faint = mix(self.palette.paper, self.palette.ink, 0.16)
        unit = self.canvas.unit
        for line in range(lines + 1):
            y = self.y(line / lines)
            self.canvas.box(self.left, y, self.right, y + unit * 0.25, faint)
            place = (self.left - unit * 1.6, y)
            write(self.canvas, place, str(line * 20), unit * 2.7, self._quiet, anchor="rm")
        for line in range(upright):
            x = self.left + (self.right - self.left) * line / max(1, upright - 1)
            self.canvas.box(x, self.top, x + unit * 0.25, self.bottom, faint)

    def label_columns(self, names: Sequence[str]) -> None:
        """Names evenly spread under the area."""
        slot = (self.right - self.left) / len(names)
        for index, name in enumerate(names):
            place = (self.left + slot * (index + 0.5), self.bottom + self.canvas.unit * 2)
            write(self.canvas, place, name, self.canvas.unit * 2.7, self._quiet, anchor="ma")

    def draw_base(self) -> None:
        """The line that the values stand on."""
        self.canvas.box(
            self.left, self.bottom, self.right, self.bottom + self.canvas.unit * 0.5, self.palette.ink
        )

    @property
    def _quiet(self) -> tuple[int, int, int]:
        return mix(self.palette.ink, self.palette.paper, 0.35)


def titled_frame(
    canvas: Canvas, palette: Palette, random: np.random.Generator, margin_right: float = 7
) -> Frame:
    """An empty chart with a title; ``margin_right`` in hundredths of the shorter side."""
    canvas.fill(palette.paper)
    unit = canvas.unit
    title, detail = pick(random, _SUBJECTS)
    write(canvas, (unit * 7, unit * 11), title, unit * 5.4, palette.ink, weight=0.035)
    write(canvas, (unit * 7, unit * 16), detail, unit * 3.1, mix(palette.ink, palette.paper, 0.35))
    return Frame(
        canvas, palette, unit * 14, unit * 23, canvas.width - unit * margin_right, canvas.height - unit * 10
    )
