"""Small pictures that look like nothing but themselves, drawn in a millisecond each.

Each has a ground, a pattern and a few shapes, all chosen by its seed alone, so that a search for one of them
has one right answer.
"""

from __future__ import annotations

import colorsys
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

FORMATS = (("png", "PNG"), ("jpg", "JPEG"), ("webp", "WEBP"))

Field = NDArray[np.float64]
Random = np.random.Generator


def draw(seed: int, width: int = 96, height: int = 72) -> Image.Image:
    """Draw a picture.

    Args:
        seed: the same seed and size give the same pixels.
        width: pixels.
        height: pixels.

    Returns:
        Mode RGB.
    """
    random = np.random.default_rng([20_240_229, seed])
    y, x = np.mgrid[0:height, 0:width] / max(width, height)
    pattern = _PATTERNS[seed % len(_PATTERNS)](x, y, random)[..., None]
    dark, light = _colours(random)
    ground = dark * (1 - pattern) + light * pattern
    image = Image.fromarray(ground.round().astype(np.uint8))
    for _ in range(random.integers(1, 5)):
        _shape(ImageDraw.Draw(image), width, height, random)
    return image


def write(folder: Path, count: int, *, first_seed: int = 0) -> list[Path]:
    """Write pictures as PNG, JPEG and WebP in turn.

    Args:
        folder: made where it is missing.
        count: how many.
        first_seed: of the first picture; the next ones follow.

    Returns:
        Their paths, by seed, which is also the order of the names.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for seed in range(first_seed, first_seed + count):
        suffix, form = FORMATS[seed % len(FORMATS)]
        paths.append(folder / f"picture-{seed:04d}.{suffix}")
        draw(seed).save(paths[-1], form, quality=95)
    return paths


def _colours(random: Random) -> tuple[Field, Field]:
    """Two colours far from each other."""
    hue = random.random()
    pair = (
        (hue, random.uniform(0.5, 1), random.uniform(0.1, 0.5)),
        ((hue + random.uniform(0.2, 0.8)) % 1, random.uniform(0.1, 0.9), random.uniform(0.7, 1)),
    )
    dark, light = (np.array(colorsys.hsv_to_rgb(*colour)) * 255 for colour in pair)
    return dark, light


def _shape(pen: ImageDraw.ImageDraw, width: int, height: int, random: Random) -> None:
    fill = tuple(int(part) for part in random.integers(0, 256, 3))
    centre_x, centre_y = random.uniform(0.15, 0.85) * width, random.uniform(0.15, 0.85) * height
    radius = random.uniform(0.08, 0.35) * height
    box = (centre_x - radius, centre_y - radius, centre_x + radius, centre_y + radius)
    kind = random.integers(5)
    if kind == 0:
        pen.ellipse(box, fill=fill, outline="black", width=2)
    elif kind == 1:
        pen.rectangle(box, fill=fill, outline="white", width=2)
    elif kind == 2:
        pen.arc(box, 30, 300, fill=fill, width=6)
    elif kind == 3:
        pen.line((0, centre_y, width, centre_x * height / width), fill=fill, width=5)
    else:
        corners, turn = int(random.integers(3, 8)), random.uniform(0, math.tau)
        reach = (radius * (1 if corner % 2 else 0.5) for corner in range(2 * corners))
        points = [
            (centre_x + length * math.cos(angle), centre_y + length * math.sin(angle))
            for length, angle in zip(reach, np.linspace(turn, turn + math.tau, 2 * corners), strict=True)
        ]
        pen.polygon(points, fill=fill, outline="black")


def _stripes(x: Field, y: Field, random: Random) -> Field:
    angle, rate = random.uniform(0, math.pi), random.uniform(20, 70)
    return np.where(np.sin(rate * (x * math.cos(angle) + y * math.sin(angle))) > 0, 1.0, 0.0)


def _rings(x: Field, y: Field, random: Random) -> Field:
    away = np.hypot(x - random.uniform(0, 1), y - random.uniform(0, 0.75))
    return np.asarray(0.5 + 0.5 * np.cos(away * random.uniform(20, 80)))


def _checks(x: Field, y: Field, random: Random) -> Field:
    rate = random.uniform(4, 14)
    return np.asarray((np.floor(x * rate) + np.floor(y * rate * random.uniform(0.5, 2))) % 2)


def _blobs(x: Field, y: Field, random: Random) -> Field:
    waves = [
        np.sin(a * x + b * y + c)
        for a, b, c in zip(*random.uniform(-16, 16, (2, 5)), random.uniform(0, 6, 5), strict=True)
    ]
    return np.where(np.sum(waves, axis=0) > 0.3, 1.0, 0.0)


def _gradient(x: Field, y: Field, random: Random) -> Field:
    angle = random.uniform(0, math.tau)
    slope = x * math.cos(angle) + y * math.sin(angle)
    return np.asarray((slope - slope.min()) / np.ptp(slope))


def _rays(x: Field, y: Field, random: Random) -> Field:
    turn = np.arctan2(y - random.uniform(0.2, 0.6), x - random.uniform(0.2, 0.8))
    return np.where(np.sin(turn * random.integers(4, 16)) > 0, 1.0, 0.0)


def _mosaic(x: Field, y: Field, random: Random) -> Field:
    rows, columns = random.integers(3, 9, 2)
    tiles = random.random((rows + 1, columns + 1))
    return np.asarray(tiles[(y * rows).astype(int), (x * columns).astype(int)])


_PATTERNS: tuple[Callable[[Field, Field, Random], Field], ...] = (
    _stripes,
    _rings,
    _checks,
    _blobs,
    _gradient,
    _rays,
    _mosaic,
)
