"""Parts of a folder's pictures, described and kept in files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lookalike.labs.shared.arrays import read_arrays, write_arrays
from lookalike.labs.shared.classic_hashes import ALL_HASHES
from lookalike.labs.shared.described import Described


@dataclass(frozen=True, slots=True)
class Part:
    """Some of a folder's files.

    Attributes:
        places: (n,) int64, which files are readable pictures, ascending.
        sides: (n,) int64, pixels of the shorter side of each as it was described.
        described: what each method knows of them, one row per picture; None if n is 0.
        lost: the other files, and why.
    """

    places: NDArray[np.int64]
    sides: NDArray[np.int64]
    described: Described | None
    lost: dict[int, str]


def write_part(part: Part, path: Path) -> None:
    """Write a part to a file, replaced whole."""
    arrays: dict[str, NDArray[Any]] = {
        "places": part.places,
        "sides": part.sides,
        "lost": np.array(list(part.lost), np.int64),
        "reasons": np.array(list(part.lost.values()), np.str_),
    }
    if part.described is not None:
        arrays |= {"embeddings": part.described.embeddings, **part.described.hashes}
    write_arrays(path, arrays)


def read_part(path: Path) -> Part | None:
    """Read what ``write_part`` wrote; None if there is no such file, or a damaged one."""
    arrays = read_arrays(path, ("places", "sides", "lost", "reasons"))
    if arrays is None:
        return None
    described = None
    if "embeddings" in arrays:
        described = Described(arrays["embeddings"], {name: arrays[name] for name in ALL_HASHES})
    lost = dict(zip(arrays["lost"].tolist(), arrays["reasons"].tolist(), strict=True))
    return Part(arrays["places"], arrays["sides"], described, lost)
