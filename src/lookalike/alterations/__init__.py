"""Edited copies of pictures: cropped, re-encoded, recoloured, captioned, pasted, screenshot.

A search that has to find edited copies must be trained on some and measured with some. The demo, the
benchmarks, the robustness tests and the training of networks all take their edits from here, so that
"cropped to 80 %" means the same in each of them.

The functions take a strength: training draws it at random. ``ALTERATIONS`` gives names to fixed strengths.
``COPY_KINDS`` lists the 26 kinds of copy that embedders are compared by.

All images are RGB, and an image given is never changed. ``Alteration.apply`` and ``CopyKind`` check what they
are given; the functions themselves do not, and need at least ``SMALLEST_SIDE`` pixels in each direction.
"""

from __future__ import annotations

from lookalike.alterations.compositions import collage, paste_on
from lookalike.alterations.copy_kinds import COPY_KINDS, CopyKind
from lookalike.alterations.geometry import (
    Colour,
    Corners,
    crop,
    flip,
    pad,
    perspective,
    resize,
    rotate,
    thumbnail,
)
from lookalike.alterations.lettering import caption, write_over
from lookalike.alterations.screenshots import phone_screenshot, screenshot
from lookalike.alterations.stickers import SHAPES, Sticker, stick
from lookalike.alterations.table import ALTERATIONS, SMALLEST_SIDE, Alteration
from lookalike.alterations.tones import (
    add_noise,
    blur,
    brighten,
    encode_jpeg,
    grey,
    posterise,
    recolour,
)

__all__ = [
    "ALTERATIONS",
    "COPY_KINDS",
    "SHAPES",
    "SMALLEST_SIDE",
    "Alteration",
    "Colour",
    "CopyKind",
    "Corners",
    "Sticker",
    "add_noise",
    "blur",
    "brighten",
    "caption",
    "collage",
    "crop",
    "encode_jpeg",
    "flip",
    "grey",
    "pad",
    "paste_on",
    "perspective",
    "phone_screenshot",
    "posterise",
    "recolour",
    "resize",
    "rotate",
    "screenshot",
    "stick",
    "thumbnail",
    "write_over",
]
