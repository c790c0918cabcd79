"""Edits that leave every pixel in its place: compression, brightness, colour, blur, noise."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter, ImageOps


def encode_jpeg(image: Image.Image, quality: int) -> Image.Image:
    """Save as JPEG at this quality (1 to 95) and read the file again."""
    file = BytesIO()
    image.save(file, "JPEG", quality=quality)
    return Image.open(file).convert("RGB")


def brighten(image: Image.Image, factor: float) -> Image.Image:
    """Multiply every channel by ``factor``, cut off at white; below 1 the picture gets darker."""
    return ImageEnhance.Brightness(image).enhance(factor)


def grey(image: Image.Image) -> Image.Image:
    """Take the colour out: each channel becomes the luma of ITU-R BT.601."""
    return image.convert("L").convert("RGB")


def blur(image: Image.Image, share: float) -> Image.Image:
    """Blur by a Gaussian whose deviation is this share of the shorter side, but a pixel at least."""
    return image.filter(ImageFilter.GaussianBlur(max(1.0, min(image.size) * share)))


def recolour(image: Image.Image, gains: tuple[float, float, float], saturation: float) -> Image.Image:
    """Change the white balance (a gain each for red, green and blue), then the saturation (1 keeps it)."""
    balanced = np.clip(np.asarray(image, dtype=np.float32) * np.asarray(gains, dtype=np.float32), 0, 255)
    return ImageEnhance.Color(Image.fromarray(np.round(balanced).astype(np.uint8))).enhance(saturation)


def posterise(image: Image.Image, bits: int) -> Image.Image:
    """Keep the highest ``bits`` (1 to 8) of the eight bits in each channel: 2 bits leave 64 colours."""
    return ImageOps.posterize(image, bits)


def add_noise(image: Image.Image, deviation: float, seed: int = 0) -> Image.Image:
    """Add Gaussian noise to every channel of every pixel.

    Args:
        image: RGB.
        deviation: standard deviation of the noise, in levels of 255.
        seed: the same seed gives the same noise.

    Returns:
        the noisy image; levels are cut off at black and white.
    """
    random = np.random.default_rng(seed)
    noise = random.standard_normal((image.height, image.width, 3), dtype=np.float32) * np.float32(deviation)
    noisy = np.clip(np.asarray(image, dtype=np.float32) + noise, 0, 255)
    return Image.fromarray(np.round(noisy).astype(np.uint8))
