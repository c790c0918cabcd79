"""Encoding of embeddings and paths as bytes in the database, and the checksums of its rows."""

from __future__ import annotations

import os
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lookalike.errors import RESTORE, DamagedError
from lookalike.images.files import picture_path
from lookalike.kernels.arrays import Vectors

_VECTOR_TYPE = np.dtype("<f4")


def stored(vector: Vectors) -> tuple[bytes, int]:
    """A vector, (dim,), as it is stored, with its checksum."""
    content = vector.astype(_VECTOR_TYPE).tobytes()
    return content, zlib.crc32(content)


def checksum_of(*values: bytes | str | int | None) -> int:
    """CRC-32 of the values of a row, each preceded by its length; numbers count as decimal text."""
    parts = (value if isinstance(value, bytes) else str(value).encode() for value in values)
    return zlib.crc32(b"".join(b"%d:%b" % (len(part), part) for part in parts))


def is_sound(vector: object, checksum: object) -> bool:
    """Whether a stored vector is what was stored; in a damaged file it can be of any type."""
    return isinstance(vector, bytes) and zlib.crc32(vector) == checksum


def is_usable(vector: bytes, size: int) -> bool:
    """Whether a stored vector has ``size`` bytes, all numbers finite and not all of them zero."""
    return len(vector) == size and 0 < float(np.abs(to_vector(vector)).max(initial=0)) < np.inf


def to_vector(stored: bytes) -> Vectors:
    """A stored vector, (dim,) float32."""
    return np.frombuffer(stored, _VECTOR_TYPE).astype(np.float32)


def to_path(stored: object) -> Path:
    """A stored path.

    Raises:
        DamagedError: it is no longer bytes.
    """
    if not isinstance(stored, bytes):
        raise DamagedError(f"the catalog holds a path that is none; {RESTORE}")
    return picture_path(os.fsdecode(stored))


def sound_vectors(rows: Sequence[tuple[Any, ...]], dim: int) -> Vectors:
    """The vectors of rows of (image id, vector, checksum), (rows, dim) float32.

    Raises:
        DamagedError: one does not match its checksum, is of another length, or holds NaN or infinity.
    """
    for image_id, vector, checksum in rows:
        if not is_sound(vector, checksum) or len(vector) != dim * _VECTOR_TYPE.itemsize:
            raise DamagedError(f"the stored vector of image {image_id} is damaged; run: lookalike verify")
    joined = b"".join(vector for _, vector, _ in rows)
    vectors = np.frombuffer(joined, _VECTOR_TYPE).reshape(-1, dim).astype(np.float32)
    finite = np.isfinite(np.einsum("ij->i", vectors, dtype=np.float64))
    if not finite.all():
        image_id = rows[int(np.flatnonzero(~finite)[0])][0]
        raise DamagedError(
            f"the network gave NaN or infinity for image {image_id}; run: lookalike verify --repair"
        )
    return vectors


def range_below(folder: Path) -> tuple[bytes, bytes, bytes]:
    """A folder and all that lies in it, which is not opened: ``path = ? OR (path >= ? AND path < ?)``."""
    # Every path inside starts with the folder and a separator; the range ends before the byte after that.
    separator = os.fsencode(os.sep)
    start = os.fsencode(folder).rstrip(separator) + separator
    return os.fsencode(folder), start, start[:-1] + bytes([separator[0] + 1])
