"""Whole random copies: a mild one and a hard one.

``mild`` is what image classifiers are usually trained on. ``hard`` is what happens to copies on the web
(Pizzi et al., "A Self-Supervised Descriptor for Image Copy Detection", CVPR 2022, section 4.3) and on phones.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from PIL import Image

from lookalike import alterations
from lookalike.labs.learn.editing import frames, marks, quality

Another = Callable[[], Image.Image]
"""Gives another picture, RGB, on which the edited one may be pasted."""

_Frame = Callable[[Image.Image, random.Random, Another], Image.Image]

_FRAMES: dict[_Frame, int] = {
    lambda image, draw, _: frames.crop(image, draw, 0.3, 0.9): 12,
    lambda image, draw, _: frames.crop(image, draw, 0.08, 0.4): 16,
    lambda image, draw, _: frames.pad(image, draw): 10,
    lambda image, draw, another: frames.paste(image, draw, another()): 18,
    frames.collage: 7,
    lambda image, draw, _: alterations.screenshot(image, draw.randint(40, 90)): 4,
    lambda image, draw, _: frames.phone(image, draw): 6,
    lambda image, draw, _: frames.perspective(image, draw): 7,
}
"""How the picture sits in the copy, with weights; the rest of 100 leaves it as it is."""


def mild(image: Image.Image, draw: random.Random) -> Image.Image:
    """Crop a little, mirror, recolour a little.

    Args:
        image: RGB, at least 32 pixels a side.
        draw: the source of all chance.

    Returns:
        a new RGB image, of another size.
    """
    image = frames.crop(image, draw, 0.4, 1.0)
    if draw.random() < 0.5:
        image = alterations.flip(image)
    if draw.random() < 0.6:
        image = quality.colour(image, draw, 0.3)
    if draw.random() < 0.15:
        image = quality.lose_detail(image, draw)
    return image


def hard(image: Image.Image, draw: random.Random, another: Another) -> Image.Image:
    """One to six edits at once: of direction, colour, by marks laid over, of frame, of quality.

    Args:
        image: RGB, at least 32 pixels a side.
        draw: the source of all chance.
        another: gives a picture on which this one may be pasted.

    Returns:
        a new RGB image, of another size.
    """
    if draw.random() < 0.3:
        image = alterations.flip(image)
    if draw.random() < 0.45:
        image = quality.colour(image, draw, 0.5)
    if draw.random() < 0.22:
        image = draw.choice(quality.RECOLOURINGS)(image, draw)
    if draw.random() < 0.3:
        image = draw.choice(marks.MARKS)(image, draw)
    if draw.random() < 0.3:
        image = draw.choice(frames.TURNS)(image, draw)
    (frame,) = draw.choices([*_FRAMES, _as_it_is], [*_FRAMES.values(), 100 - sum(_FRAMES.values())])
    image = frame(image, draw, another)
    if draw.random() < 0.4:
        image = quality.lose_detail(image, draw)
    return image


def _as_it_is(image: Image.Image, _draw: random.Random, _another: Another) -> Image.Image:
    return image
