"""Damaged pictures of every format, decoded as the server does: a picture or one clear line, nothing else."""

from __future__ import annotations

import io
import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pi_heif
import pillow_heif
from tally import Attack

import hostile
from lookalike.errors import ImageError
from lookalike.images import Limits
from lookalike.images.decoders import Decoders

_LIMITS = Limits(pixels=4_000_000, decode_seconds=10)
_AT_ONCE = 2


def pictures(attack: Attack) -> None:
    """Flip, remove and repeat bytes of pictures, several at a time."""
    files, outcomes = _files(), Counter[str]()
    with Decoders(_AT_ONCE) as decoders, ThreadPoolExecutor(_AT_ONCE) as pool:

        def outcome(name: str, data: bytes) -> str:
            try:
                image = decoders.decode(data, limits=_LIMITS).image
            except ImageError as error:
                reason = str(error)
                if "ended by" in reason or "exit code" in reason:
                    outcomes["processes that a picture ended, and no other program"] += 1
                return "refused" if reason.isprintable() and len(reason) < 200 else f"{name}: {reason!r}"
            except Exception as error:  # noqa: BLE001 - nothing else may come out
                return f"{name}: {error!r}"
            sound = image.mode == "RGB" and image.width * image.height <= _LIMITS.pixels
            return "right" if sound else f"{name}: mode {image.mode}, {image.size}"

        while attack.goes_on:
            names = [attack.dice.choice(list(files)) for _ in range(50)]
            tries = [(name, _damaged(files[name], attack.dice)) for name in names]
            for (_, data), found in zip(tries, pool.map(lambda each: outcome(*each), tries), strict=True):
                if found == "refused":
                    attack.tally.refused += 1
                else:
                    attack.tally.judge(found == "right", f"{found} {len(data)} bytes")
    attack.tally.figures += [
        f"{len(files)} formats",
        *(f"{count} {what}" for what, count in outcomes.items()),
    ]


def _files() -> dict[str, bytes]:
    """A sound file of each kind."""
    picture = hostile.photo()
    frames = {"save_all": True, "append_images": [hostile.photo(seed=1)], "duration": 50}
    return {
        "JPEG": hostile.encoded(picture, "JPEG", exif=hostile.exif(6)),
        "progressive JPEG": hostile.encoded(picture, "JPEG", progressive=True),
        "PNG": hostile.encoded(picture, "PNG", exif=hostile.exif(6)),
        "palette PNG": hostile.encoded(picture.quantize(16), "PNG", transparency=3),
        "animated PNG": hostile.encoded(picture, "PNG", **frames),
        "GIF": hostile.encoded(picture, "GIF", **frames),
        "BMP": hostile.encoded(picture.quantize(16), "BMP"),
        "TIFF": hostile.encoded(picture, "TIFF", exif=hostile.exif(6)),
        "LZW TIFF": hostile.encoded(picture, "TIFF", compression="tiff_lzw"),
        "JPEG TIFF": hostile.encoded(picture, "TIFF", compression="jpeg"),
        "fax TIFF": hostile.encoded(picture.convert("1"), "TIFF", compression="group4"),
        "WebP": hostile.encoded(picture, "WEBP", exif=hostile.exif(6)),
        "lossless WebP": hostile.encoded(picture.convert("RGBA"), "WEBP", lossless=True),
        "animated WebP": hostile.encoded(picture, "WEBP", **frames),
        "AVIF": hostile.encoded(picture, "AVIF", exif=hostile.exif(6)),
        "HEIC": _heic(),
    }


def _heic() -> bytes:
    file = io.BytesIO()
    pillow_heif.from_pillow(hostile.photo()).save(file)
    assert pi_heif.is_supported(file.getvalue()[:64])
    return file.getvalue()


def _damaged(data: bytes, dice: random.Random) -> bytes:
    changed = bytearray(data)
    kind = dice.randrange(4)
    if kind == 0:  # a stretch is gone or repeated
        start = dice.randrange(8, len(data))
        end = min(len(data), start + dice.randrange(1, 64))
        return data[:start] + data[start:end] * dice.choice((0, 2, 3)) + data[end:]
    if kind == 1:
        return data[: dice.randrange(len(data))]
    for _ in range(dice.choice((1, 1, 2, 8, 30))):
        at = dice.randrange(min(len(data), 200) if dice.random() < 0.5 else len(data))
        changed[at] = dice.choice((0, 255, changed[at] ^ 1 << dice.randrange(8), dice.randrange(256)))
    return bytes(changed)
