"""The 26 kinds of copy that embedders are compared by.

Figures of two embedders can be compared only if both were tried on the same copies: whoever measures how
well copies are found takes this list, whole.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType

from PIL import Image

from lookalike.alterations.compositions import collage, paste_on
from lookalike.alterations.geometry import crop
from lookalike.alterations.table import ALTERATIONS, require_alterable


@dataclass(frozen=True, slots=True)
class CopyKind:
    """One way to make a copy of a picture, if need be together with a second picture.

    Attributes:
        name: short, for tables and file names.
        description: for people, without a full stop.
        make: the picture and the background to the copy, RGB each.
        shows_background: whether the background can be seen in the copy. If the collection holds it, it is a
            right answer too.
    """

    name: str
    description: str
    make: Callable[[Image.Image, Image.Image], Image.Image]
    shows_background: bool = False

    def __call__(self, image: Image.Image, background: Image.Image) -> Image.Image:
        """Make the copy; the same two pictures always give the same one.

        Args:
            image: RGB, at least 16 pixels wide and high; left as it is.
            background: another picture, of the same mode and least size; left as it is.

        Returns:
            a new RGB image, often of another size.

        Raises:
            UsageError: an image has another mode or is too small.
        """
        require_alterable(self.name, image)
        require_alterable(self.name, background)
        return self.make(image, background)


_PASTED_SHARE = math.sqrt(1 / 3)


def _pasted(image: Image.Image, background: Image.Image) -> Image.Image:
    """The picture over the middle third of the background's area."""
    return paste_on(image, background, _PASTED_SHARE)


def _in_collage(image: Image.Image, background: Image.Image) -> Image.Image:
    """The picture at the top left of four; the others are the background and two corners of it."""
    corners = [crop(background, 0.4, offset) for offset in ((0.0, 0.0), (1.0, 1.0))]
    return collage(image, [background, *corners])


def _alone(name: str) -> CopyKind:
    """A kind that needs the picture only."""
    alteration = ALTERATIONS[name]

    def make(image: Image.Image, _: Image.Image) -> Image.Image:
        return alteration.change(image)

    return CopyKind(name, alteration.description, make)


def _table(*kinds: CopyKind) -> MappingProxyType[str, CopyKind]:
    return MappingProxyType({kind.name: kind for kind in kinds})


COPY_KINDS = _table(
    *map(_alone, ("crop-80", "crop-50", "crop-30", "crop-15", "crop-10")),
    CopyKind("pasted", "Pasted over a third of another picture", _pasted, shows_background=True),
    CopyKind("collage", "One of four in a collage", _in_collage, shows_background=True),
    *map(_alone, ("pad", "rotate", "rotate-30", "rotate-90", "rotate-180", "flip", "perspective")),
    *map(_alone, ("grey", "blur", "warm", "posterise", "noise", "jpeg-10", "thumbnail-64")),
    *map(_alone, ("caption", "text", "stickers", "screenshot", "phone-screenshot")),
)
"""The kinds by name. Do not change one, add one or drop one: published figures would mean something else."""
