"""Files of what ``LSHash`` has indexed: points and their extra_data, but no buckets.

Keys are made again from the points when a file is read, so a file fits any hyperplanes.
"""

from __future__ import annotations

import json
import reprlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lookalike.errors import UsageError
from lookalike.index import files
from lookalike.kernels.arrays import as_vectors

Points = NDArray[Any]  # float64: a point comes back as it was given, for which float32 will not do

_KIND = "lshash"
_ZIP = b"PK\x03\x04"  # how lshashpy3's files begin


def write(path: Path, points: Points, extra_data: list[Any]) -> None:
    """Save entries, whole or not at all.

    Args:
        path: where; an older file there is replaced.
        points: (n, dim) float64.
        extra_data: n values that JSON gives back unchanged.

    Raises:
        UsageError: JSON cannot hold some extra_data; nothing was written.
        OSError: the file cannot be written.
    """
    for row, extra in enumerate(extra_data):
        if not _json_keeps(extra):
            raise UsageError(
                f"extra_data of point {row}, {reprlib.repr(extra)}, cannot be saved: JSON must give it back "
                "unchanged, so use None, numbers, text, lists, and dicts with text as keys"
            )
    files.write(path, _KIND, {"extra_data": extra_data}, {"points": points})


def read(path: Path, dim: int) -> tuple[Points, list[Any]]:
    """Load entries.

    Args:
        path: a file that ``write`` wrote.
        dim: the length that its points must have.

    Returns:
        ``(points, extra_data)``: (n, dim) float64, and n values.

    Raises:
        UsageError: the points have another length, or the file is one of lshashpy3, which is a pickle.
        DamagedError: the file is not what ``write`` wrote.
    """
    if path.is_file():
        with path.open("rb") as file:
            if file.read(len(_ZIP)) == _ZIP:
                raise UsageError(
                    f"hash table file {path} looks like one of lshashpy3, a pickle, which can run any code "
                    "when it is loaded: give another file name, index the points again and save"
                )
    about, arrays = files.read(path, _KIND)
    with files.damage_reported(path):
        points, extra_data = arrays["points"], about["extra_data"]
        if points.ndim != 2 or not isinstance(extra_data, list) or len(points) != len(extra_data):
            raise ValueError("its points and extra_data do not fit together")
        as_vectors(points, points.shape[1])
    if points.shape[1] != dim:
        raise UsageError(
            f"hash table file {path} holds points of length {points.shape[1]}, not {dim}: "
            "give the same input_dim, or another file name"
        )
    return np.array(points, np.float64), extra_data


def _json_keeps(value: Any) -> bool:
    """Whether a value comes back from JSON as it was."""
    try:
        return bool(json.loads(json.dumps(value)) == value)
    except (TypeError, ValueError, RecursionError):
        return False
