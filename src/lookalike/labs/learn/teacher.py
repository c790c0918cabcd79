"""Features of the teacher, MobileNetV2 (``embed.providers.tflite``), for many pictures."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lookalike.embed.providers.tflite import MobileNet as Teacher
from lookalike.kernels.arrays import Vectors


def teach(teacher: Path, pictures: Sequence[NDArray[np.uint8]], processes: int) -> Vectors:
    """Features of many pictures, in several processes.

    Args:
        teacher: the TensorFlow Lite file.
        pictures: RGB arrays of any size.
        processes: how many work side by side.

    Returns:
        (len(pictures), 1280) float32.
    """
    with ProcessPoolExecutor(
        processes, mp_context=get_context("spawn"), initializer=_open, initargs=(teacher,)
    ) as pool:
        return np.stack(list(pool.map(_features, pictures, chunksize=32)))


_teacher: Teacher  # one a worker process


def _open(path: Path) -> None:
    global _teacher  # noqa: PLW0603
    _teacher = Teacher(path)


def _features(pixels: NDArray[np.uint8]) -> Vectors:
    return _teacher.features(Image.fromarray(pixels))
