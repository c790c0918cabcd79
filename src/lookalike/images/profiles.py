"""Colour profiles: pictures with wide-gamut or printing colours are converted to sRGB.

A picture without a profile is taken as sRGB. So is one whose profile says the same to within three levels,
which holds for nearly all that name sRGB: their pixels stay as they are.
"""

from __future__ import annotations

import io
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from PIL import ImageCms

_LONGEST = 4 << 20  # bytes; the profiles of printing presses have up to 3 MiB
_AS_GOOD_AS_SRGB = 3
_SPACES = {"RGB": "RGB", "CMYK": "CMYK"}


def to_srgb(image: Image.Image, profile: object) -> Image.Image:
    """Convert a picture to sRGB.

    Args:
        image: mode ``RGB`` or ``CMYK``.
        profile: an ICC profile as ``info`` holds it; one that is missing, damaged or of another colour space
            is left out of account.

    Returns:
        Mode ``RGB``.
    """
    if isinstance(profile, bytes) and 0 < len(profile) <= _LONGEST:
        transform = _transform(profile, image.mode)
        if transform is not None:
            return transform.apply(image)
    return image.convert("RGB")


@lru_cache(maxsize=32)
def _transform(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """What converts pixels of a mode to sRGB; None if nothing can or need."""
    from PIL import ImageCms  # noqa: PLC0415  (2 ms that pictures without a profile need not wait for)

    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if source.profile.xcolor_space.strip() != _SPACES[mode]:
            return None
        transform = ImageCms.ImageCmsTransform(
            source,
            ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")),
            mode,
            "RGB",
            ImageCms.Intent.RELATIVE_COLORIMETRIC,
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
        return None if mode == "RGB" and _changes_nothing(transform) else transform
    except (OSError, ValueError, ImageCms.PyCMSError):
        return None


def _changes_nothing(transform: ImageCms.ImageCmsTransform) -> bool:
    steps = np.linspace(0, 255, 6).astype(np.uint8)
    cube = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(1, -1, 3)
    after = np.asarray(transform.apply(Image.fromarray(cube)), int)
    return bool(np.abs(after - cube).max() <= _AS_GOOD_AS_SRGB)
