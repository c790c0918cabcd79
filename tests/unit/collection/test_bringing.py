"""Vectors that other programs made: whatever their file holds, it is read or refused with one line."""

from __future__ import annotations

import io
import random
import re
import warnings
from pathlib import Path

import numpy as np
import pytest

from lookalike.collection.bringing import BroughtVectors
from lookalike.errors import ImageError, UsageError

IDS = "a.png\nb.png\nc.png\n"


def _headed(descr: str, shape: str) -> bytes:
    """A file of 96 bytes of numbers under a header of any kind (NEP 1)."""
    head = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}".encode()
    head += b" " * (-(10 + len(head) + 1) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head + bytes(96)


def _archive() -> bytes:
    file = io.BytesIO()
    np.savez(file, a=np.ones((3, 8)))
    return file.getvalue()


HOSTILE = {
    "objects": _headed("'|O'", "(3, 8)"),
    "more rows than the file has": _headed("'<f4'", "(1000000000000, 8)"),
    "a size that no number holds": _headed("'<f4'", f"({10**30}, 8)"),
    "a product that overflows": _headed("'<f4'", f"(3, {10**18})"),
    "less than nothing": _headed("'<f4'", "(3, -8)"),
    "a truth for a number": _headed("'<f4'", "(True, 8)"),
    "deep brackets": _headed("'<f4'", "(" * 300),
    "no numbers": _headed("'<U8'", "(3, 1)"),
    "fields": _headed("[('a', '<f4')]", "(24,)"),
    "complex numbers": _headed("'<c8'", "(3, 4)"),
    "one dimension": _headed("'<f4'", "(24,)"),
    "no columns": _headed("'<f4'", "(3, 0)"),
    "an archive": _archive(),
    "half an archive": b"PK\x03\x04" + bytes(100),
    "a pickle": b"\x80\x04]\x94.",
    "nothing": b"",
}


@pytest.mark.parametrize("name", list(HOSTILE))
def test_hostile_files_are_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / "ids").write_text(IDS)
    (tmp_path / "vectors.npy").write_bytes(HOSTILE[name])
    with pytest.raises(UsageError, match=re.escape(str(tmp_path / "vectors.npy"))) as caught:
        BroughtVectors.read(tmp_path / "vectors.npy", tmp_path / "ids", tmp_path)
    assert "\n" not in str(caught.value)


def test_damaged_headers_raise_nothing_else_and_warn_of_nothing(tmp_path: Path) -> None:
    (tmp_path / "ids").write_text(IDS)
    file = io.BytesIO()
    np.save(file, np.ones((3, 8), np.float32))
    whole, dice, read = file.getvalue(), random.Random(5), 0
    signs = [*range(256), *b"()[]{}'0123456789,-:L" * 10]
    for _ in range(400):
        damaged = bytearray(whole)
        for _ in range(dice.choice((1, 1, 2, 5))):
            damaged[dice.randrange(6, 128)] = dice.choice(signs)
        (tmp_path / "vectors.npy").write_bytes(damaged)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                brought = BroughtVectors.read(tmp_path / "vectors.npy", tmp_path / "ids", tmp_path)
                read += len(brought.vector(tmp_path / "a.png")) == 8
            except (UsageError, ImageError):
                pass
    assert 0 < read < 200
