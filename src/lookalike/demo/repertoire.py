"""The ten motifs of the gallery, each with the colours and formats that suit it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

import numpy as np
from PIL import Image

from lookalike.demo.drawing.canvas import Canvas
from lookalike.demo.drawing.palettes import ATMOSPHERES, NIGHTS, PALETTES, Atmosphere, Palette
from lookalike.demo.motifs import (
    balloons,
    contours,
    meadow,
    mountains,
    nights,
    planets,
    seas,
    shoals,
    streets,
    tiles,
)

Tones = TypeVar("Tones", Palette, Atmosphere)
Size: TypeAlias = tuple[int, int]

_ANY: tuple[Size, ...] = ((480, 640), (640, 480), (600, 600), (720, 400), (640, 427), (500, 625))


@dataclass(frozen=True, slots=True)
class Motif(Generic[Tones]):
    """One kind of picture.

    Attributes:
        folder: the family it belongs to.
        name: used in file names.
        draw: paints it on a canvas in one set of colours.
        tones: the sets of colours that suit it.
        sizes: the formats that suit it, width and height in pixels.
        grain: standard deviation of its film grain, in levels of 255; 0 keeps flat colours flat.
    """

    folder: str
    name: str
    draw: Callable[[Canvas, Tones, np.random.Generator], None]
    tones: tuple[Tones, ...]
    sizes: tuple[Size, ...] = _ANY
    grain: float = 0.0

    def picture(self, tone: int, random: np.random.Generator) -> Image.Image:
        """A picture in the colours number ``tone``, RGB; the same for the same state of ``random``."""
        canvas = Canvas(*self.sizes[int(random.integers(len(self.sizes)))])
        self.draw(canvas, self.tones[tone], random)
        return canvas.finish(random, self.grain)


MOTIFS: tuple[Motif[Palette] | Motif[Atmosphere], ...] = (
    Motif("landscapes", "mountains", mountains.misty_mountains, ATMOSPHERES, grain=2),
    Motif("patterns", "tiles", tiles.tiled_wall, PALETTES),
    Motif("seas", "sails", seas.calm_sea, ATMOSPHERES, grain=2),
    Motif("plants", "meadow", meadow.meadow, PALETTES, grain=2),
    Motif("maps", "contours", contours.contour_map, PALETTES),
    Motif("nights", "night-sky", nights.night_sky, NIGHTS, grain=2),
    Motif("towns", "street", streets.gabled_street, PALETTES, grain=2),
    Motif("planets", "giant", planets.ringed_planet, NIGHTS, grain=2),
    Motif("animals", "shoal", shoals.shoal, PALETTES, grain=2),
    Motif("skies", "balloons", balloons.hot_air_balloons, PALETTES, grain=2),
)
"""Bright and dark, drawn and painted in turn, so that a small gallery is varied too."""
