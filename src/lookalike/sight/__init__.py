"""The second look: two pictures compared with each other, pixel by pixel.

An embedding says how alike two pictures are; it cannot say whether one is a copy of the other. The second
look finds the movement that lays one picture on the other, measures how well they agree where they overlap,
and says so in words.

Only this package imports OpenCV, which takes a tenth of a second, and only once ``look`` or ``Sight`` is
used: a search that compares no two pictures never waits for it.

- ``looking`` takes two pictures and gives ``evidence``, with ``words`` for people. It works on ``small``
  pictures.
- Movements: ``glance`` first tells whether ``keypoints`` are worth finding. From these comes an
  ``alignment``; ``frames`` guess one without them.
- Agreement: ``windows`` and ``agreement`` compare where both pictures overlap. ``overlay`` asks whether what
  differs was laid over one of them, ``band`` whether along an edge, ``outline`` whether it ends on one
  only; ``colours`` whether they differ in colour only, ``edits`` whether an edit of the whole makes such
  colours, ``relief`` whether they differ where hardly anything is to be seen. ``parallax`` tells two photos
  of one scene, taken from two places, by following ``patches``. ``scoring`` makes one number of it.
- ``panels`` finds the pictures that one picture is put together from, as a collage is, ``insets`` one that is
  laid over another. ``places`` says what evidence about a panel says about the whole.
- ``landmarks`` find a picture among thousands that look alike, before any two of them are compared, by their
  ``votes``.
- The close look: ``closely`` compares at up to 1,024 pixels, by ``detail`` and ``residual``. ``moved`` tells
  whether a part of a photo has moved, ``elsewhere`` whether photos that differ also do so far from there,
  ``stuck`` whether something was stuck over the print of a page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lookalike.later import imported_later
from lookalike.sight.evidence import VERIFIED_SCORE, Evidence
from lookalike.sight.small import SMALL_SIDE, decode_small, encode_small, reduced, shows_more

if TYPE_CHECKING:
    from lookalike.sight.closely import Fine, looked_closely, same_closely
    from lookalike.sight.colours import one_is_paler
    from lookalike.sight.landmarks import LANDMARK_RULES, Landmarks, find_landmarks
    from lookalike.sight.looking import Sight, look
    from lookalike.sight.panels import PANEL_RULES, find_cells, find_panels, may_have_cells
    from lookalike.sight.places import Box, Place, in_first, in_second

__all__ = [
    "LANDMARK_RULES",
    "PANEL_RULES",
    "SMALL_SIDE",
    "VERIFIED_SCORE",
    "Box",
    "Evidence",
    "Fine",
    "Landmarks",
    "Place",
    "Sight",
    "decode_small",
    "encode_small",
    "find_cells",
    "find_landmarks",
    "find_panels",
    "in_first",
    "in_second",
    "look",
    "looked_closely",
    "may_have_cells",
    "one_is_paler",
    "reduced",
    "same_closely",
    "shows_more",
]

__getattr__ = imported_later(
    __name__,
    {
        "colours": ("one_is_paler",),
        "closely": ("Fine", "looked_closely", "same_closely"),
        "landmarks": ("LANDMARK_RULES", "Landmarks", "find_landmarks"),
        "looking": ("Sight", "look"),
        "panels": ("PANEL_RULES", "find_cells", "find_panels", "may_have_cells"),
        "places": ("Box", "Place", "in_first", "in_second"),
    },
)
