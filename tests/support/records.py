"""Catalog records without files behind them: each number stands for an image with its own random vector."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from lookalike.kernels.arrays import Vectors
from lookalike.store import FileRecord, FileStamp, NewImage

DIM = 24
ROOT = Path("/pictures")
FINGERPRINT = "0123456789abcdef" * 2
"""Of the embedder that these vectors are said to be of."""


def sha256(number: int) -> bytes:
    """Of an image's pretended bytes."""
    return hashlib.sha256(f"image {number}".encode()).digest()


def vector(number: int) -> Vectors:
    """An image's embedding, (DIM,) float32 of length 1."""
    drawn = np.random.default_rng(number).standard_normal(DIM)
    return np.asarray(drawn / np.linalg.norm(drawn), np.float32)


def path(number: int) -> Path:
    """Where an image lies unless the test says otherwise."""
    return ROOT / f"{number:06d}.jpg"


def record(number: int, at: Path | None = None, *, known: bool = False, mtime_ns: int = 5) -> FileRecord:
    """A file that holds an image; without what was computed from it where the catalog should know it."""
    image = None if known else NewImage(sha256(number), "JPEG", 640, 480, vector(number), FINGERPRINT)
    return FileRecord(at or path(number), ROOT, FileStamp(1000 + number, mtime_ns), sha256(number), image)


def records(numbers: Iterable[int]) -> list[FileRecord]:
    """A file for each image."""
    return [record(number) for number in numbers]
