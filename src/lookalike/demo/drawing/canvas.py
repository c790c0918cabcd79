"""A picture in progress, drawn at twice its size so that every edge comes out smooth.

Pillow draws shapes without antialiasing; averaging four pixels into one at the end supplies it. Lengths
are best given in ``unit``, a hundredth of the shorter side, so that a motif suits any format.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from lookalike.demo.drawing.colour import Colour, ramp

Point: TypeAlias = tuple[float, float]
Points: TypeAlias = Sequence[Point]

_SCALE = 2


class Canvas:
    """An RGB picture at twice its final size, origin at the top left, y downwards.

    Attributes:
        image: the picture so far.
        pen: Pillow's drawing interface to it.
        width: in drawing pixels.
        height: in drawing pixels.
        unit: a hundredth of the shorter side, in drawing pixels.
    """

    def __init__(self, width: int, height: int, colour: Colour = (255, 255, 255)) -> None:
        """A blank canvas that will come out ``width`` x ``height`` pixels large."""
        self.width = width * _SCALE
        self.height = height * _SCALE
        self.unit = min(self.width, self.height) / 100
        self.image = Image.new("RGB", (self.width, self.height), colour)
        self.pen = ImageDraw.Draw(self.image)

    def fill(self, colour: Colour) -> None:
        """Cover everything with one colour."""
        self.pen.rectangle((0, 0, self.width, self.height), fill=colour)

    def gradient(self, stops: Sequence[Colour], top: float = 0, bottom: float | None = None) -> None:
        """Cover the rows from ``top`` to ``bottom`` (default: to the end) with a vertical gradient."""
        end = self.height if bottom is None else round(bottom)
        self.image.paste(_column(stops, self.width, end - round(top)), (0, round(top)))

    def box(self, left: float, top: float, right: float, bottom: float, colour: Colour) -> None:
        """Draw a filled rectangle; nothing if it would have no area."""
        if right > left and bottom > top:
            self.pen.rectangle((left, top, right, bottom), fill=colour)

    def disc(self, centre: Point, radius: float, colour: Colour) -> None:
        """Draw a filled circle."""
        self.pen.circle(centre, radius, fill=colour)

    def ring(self, centre: Point, radius: float, thickness: float, colour: Colour) -> None:
        """A circle's outline, ``thickness`` wide inwards from ``radius``."""
        self.pen.circle(centre, radius, outline=colour, width=max(1, round(thickness)))

    def sector(self, centre: Point, radius: float, start: float, end: float, colour: Colour) -> None:
        """A slice of a disc from ``start`` to ``end`` degrees, clockwise from three o'clock."""
        x, y = centre
        self.pen.pieslice((x - radius, y - radius, x + radius, y + radius), start, end, fill=colour)

    def stroke(self, points: Points, thickness: float, colour: Colour) -> None:
        """A line through points, with round joints and ends."""
        width = max(1, round(thickness))
        self.pen.line(list(points), fill=colour, width=width, joint="curve")
        if width > 3:
            for end in (points[0], points[-1]):
                self.pen.circle(end, (width - 1) / 2, fill=colour)

    def polygon(self, points: Points, colour: Colour) -> None:
        """Draw a filled polygon."""
        self.pen.polygon(list(points), fill=colour)

    def land(self, ridge: NDArray[np.float64], stops: Sequence[Colour], bottom: float | None = None) -> None:
        """Everything below a ridge, shaded from its highest point down.

        Args:
            ridge: heights in y, one for each of at least two evenly spaced columns, float64.
            stops: colours from the highest point of the ridge to ``bottom``.
            bottom: where the land ends; the bottom of the canvas by default.
        """
        end = self.height if bottom is None else round(bottom)
        top = max(0, int(ridge.min()))
        if top >= end:
            return
        mask = Image.new("1", (self.width, end - top))
        outline = zip(np.linspace(0, self.width, len(ridge)).tolist(), (ridge - top).tolist(), strict=True)
        ImageDraw.Draw(mask).polygon([*outline, (self.width, end - top), (0, end - top)], fill=1)
        self.image.paste(_column(stops, self.width, end - top), (0, top), mask)

    def glow(self, centre: Point, radius: float, colour: Colour, strength: float) -> None:
        """Light that fades from ``strength`` (0 to 1) at the centre to nothing at ``radius``."""
        side = max(2, round(2 * radius))
        across = np.linspace(-1, 1, 128)
        falloff = np.clip(1 - np.hypot(across[:, None], across), 0, 1) ** 2 * strength
        mask = Image.fromarray(np.round(falloff * 255).astype(np.uint8))
        corner = (round(centre[0] - radius), round(centre[1] - radius))
        self.image.paste(colour, corner, mask.resize((side, side), Image.Resampling.BILINEAR))

    def shine(self, colour: Colour, strength: NDArray[np.floating]) -> None:
        """Lay light over everything: ``strength`` is its opacity, 0 to 1, coarse (height, width) or fine."""
        mask = Image.fromarray(np.round(np.clip(strength, 0, 1) * 255).astype(np.uint8))
        self.image.paste(colour, (0, 0), mask.resize(self.image.size, Image.Resampling.BILINEAR))

    def tint(self, points: Points, colour: Colour, strength: float) -> None:
        """Lay a polygon of translucent colour over what is there; ``strength`` is its opacity, 0 to 1."""
        mask = Image.new("L", self.image.size)
        ImageDraw.Draw(mask).polygon(list(points), fill=round(strength * 255))
        self.image.paste(colour, (0, 0), mask)

    def mirror(self, shore: float, colour: Colour, strength: float) -> None:
        """Turn everything below the row ``shore`` into still water that shows what is above it.

        Args:
            shore: y of the waterline, at least half the height.
            colour: of the water.
            strength: how far the reflection is tinted with it, 0 to 1.
        """
        line = round(shore)
        above = self.image.crop((0, 2 * line - self.height, self.width, line))
        upturned = above.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
        self.image.paste(Image.blend(upturned, Image.new("RGB", above.size, colour), strength), (0, line))

    def veil(self, colour: Colour, strength: NDArray[np.float64] | float, top: float, bottom: float) -> None:
        """Mist between two rows.

        Args:
            colour: of the mist.
            strength: opacity from 0 to 1 along the way from ``top`` to ``bottom``, any length.
            top: first row, y.
            bottom: last row, y.
        """
        rows = np.atleast_1d(np.asarray(strength, dtype=np.float64))
        size = (self.width, max(1, round(bottom - top)))
        mask = Image.fromarray(np.round(rows * 255).astype(np.uint8)[:, None])
        self.image.paste(colour, (0, round(top)), mask.resize(size, Image.Resampling.BILINEAR))

    def finish(self, random: np.random.Generator | None = None, grain: float = 2.0) -> Image.Image:
        """The picture at its final size.

        Args:
            random: draws the grain, as of film, that keeps smooth gradients from banding; none without it.
            grain: standard deviation, in levels of 255.

        Returns:
            a new RGB image.
        """
        picture = self.image.reduce(_SCALE)
        if random is None:
            return picture
        noise = random.standard_normal((picture.height, picture.width, 1), dtype=np.float32) * np.float32(
            grain
        )
        return Image.fromarray(np.clip(np.asarray(picture) + noise, 0, 255).astype(np.uint8))


def path(xs: NDArray[np.float64], ys: NDArray[np.float64]) -> list[Point]:
    """The points of a line from its coordinates, two float64 arrays of one length."""
    return list(zip(xs.tolist(), ys.tolist(), strict=True))


def _column(stops: Sequence[Colour], width: int, height: int) -> Image.Image:
    """A vertical gradient of this size."""
    column = Image.fromarray(ramp(stops, max(1, height))[:, None])
    return column.resize((width, max(1, height)), Image.Resampling.NEAREST)
