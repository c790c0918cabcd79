"""A gallery of drawn pictures, for a first try of the search without pictures of one's own.

Drawn pictures need no download and no licence, and the same seed draws the same gallery anywhere.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from lookalike.demo.repertoire import MOTIFS
from lookalike.errors import UsageError, reason_of

_ENCODINGS: tuple[tuple[str, dict[str, Any]], ...] = (
    (".jpg", {"quality": 90}),
    (".png", {"compress_level": 3}),
    (".webp", {"quality": 90, "method": 2}),
)


PICTURES = 120
"""Pictures of the demo's gallery."""

_SEED = 7


def draw_gallery(folder: Path, count: int = PICTURES) -> list[Path]:
    """Draw pictures into ``folder``, with one subfolder for each family of motifs.

    Args:
        folder: created if missing; files of the same names are replaced.
        count: number of pictures.

    Returns:
        the files in the order they were drawn: JPEG if the motif has film grain, else PNG or WebP.

    Raises:
        UsageError: ``count`` below 1, or the folder cannot be written.
    """
    if count < 1:
        raise UsageError(f"a gallery needs at least 1 picture, not {count}")
    paths = []
    for number in range(count):
        picture, name = draw_picture(number, _SEED)
        grainy = MOTIFS[number % len(MOTIFS)].grain > 0
        suffix, options = _ENCODINGS[0 if grainy else 1 + number % 2]
        path = folder / f"{name}{suffix}"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            picture.save(path, **options)
        except OSError as error:
            raise UsageError(
                f"picture {path} cannot be written: {reason_of(error)}; name another folder"
            ) from error
        paths.append(path)
    return paths


def draw_picture(number: int, seed: int) -> tuple[Image.Image, str]:
    """Draw picture ``number`` of the gallery of this seed.

    Args:
        number: 0 or more; the motifs take turns.
        seed: 0 or more.

    Returns:
        the RGB picture, and its name as ``family/motif-edition-colours``.

    Raises:
        UsageError: ``number`` or ``seed`` below 0.
    """
    if number < 0 or seed < 0:
        raise UsageError(f"a picture's number and seed must be 0 or more, not {number} and {seed}")
    edition, turn = divmod(number, len(MOTIFS))
    motif = MOTIFS[turn]
    order = np.random.default_rng([seed, turn]).permutation(len(motif.tones))
    tone = int(order[edition % len(order)])
    picture = motif.picture(tone, np.random.default_rng([seed, turn, edition]))
    return picture, f"{motif.folder}/{motif.name}-{edition + 1:02d}-{motif.tones[tone].name}"
