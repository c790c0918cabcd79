"""Records: the files and images that are written into the catalog."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from lookalike.kernels.arrays import Vectors

_LARGEST_INTEGER = (1 << 63) - 1


@dataclass(frozen=True, slots=True)
class FileStamp:
    """What tells, without reading a file, that it has not changed."""

    size: int
    mtime_ns: int

    def __post_init__(self) -> None:
        # A file can claim to be of the year 2300, which SQLite's integers do not reach in nanoseconds.
        object.__setattr__(self, "mtime_ns", max(-_LARGEST_INTEGER, min(self.mtime_ns, _LARGEST_INTEGER)))


class NewImage(NamedTuple):
    """An image that was read and embedded.

    Attributes:
        sha256: of the file's bytes.
        format: as ``"JPEG"``.
        width: pixels, upright.
        height: pixels, upright.
        vector: (dim,) float32.
        fingerprint: of the embedder that made the vector.
        small: its small picture, encoded; None if none is to be kept.
        remark: what is wrong with its file, in words for people; empty if nothing is.
    """

    sha256: bytes
    format: str
    width: int
    height: int
    vector: Vectors
    fingerprint: str
    small: bytes | None = None
    remark: str = ""


class FileRecord(NamedTuple):
    """A file to record as a place where an image lies.

    Attributes:
        path: absolute.
        root: what a person named when this file was met.
        stamp: the file's size and time when it was read.
        sha256: of its bytes.
        image: what was computed from it; None where the catalog knows these bytes already.
    """

    path: Path
    root: Path
    stamp: FileStamp
    sha256: bytes
    image: NewImage | None


@dataclass(slots=True)
class Recorded:
    """What recording files came to.

    Attributes:
        added: images that are new.
        unchanged: files that hold the same image as before.
        unwanted: files not recorded, because their image was removed for good.
        lost: files not recorded, because an image that was known when they were read has been removed since.
    """

    added: int = 0
    unchanged: int = 0
    unwanted: int = 0
    lost: list[Path] = field(default_factory=list)
