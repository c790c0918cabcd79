"""Arrays by name in one ``.npz`` file: what took long to compute and is kept for the next run."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lookalike.disk import replacing

Arrays = dict[str, NDArray[Any]]

DAMAGED = (OSError, ValueError, TypeError, EOFError, zipfile.BadZipFile, zlib.error)
"""What numpy raises for a file that is missing or does not hold what it should."""


def write_arrays(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write arrays to a file, replaced whole; its folder is made if it is missing.

    Raises:
        OSError: it cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]  # its flag for pickle is a keyword too


def read_arrays(path: Path, names: Collection[str]) -> Arrays | None:
    """Read what ``write_arrays`` wrote.

    Args:
        path: the file.
        names: arrays that it must hold.

    Returns:
        All arrays by name; None if there is no such file, or it is damaged or lacks a name: then what it
        held has to be computed again.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            found = {name: archive[name] for name in archive.files}
    except DAMAGED:
        return None
    return found if set(names) <= set(found) else None
