"""Files of hyperplanes for ``LSHash``: one array per table in an ".npz" archive, as lshashpy3 keeps them."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from lookalike.disk import replacing
from lookalike.errors import DamagedError, UsageError
from lookalike.kernels import hyperplanes

Planes = NDArray[np.float64]

_UNREADABLE = (OSError, ValueError, EOFError, RuntimeError, MemoryError, zipfile.BadZipFile, zlib.error)


class Shape(NamedTuple):
    """How many hyperplanes of which length: tables, bits of a key, and length of a point."""

    tables: int
    bits: int
    dim: int


def draw(shape: Shape, seed: int) -> Planes:
    """Independent random hyperplanes.

    Returns:
        (tables, bits, dim) float64 unit normals.
    """
    normals = hyperplanes.gaussian(shape.dim, shape.tables * shape.bits, np.random.default_rng(seed))
    return normals.astype(np.float64).reshape(shape)


def write(path: Path, planes: Planes) -> None:
    """Save hyperplanes; the file appears whole or not at all.

    Args:
        path: where; an older file there is replaced.
        planes: (tables, bits, dim) float64.

    Raises:
        OSError: the file cannot be written.
    """
    with replacing(path) as file, zipfile.ZipFile(file, "w") as archive:
        for table, normals in enumerate(planes):
            # With leading zeros, programs that sort the names keep this order, too.
            with archive.open(f"table_{table:06}.npy", "w") as member:
                npy.write_array(member, normals, allow_pickle=False)


def read(path: Path, shape: Shape) -> Planes:
    """Load hyperplanes that ``write`` or lshashpy3 saved, in the order of the numbers in the arrays' names.

    Args:
        path: the file.
        shape: what it must hold.

    Returns:
        (tables, bits, dim) float64.

    Raises:
        DamagedError: the file is not such an archive.
        UsageError: it was made for another shape.
    """
    most_bytes = 16 * shape.bits * shape.dim + (1 << 16)  # of the widest floats, and a header
    planes = []
    try:
        with zipfile.ZipFile(path) as archive:
            members = {_number(member): member for member in archive.infolist()}
            fits = sorted(members) == list(range(shape.tables))
            fits = fits and all(member.file_size <= most_bytes for member in members.values())
            for table in range(shape.tables if fits else 0):
                with archive.open(members[table]) as member:
                    planes.append(npy.read_array(member, allow_pickle=False))
        if any(normals.dtype.kind != "f" or not np.isfinite(normals).all() for normals in planes):
            raise ValueError("its arrays are not finite floating-point numbers")
    except _UNREADABLE as error:
        raise DamagedError(
            f"matrices file {path} cannot be used: {error}; overwrite=True replaces it by new hyperplanes"
        ) from error
    if not fits or any(normals.shape != (shape.bits, shape.dim) for normals in planes):
        raise UsageError(
            f"matrices file {path} was not made for {shape.tables} tables of {shape.bits} bits and points of "
            f"length {shape.dim}: give the sizes it was made for, another file name, or overwrite=True"
        )
    return np.asarray(planes, np.float64)


def _number(member: zipfile.ZipInfo) -> int:
    """The 12 in "table_000012.npy", or in lshashpy3's "arr_12.npy"."""
    return int(member.filename.removesuffix(".npy").rpartition("_")[2])
