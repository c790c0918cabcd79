"""The teacher of copies: SSCD, which tells edited copies of a picture from other pictures.

SSCD (Pizzi et al., "A Self-Supervised Descriptor for Image Copy Detection", CVPR 2022) is run from an ONNX
file that takes ``image`` (n, side, side, 3) uint8 of any side and gives ``embedding`` (n, 512) float32.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from lookalike.disk import replacing
from lookalike.embed.preprocess import to_pixels
from lookalike.embed.sessions import open_session
from lookalike.kernels.arrays import Vectors
from lookalike.labs.learn.packed import Packed

FEATURES = 512
_AT_ONCE = 8
_KEEP_EVERY = 1024  # pictures


def teach(teacher: Path, pictures: Packed, sides: list[int], folder: Path, threads: int) -> Vectors:
    """The teacher's view of every untouched picture; what was computed before is taken from ``folder``.

    Args:
        teacher: the ONNX file.
        pictures: to look at.
        sides: pixels a side at which each source's pictures are looked at.
        folder: gets a file for every 1,024 pictures.
        threads: that look side by side.

    Returns:
        (len(pictures), 512) float32.
    """
    folder.mkdir(exist_ok=True)
    session = open_session(teacher.read_bytes(), teacher)

    def look(numbers: list[int]) -> Vectors:
        pixels = to_pixels(
            [pictures.image(number) for number in numbers], sides[pictures.sources[numbers[0]]]
        )
        return np.asarray(session.run(["embedding"], {"image": pixels})[0], np.float32)

    parts = []
    with ThreadPoolExecutor(threads) as pool:
        for start in range(0, len(pictures), _KEEP_EVERY):
            path = folder / f"{start:08d}.npy"
            if not path.exists():
                stop = min(start + _KEEP_EVERY, len(pictures))
                found = np.empty((stop - start, FEATURES), np.float32)
                groups = list(_groups(pictures, sides, start, stop))
                for numbers, features in zip(groups, pool.map(look, groups), strict=True):
                    found[np.array(numbers) - start] = features
                with replacing(path) as file:
                    np.save(file, found)
            parts.append(np.load(path, allow_pickle=False))
    return np.concatenate(parts)


def _groups(pictures: Packed, sides: list[int], start: int, stop: int) -> Iterator[list[int]]:
    """Numbers of pictures that are looked at together: of one side."""
    for side in sorted(set(sides)):
        members = [number for number in range(start, stop) if sides[pictures.sources[number]] == side]
        for first in range(0, len(members), _AT_ONCE):
            yield members[first : first + _AT_ONCE]
