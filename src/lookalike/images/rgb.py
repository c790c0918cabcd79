"""Any pixel mode to 8-bit RGB, the way a person would see it."""

from __future__ import annotations

from PIL import Image

from lookalike.images.deep import deep_grey
from lookalike.images.ground import on_ground
from lookalike.images.profiles import to_srgb


def to_rgb(image: Image.Image) -> Image.Image:
    """Convert a decoded image of any mode.

    Transparent pixels are laid on the ground that ``ground`` chooses, mostly white. Deep greyscale is scaled
    to 8 bits, see ``deep``. CMYK with a colour profile is converted by it.

    Args:
        image: any mode that Pillow's decoders produce.

    Returns:
        A new image of mode ``RGB`` and the same size.
    """
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        image = deep_grey(image)
    if image.has_transparency_data:
        return on_ground(image)
    if image.mode == "CMYK":
        return to_srgb(image, image.info.get("icc_profile"))
    return image.convert("RGB")
