"""Where a panel lies in a picture, and what evidence about the one says about the other."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from PIL import Image

from lookalike.sight.evidence import Evidence, Mask, Matrix
from lookalike.sight.words import describe

_SHOWN, _SHOWN_DRAWN = 0.35, 0.6
"""Share of a picture that a panel must show to be a copy of it, and that a drawn panel must. Two fillings of
one form share panels, which show less of the form: of 870 pairs of pages, drawings and photos of one kind
each, 32 share a panel. Of the other picture it shows 0.15 if it is a photo, and 0.49 at most if drawn."""


_MOST_OF_SIDE = 0.7  # of a picture, that a panel must not fill for words to tell on which side it lies
_MIDDLE = 0.4, 0.6  # where the middle of a panel lies that is on neither side


class Box(NamedTuple):
    """Where a panel lies: shares of the picture's width and height, from the top left corner."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def share(self) -> float:
        """Share of the picture's area that the panel takes."""
        return (self.right - self.left) * (self.bottom - self.top)

    @property
    def words(self) -> str:
        """Where it lies, as "the upper left" or "the middle"."""
        across = _side(self.left, self.right, ("left", "middle", "right"))
        down = _side(self.top, self.bottom, ("upper", "middle", "lower"))
        if across and down:
            return "the middle" if across == down else f"the {down} {across}"
        return f"the {down or across} part" if down or across else "the middle"

    def cut_out(self, image: Image.Image) -> Image.Image:
        """The panel of a picture of any size; at least a pixel a side."""
        left, top = round(self.left * image.width), round(self.top * image.height)
        right, bottom = round(self.right * image.width), round(self.bottom * image.height)
        return image.crop((left, top, max(right, left + 1), max(bottom, top + 1)))


def _side(start: float, end: float, words: tuple[str, str, str]) -> str:
    """Which of three words tells where a stretch lies between 0 and 1; empty if it fills most of that."""
    middle = (start + end) / 2
    if end - start > _MOST_OF_SIDE:
        return ""
    return words[int(middle > _MIDDLE[0]) + int(middle > _MIDDLE[1])]


class Place(NamedTuple):
    """Where a panel lies in a picture.

    Attributes:
        box: in shares of the picture.
        panel: height and width of the panel as the second look sees it.
        whole: height and width of the picture as the second look sees it.
        drawn: whether the panel is drawn, and no photo.
    """

    box: Box
    panel: tuple[int, ...]
    whole: tuple[int, ...]
    drawn: bool = False

    @property
    def enough(self) -> float:
        """Share of another picture that the panel must show to be a copy of it."""
        return _SHOWN_DRAWN if self.drawn else _SHOWN

    @property
    def movement(self) -> Matrix:
        """From pixels of the panel to those of the picture, (3, 3) float64."""
        across = (self.box.right - self.box.left) * self.whole[1] / self.panel[1]
        down = (self.box.bottom - self.box.top) * self.whole[0] / self.panel[0]
        left, top = self.box.left * self.whole[1], self.box.top * self.whole[0]
        return np.array(
            [[across, 0.0, left + across / 2 - 0.5], [0.0, down, top + down / 2 - 0.5], [0.0, 0.0, 1.0]]
        )

    def spread(self, mask: Mask) -> Mask:
        """A mask of the panel, as one of the picture."""
        spread = np.zeros(self.whole, np.bool_)
        if mask.size:
            top, left = round(self.box.top * self.whole[0]), round(self.box.left * self.whole[1])
            inside = spread[
                top : round(self.box.bottom * self.whole[0]), left : round(self.box.right * self.whole[1])
            ]
            rows, columns = (
                np.arange(side) * length // max(side, 1)
                for side, length in zip(inside.shape, mask.shape, strict=True)
            )
            inside[:] = mask[np.ix_(rows, columns)]
        return spread


def in_second(evidence: Evidence, place: Place) -> Evidence | None:
    """Evidence whose second picture is a panel, as evidence about the picture that the panel is part of.

    Returns:
        None if the panel shows too little of the first picture.
    """
    if evidence.matrix is None or evidence.first_shown < place.enough:
        return None
    shown = evidence.first_shown, evidence.second_shown * place.box.share
    return _restated(evidence, shown, place.spread(evidence.differs), place.movement @ evidence.matrix)


def in_first(evidence: Evidence, place: Place) -> Evidence | None:
    """Evidence whose first picture is a panel, as evidence about the picture that the panel is part of.

    Returns:
        None if the panel shows too little of the second picture.
    """
    if evidence.matrix is None or evidence.second_shown < place.enough:
        return None
    shown = evidence.first_shown * place.box.share, evidence.second_shown
    matrix = evidence.matrix @ np.linalg.inv(place.movement)
    return _restated(evidence, shown, evidence.differs, matrix, place.box.words)


def _restated(
    evidence: Evidence, shown: tuple[float, float], differs: Mask, matrix: Matrix, where: str = ""
) -> Evidence:
    before = evidence.first_shown, evidence.second_shown
    said = describe(evidence.turned, evidence.mirrored, before, evidence.differs)
    others = [word for word in evidence.words if word not in said]
    return replace(
        evidence,
        first_shown=shown[0],
        second_shown=shown[1],
        differs=differs,
        words=(*describe(evidence.turned, evidence.mirrored, shown, differs, where), *others),
        matrix=matrix / matrix[2, 2],
    )
