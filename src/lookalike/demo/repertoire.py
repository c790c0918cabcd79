"""Everything that the gallery can draw, each with the colours and formats that suit it."""

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
    botanicals,
    cacti,
    charts,
    cities,
    diagrams,
    houses,
    landscapes,
    maps,
    nights,
    patterns,
    planets,
    posters,
    prints,
    seas,
    shoals,
    still_lifes,
)

Tones = TypeVar("Tones", Palette, Atmosphere)
Size: TypeAlias = tuple[int, int]

_UPRIGHT: tuple[Size, ...] = ((480, 640), (450, 640), (560, 640))
_SHEET: tuple[Size, ...] = ((640, 480), (600, 600), (720, 400), (640, 440))
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
    Motif("landscapes", "misty-mountains", landscapes.misty_mountains, ATMOSPHERES, grain=2),
    Motif("posters", "constructivist", posters.constructivist_poster, PALETTES, _UPRIGHT),
    Motif("patterns", "curved-tiles", patterns.curved_tiles, PALETTES),
    Motif("seas", "sailing-boats", seas.sailing_boats, ATMOSPHERES, grain=2),
    Motif("charts", "bars", charts.bar_chart, PALETTES, _SHEET),
    Motif("nights", "starry-hills", nights.starry_hills, NIGHTS, grain=2),
    Motif("botanicals", "sprigs", botanicals.sprigs, PALETTES, grain=2),
    Motif("maps", "contours", maps.contour_map, PALETTES),
    Motif("cities", "skyline", cities.skyline, NIGHTS, grain=2),
    Motif("prints", "terrazzo", prints.terrazzo, PALETTES),
    Motif("planets", "ringed-planet", planets.ringed_planet, NIGHTS, grain=2),
    Motif("posters", "typographic", posters.typographic_poster, PALETTES, _UPRIGHT),
    Motif("landscapes", "dunes", landscapes.dunes, ATMOSPHERES, grain=2),
    Motif("patterns", "herringbone", patterns.herringbone, PALETTES),
    Motif("still-lifes", "vases", still_lifes.vases, PALETTES, grain=2),
    Motif("charts", "lines", charts.line_chart, PALETTES, _SHEET),
    Motif("seas", "lighthouse", seas.lighthouse, ATMOSPHERES, grain=2),
    Motif("prints", "confetti", prints.confetti, PALETTES),
    Motif("balloons", "hot-air-balloons", balloons.hot_air_balloons, PALETTES, grain=2),
    Motif("patterns", "fans", patterns.fans, PALETTES),
    Motif("nights", "northern-lights", nights.northern_lights, NIGHTS, grain=2),
    Motif("charts", "areas", charts.area_chart, PALETTES, _SHEET),
    Motif("cities", "gabled-street", houses.gabled_street, PALETTES, grain=2),
    Motif("posters", "arcs", posters.arc_poster, PALETTES, _UPRIGHT),
    Motif("landscapes", "foggy-forest", landscapes.foggy_forest, ATMOSPHERES, grain=2),
    Motif("maps", "streets", maps.street_map, PALETTES),
    Motif("patterns", "folded-triangles", patterns.folded_triangles, PALETTES),
    Motif("botanicals", "meadow", botanicals.meadow, PALETTES, grain=2),
    Motif("charts", "scatter", charts.scatter_chart, PALETTES, _SHEET),
    Motif("planets", "moon-phases", planets.moon_phases, PALETTES),
    Motif("seas", "breaking-waves", seas.breaking_waves, ATMOSPHERES, grain=2),
    Motif("prints", "cut-outs", prints.cut_outs, PALETTES),
    Motif("shoals", "fish", shoals.shoal, PALETTES, grain=2),
    Motif("patterns", "quarter-circles", patterns.quarter_circles, PALETTES),
    Motif("charts", "donut", diagrams.donut_chart, PALETTES, _SHEET),
    Motif("posters", "sunset", posters.sunset_poster, PALETTES, _UPRIGHT),
    Motif("botanicals", "cacti", cacti.potted_cacti, PALETTES, grain=2),
    Motif("patterns", "swelling-lines", patterns.swelling_lines, PALETTES),
    Motif("planets", "orbits", planets.orbits, PALETTES, grain=2),
    Motif("charts", "heat-map", diagrams.heat_map, PALETTES, _SHEET),
    Motif("prints", "colour-fields", prints.colour_fields, PALETTES, grain=3),
)
"""In an order that mixes the families, so that a small gallery is varied too."""
