"""The gate through which callers' arrays enter: shape, type and finiteness are checked here, once."""

from __future__ import annotations

import math
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from lookalike.errors import UsageError

Vectors = NDArray[np.float32]
Ids = NDArray[np.int64]
_Array = TypeVar("_Array", bound=NDArray[Any])

LARGEST_VALUE = 1e15  # squares of 512 such values still add up in float32
_UPPER_HALF = np.uint32(0xFFFF0000)
_FEW = 1 << 14  # components of so few vectors that numpy's calls take longer than its arithmetic


def as_vectors(values: ArrayLike, dim: int) -> Vectors:
    """Check vectors and return them as float32 rows.

    Args:
        values: (n, dim), or (dim,) for a single vector; any real numeric type.
        dim: the expected length of a row.

    Returns:
        (n, dim) float32, C order; not a copy if the caller's array is already like that.

    Raises:
        UsageError: wrong shape, not numbers, or a value beyond ``LARGEST_VALUE``, infinite or NaN.
    """
    try:
        vectors = np.asarray(values)
    except ValueError as error:
        raise UsageError(f"vectors must form an array of shape (n, {dim}): {error}") from error
    if vectors.dtype.kind not in "fiub":
        raise UsageError(f"vectors must be real numbers, not {vectors.dtype}")
    if vectors.dtype != np.float32 or not vectors.flags.c_contiguous:
        with np.errstate(over="ignore"):
            vectors = np.ascontiguousarray(vectors, dtype=np.float32)
    if np.ndim(values) == 1 and vectors.size == dim:
        vectors = vectors.reshape(1, dim)
    if vectors.ndim != 2 or vectors.shape[1] != dim:
        raise UsageError(f"vectors must have shape (n, {dim}), not {np.shape(values)}")
    # NaN compares false with everything, so it fails these tests as well. The first is faster for few.
    if vectors.size <= _FEW and np.vdot(vectors, vectors) <= LARGEST_VALUE**2:
        return vectors
    largest = np.abs(vectors).max(initial=0)
    if not largest <= LARGEST_VALUE:
        row = int(np.flatnonzero(~(np.abs(vectors).max(axis=1) <= LARGEST_VALUE))[0])
        raise UsageError(f"vectors must be finite and within ±{LARGEST_VALUE:g}; row {row} is not")
    return vectors


def as_ids(values: ArrayLike) -> Ids:
    """Check ids and return them as a (n,) int64 array.

    Args:
        values: (n,), or one id.

    Raises:
        UsageError: not whole numbers, not in one row, negative, beyond int64, or the same id twice.
    """
    try:
        ids = np.asarray(values)
    except ValueError as error:
        raise UsageError(f"ids must form an array of shape (n,): {error}") from error
    if ids.ndim > 1:
        raise UsageError(f"ids must have shape (n,), not {ids.shape}")
    if ids.size == 0:
        return np.empty(0, np.int64)
    if ids.dtype.kind not in "iu":
        raise UsageError(f"ids must be whole numbers, not {ids.dtype}")
    if ids.max() > np.iinfo(np.int64).max:
        raise UsageError(f"ids must fit in 63 bits; {ids.max()} does not")
    ids = np.ascontiguousarray(ids.reshape(-1), dtype=np.int64)
    if ids.min() < 0:
        raise UsageError(f"ids must be 0 or more; {ids.min()} is not (-1 marks an empty place in answers)")
    ordered = np.sort(ids)  # not np.unique, which makes numpy import its masked arrays
    again = ordered[1:][ordered[1:] == ordered[:-1]]
    if len(again):
        raise UsageError(f"ids must differ; {again[0]} occurs more than once")
    return ids


def unit_rows(vectors: Vectors) -> Vectors:
    """Scale each row to length 1; rows of zeros stay as they are.

    Args:
        vectors: (n, dim) float32.

    Returns:
        (n, dim) float32.
    """
    lengths = np.sqrt(np.einsum("ij,ij->i", vectors, vectors, dtype=np.float64))
    if not lengths.all():
        lengths[lengths == 0] = 1
    return np.asarray(vectors / lengths[:, None], np.float32)


def shortened(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Round float32 numbers to the nearest of those whose lower 16 bits are zero, which bfloat16 holds.

    Such numbers have 8 significant bits. Computing with them takes half the memory, see ``products``.
    """
    bits = values.view(np.uint32)
    return np.asarray(((bits + np.uint32(0x8000)) & _UPPER_HALF).view(np.float32))


def is_short(values: NDArray[np.float32]) -> bool:
    """Whether all numbers are as ``shortened`` makes them."""
    return not (values.view(np.uint32) & ~_UPPER_HALF).any()


def frozen(array: _Array) -> _Array:
    """Make a read-only view of an array.

    numba compiles a function anew for each combination of argument types, and whether an array is read-only
    is part of its type. Arrays mapped from a file are read-only, so those in memory are passed as read-only
    too, and every kernel is compiled once.
    """
    view = array.view()
    view.flags.writeable = False
    return view


def room_on_lines(shape: tuple[int, ...], kind: DTypeLike) -> NDArray[Any]:
    """Allocate an array, with anything in it, at an address that is a multiple of 64 bytes.

    That is the length of a line of cache, so reading a row of 64 bytes (a sketch) touches one line, not two.
    """
    nbytes = math.prod(shape) * np.dtype(kind).itemsize
    raw = np.empty(nbytes + 64, np.uint8)
    start = -raw.ctypes.data % 64
    return raw[start : start + nbytes].view(kind).reshape(shape)


def on_lines(array: _Array) -> _Array:
    """Copy an array to an address that is a multiple of 64 bytes; see ``room_on_lines``."""
    copy = room_on_lines(array.shape, array.dtype)
    copy[...] = array
    return cast(_Array, copy)
