"""Which alterations, and how strong: the rows of the result."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from PIL import Image

from lookalike import alterations as alter

Change = Callable[[Image.Image, Image.Image], Image.Image]


@dataclass(frozen=True, slots=True)
class Edit:
    """One alteration at one strength.

    Attributes:
        name: of the alteration, the same for all its strengths.
        strength: as the functions of ``lookalike.alterations`` take it; None if there is only one.
        title: what was done, for people.
        detail: how much of it, to be read after ``title``; may be empty.
        mild: whether anyone would take the copy for the same picture; ``--require`` looks at these.
        quick: whether a quick run does it too.
        change: a picture, RGB and at least ``alter.SMALLEST_SIDE`` pixels a side, to its copy; the second
            picture is what the copy lies on, where it lies on one.
        on_ground: whether it does. The ground is in the collection, and a good answer too.
    """

    name: str
    strength: float | None
    title: str
    detail: str
    mild: bool
    quick: bool
    change: Change
    on_ground: bool = False

    @property
    def description(self) -> str:
        """One line for people, without a full stop."""
        return f"{self.title} {self.detail}".rstrip()

    @property
    def label(self) -> str:
        """Name and strength: ``crop 0.8``."""
        return self.name if self.strength is None else f"{self.name} {self.strength:.2g}"


@dataclass(frozen=True, slots=True)
class _Ladder:
    """An alteration with its strengths, from mild to rough.

    Attributes:
        name: see ``Edit``.
        title: see ``Edit``.
        detail: see ``Edit``; ``{value}`` or ``{percent}`` stand for the strength.
        change: a picture and a strength to the copy.
        strengths: those of a full run.
        mild: the first so many are mild.
        quick: the strengths that a quick run does.
    """

    name: str
    title: str
    detail: str
    change: Callable[[Image.Image, float], Image.Image]
    strengths: tuple[float, ...]
    mild: int
    quick: tuple[float, ...]

    def edits(self) -> Iterator[Edit]:
        for place, value in enumerate(self.strengths):
            yield Edit(
                self.name,
                value,
                self.title,
                self.detail.format(value=f"{value:g}", percent=f"{100 * value:.0f} %"),
                place < self.mild,
                value in self.quick,
                partial(_at, self.change, value),
            )


def edits(*, quick: bool) -> tuple[Edit, ...]:
    """The grid, or the part of it that a quick run does; the strengths of an alteration follow each other."""
    return tuple(edit for edit in _all_edits() if edit.quick or not quick)


def _all_edits() -> Iterator[Edit]:
    for ladder in _LADDERS:
        yield from ladder.edits()
    for name, mild in _NAMED.items():
        known = alter.ALTERATIONS[name]
        yield Edit(name, None, known.description, "", mild, quick=True, change=partial(_plain, known.change))
    for share in _PASTED_SHARES:
        yield Edit(
            "pasted",
            round(share, 3),
            "Pasted on another picture",
            f"at {share:.0%} of its width".replace("%", " %"),
            mild=False,
            quick=share == _PASTED_SHARES[-1],
            change=partial(_pasted, share),
            on_ground=True,
        )


def _at(
    change: Callable[[Image.Image, float], Image.Image], value: float, image: Image.Image, _: Image.Image
) -> Image.Image:
    return change(image, value)


def _plain(change: Callable[[Image.Image], Image.Image], image: Image.Image, _: Image.Image) -> Image.Image:
    return change(image)


def _pasted(share: float, image: Image.Image, ground: Image.Image) -> Image.Image:
    return alter.paste_on(image, ground, share)


def _saved(image: Image.Image, quality: float) -> Image.Image:
    return alter.encode_jpeg(image, int(quality))


_PASTED_SHARES = (0.7, math.sqrt(1 / 3))  # of width and height: half and a third of the area

_NAMED = {"grey": True, "warm": True, "flip": False, "screenshot": False}
"""Alterations of one strength, and whether they are mild."""

_LADDERS = (
    _Ladder("jpeg", "Saved as JPEG", "at quality {value}", _saved, (60, 40, 20, 10), 2, (40, 10)),
    _Ladder("resize", "Reduced", "to {percent} of its sides", alter.resize, (0.6, 0.4, 0.2), 2, (0.4,)),
    _Ladder("crop", "Cropped", "to {percent} of its area", alter.crop, (0.9, 0.8, 0.5, 0.3), 2, (0.8, 0.3)),
    _Ladder("pad", "Framed", "by {percent} of its sides", alter.pad, (0.1, 0.2, 0.4), 1, (0.1, 0.4)),
    _Ladder("rotate", "Turned", "by {value} degrees", alter.rotate, (2, 5, 10, 20), 1, (2, 10)),
    _Ladder("brightness", "Brightness", "times {value}", alter.brighten, (0.7, 1.3, 1.6), 2, (1.3,)),
    _Ladder("blur", "Blurred", "over {percent} of its side", alter.blur, (0.01, 0.02, 0.04), 1, (0.01, 0.04)),
    _Ladder("caption", "Captioned", "over its lowest {percent}", alter.caption, (0.1, 0.2), 1, (0.1,)),
    _Ladder(
        "text",
        "Written over",
        "for {percent} of its height",
        alter.write_over,
        (0.2, 1 / 3, 0.5),
        0,
        (1 / 3,),
    ),
)
