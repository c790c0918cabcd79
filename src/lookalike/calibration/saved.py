"""A calibration as a file in the collection's folder: arrays and facts in one ``.npz``, without pickle."""

from __future__ import annotations

import json
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from lookalike.calibration.background import Background
from lookalike.calibration.tail import Tail
from lookalike.disk import replacing

NAME = "calibration.npz"

_FORMAT = 2  # another number whenever levels or scores are computed in another way

_DAMAGED = (
    OSError,
    ValueError,
    TypeError,
    LookupError,
    EOFError,
    RuntimeError,
    MemoryError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)
"""What reading raises if the file is missing or does not hold what it should."""


def write(folder: Path, fingerprint: str, images: int, background: Background, own: Tail | None) -> None:
    """Write the parts of a calibration; an older file is replaced whole.

    Raises:
        OSError: it cannot be written.
    """
    facts: dict[str, Any] = {"format": _FORMAT, "fingerprint": fingerprint, "images": images}
    arrays: dict[str, Any] = {"rows": background.rows}
    if own is not None:
        facts |= {"scale": own.scale, "pairs": own.pairs}
        arrays |= {"scores": own.scores, "shares": own.shares}
    arrays["facts"] = np.array(json.dumps(facts))
    with replacing(folder / NAME) as file:
        np.savez(file, **arrays)


def read(folder: Path, fingerprint: str) -> tuple[int, Background, Tail | None] | None:
    """Read what ``write`` wrote.

    Returns:
        ``(images, background, own)``; None if there is no such file, it was made for another embedder or by
        another version, or it is damaged.
    """
    try:
        with (folder / NAME).open("rb") as file, np.load(file, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        facts = json.loads(str(arrays["facts"]))
        if (facts["format"], facts["fingerprint"]) != (_FORMAT, fingerprint):
            return None
        background, images = Background(arrays["rows"]), int(facts["images"])
        own = None
        if "scores" in arrays:
            own = Tail(arrays["scores"], arrays["shares"], float(facts["scale"]), int(facts["pairs"]))
    except _DAMAGED:
        return None
    sound = background.sound() and (own is None or own.sound()) and images >= 0
    return (images, background, own) if sound else None
