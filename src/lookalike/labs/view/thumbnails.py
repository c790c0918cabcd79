"""Small pictures, many on a sheet, so that a page can carry thousands of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageOps

from lookalike.labs.shared.pictures import read_all
from lookalike.labs.shared.progress import progress
from lookalike.settings import Settings

COLUMNS, ROWS = 32, 32
_QUALITY = 62
_MISSING = (128, 128, 128)
# Multiples of 16 pixels, the blocks that JPEG computes with, lest neighbours on a sheet run into each other.
_SIDES = ((4_000, 80), (8_000, 64), (16_000, 48))
_SMALLEST = 32


@dataclass(frozen=True, slots=True)
class Sheets:
    """Thumbnails in rows of 32, 32 rows a sheet, in the order of the pictures.

    Attributes:
        side: pixels a thumbnail.
        files: the sheets as JPEG.
        missing: how many pictures could not be read and are grey.
    """

    side: int
    files: list[bytes]
    missing: int


def make_sheets(paths: Sequence[Path], settings: Settings) -> Sheets:
    """Shrink pictures to squares, cut at the longer sides, the smaller the more there are: 12 MB for 16,000.

    Args:
        paths: of the pictures.
        settings: limits of pictures, and how many threads read.
    """
    side = next((side for most, side in _SIDES if len(paths) <= most), _SMALLEST)

    def shrink(images: list[Image.Image]) -> list[Image.Image]:
        return [ImageOps.fit(image, (side, side), Image.Resampling.LANCZOS) for image in images]

    sheets: list[Image.Image] = []
    missing = number = 0
    with progress("Shrinking pictures", len(paths)) as advance:
        for batch in read_all(paths, shrink, settings, at_least=side):
            tiles = iter(batch.made)
            for reason in batch.reasons:
                sheet, place = divmod(number, COLUMNS * ROWS)
                if not place:
                    rows = min(ROWS, -(-(len(paths) - number) // COLUMNS))
                    sheets.append(Image.new("RGB", (COLUMNS * side, rows * side), _MISSING))
                row, column = divmod(place, COLUMNS)
                if reason:
                    missing += 1
                else:
                    sheets[sheet].paste(next(tiles), (column * side, row * side))
                number += 1
            advance(len(batch.reasons))
    return Sheets(side, [_jpeg(sheet) for sheet in sheets], missing)


def _jpeg(sheet: Image.Image) -> bytes:
    file = BytesIO()
    sheet.save(file, "JPEG", quality=_QUALITY, optimize=True)
    return file.getvalue()
