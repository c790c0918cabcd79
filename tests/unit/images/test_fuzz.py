"""Damaged copies of valid files: each decodes or is refused, and nothing else ever comes out.

The damage is drawn from a seed, so a file that once did something else stays in the set.
"""

from __future__ import annotations

import random

import pytest

import hostile
from lookalike.errors import ImageError
from lookalike.images import Limits, decode

_ROUNDS = 60
_LIMITS = Limits(pixels=4_000_000)  # a flipped bit may claim a size that is allowed but takes a second
_PICTURE = hostile.photo()
_FRAMES = {"save_all": True, "append_images": [hostile.photo(seed=1)], "duration": 50}
_FILES = {
    "jpeg": hostile.encoded(_PICTURE, "JPEG", exif=hostile.exif(6)),
    "progressive jpeg": hostile.encoded(_PICTURE, "JPEG", progressive=True),
    "png": hostile.encoded(_PICTURE, "PNG", exif=hostile.exif(6)),
    "palette png": hostile.encoded(_PICTURE.quantize(16), "PNG", transparency=3),
    "animated png": hostile.encoded(_PICTURE, "PNG", **_FRAMES),
    "gif": hostile.encoded(_PICTURE, "GIF", **_FRAMES),
    "bmp": hostile.encoded(_PICTURE.quantize(16), "BMP"),
    "tiff": hostile.encoded(_PICTURE, "TIFF", exif=hostile.exif(6)),
    "lzw tiff": hostile.encoded(_PICTURE, "TIFF", compression="tiff_lzw"),
    "jpeg tiff": hostile.encoded(_PICTURE, "TIFF", compression="jpeg"),
    "fax tiff": hostile.encoded(_PICTURE.convert("1"), "TIFF", compression="group4"),
    "webp": hostile.encoded(_PICTURE, "WEBP", exif=hostile.exif(6)),
    "lossless webp": hostile.encoded(_PICTURE.convert("RGBA"), "WEBP", lossless=True),
    "avif": hostile.encoded(_PICTURE, "AVIF", exif=hostile.exif(6)),
}


def _outcome(data: bytes) -> str:
    """``"decoded"`` or ``"refused"``; what should not happen is raised, warnings too."""
    try:
        decoded = decode(data, limits=_LIMITS)
    except ImageError as error:
        reason = str(error)
        return "refused" if reason.isprintable() and len(reason) < 200 else f"refused badly: {reason!r}"
    assert decoded.image.mode == "RGB"
    assert decoded.image.width * decoded.image.height <= _LIMITS.pixels
    return "decoded"


def _assert_quiet(kind: str, capfd: pytest.CaptureFixture[str]) -> None:
    """Nothing was printed, not by the C libraries either; only libtiff's own lines cannot be kept in."""
    printed = capfd.readouterr()
    assert printed.out == ""
    assert not printed.err or kind.endswith(" tiff")


@pytest.mark.parametrize("kind", _FILES)
def test_flipped_bytes(kind: str, capfd: pytest.CaptureFixture[str]) -> None:
    dice = random.Random(f"flip {kind}")
    data, outcomes = _FILES[kind], []
    for _ in range(_ROUNDS):
        damaged = bytearray(data)
        for _ in range(dice.choice((1, 1, 2, 8))):
            # Half of the damage goes to the head, where the structure is.
            at = dice.randrange(min(len(data), 200) if dice.random() < 0.5 else len(data))
            damaged[at] = dice.choice((0, 255, damaged[at] ^ 1 << dice.randrange(8), dice.randrange(256)))
        outcomes.append(_outcome(bytes(damaged)))
    assert set(outcomes) <= {"decoded", "refused"}
    assert "refused" in outcomes
    _assert_quiet(kind, capfd)


@pytest.mark.parametrize("kind", _FILES)
def test_removed_and_repeated_stretches(kind: str, capfd: pytest.CaptureFixture[str]) -> None:
    dice = random.Random(f"stretch {kind}")
    data, outcomes = _FILES[kind], []
    for _ in range(_ROUNDS // 2):
        start = dice.randrange(8, len(data))
        end = dice.randrange(start, min(len(data), start + 64)) + 1
        stretch = data[start:end] * dice.choice((0, 2, 3))
        outcomes.append(_outcome(data[:start] + stretch + data[end:]))
    assert set(outcomes) <= {"decoded", "refused"}
    # Uncompressed files lack a row or two then, and are taken.
    assert kind in ("bmp", "tiff") or "refused" in outcomes
    _assert_quiet(kind, capfd)


def test_bytes_without_any_structure_behind_each_signature() -> None:
    dice = random.Random("noise")
    for data in _FILES.values():
        for _ in range(10):
            noise = data[: dice.choice((4, 8, 16, 32))] + dice.randbytes(400)
            assert _outcome(noise) in ("decoded", "refused")
