"""Training pictures of several sources in one file: decoded, made small, and kept as JPEG."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lookalike.disk import replacing
from lookalike.errors import ImageError, UsageError
from lookalike.images import Limits, decode, read_file
from lookalike.labs.learn.recipe import Source

LONGEST = 320  # pixels: what a network of 224 px a side can still use of a crop
ENLARGED = 96  # pixels: a smaller picture is enlarged first, so that text and JPEG blocks have a size
_FEWEST_PIXELS = 32  # a side: less is an icon
_LONGEST_SHAPE = 4.0  # times longer than wide: more is a strip
_FLATTEST = 8.0  # standard deviation of pixel values: less shows nothing
_QUALITY = 93
_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")


@dataclass(frozen=True, slots=True)
class Packed:
    """Pictures in one array, read from the disk as they are needed.

    Attributes:
        names: relative paths, for checks.
        sources: (n,) int64, the source's number.
        starts: (n + 1,) int64, where each JPEG begins in ``content``.
        content: uint8, all JPEGs.
    """

    names: list[str]
    sources: NDArray[np.int64]
    starts: NDArray[np.int64]
    content: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.names)

    def image(self, number: int) -> Image.Image:
        """A picture, RGB, at least 96 pixels a side."""
        jpeg = self.content[self.starts[number] : self.starts[number + 1]].tobytes()
        image = Image.open(BytesIO(jpeg)).convert("RGB")
        if min(image.size) >= ENLARGED:
            return image
        factor = ENLARGED / min(image.size)
        return image.resize((round(image.width * factor), round(image.height * factor)))


def pack(sources: Sequence[Source], data: Path, folder: Path, seed: int, threads: int) -> Packed:
    """Read all sources once, in random order; what was packed before is taken from ``folder``.

    Args:
        sources: of the recipe.
        data: holds their folders.
        folder: gets ``pictures.json`` and ``pictures.bin``.
        seed: of choice and order.
        threads: that decode.

    Raises:
        UsageError: a source has no pictures.
    """
    index, content = folder / "pictures.json", folder / "pictures.bin"
    if not index.exists():
        _write(list(_chosen(sources, data, seed)), data, index, content, threads)
    kept = json.loads(index.read_text())
    return Packed(
        kept["names"],
        np.array(kept["sources"], np.int64),
        np.array(kept["starts"], np.int64),
        np.memmap(content, np.uint8, "r"),
    )


def _chosen(sources: Sequence[Source], data: Path, seed: int) -> Iterator[tuple[int, str]]:
    draw = random.Random(seed)
    chosen = []
    for number, source in enumerate(sources):
        if source.listed:
            names = (data / source.listed).read_text().split()
        else:
            found = (data / source.folder).rglob("*")
            names = sorted(
                str(path.relative_to(data / source.folder))
                for path in found
                if path.suffix.lower() in _SUFFIXES
            )
        if not names:
            raise UsageError(f"there are no pictures in {data / source.folder}")
        draw.shuffle(names)
        chosen += [(number, f"{source.folder}/{name}") for name in names[: source.most or None]]
    draw.shuffle(chosen)
    yield from chosen


def _write(chosen: list[tuple[int, str]], data: Path, index: Path, content: Path, threads: int) -> None:
    names, numbers, starts = [], [], [0]
    with ThreadPoolExecutor(threads) as pool, replacing(content) as file:
        jpegs = pool.map(lambda picture: _small(data / picture[1]), chosen)
        for (number, name), jpeg in zip(chosen, jpegs, strict=True):
            if jpeg is not None:
                file.write(jpeg)
                names.append(name)
                numbers.append(number)
                starts.append(starts[-1] + len(jpeg))
    with replacing(index) as file:
        file.write(json.dumps({"names": names, "sources": numbers, "starts": starts}).encode())


def _small(path: Path) -> bytes | None:
    """A picture as JPEG; None if it cannot be read, or if there is nothing to learn from it."""
    limits = Limits()
    try:
        image = decode(read_file(path, limits), limits=limits).image
    except ImageError:
        return None
    shape = max(image.size) / min(image.size)
    if min(image.size) < _FEWEST_PIXELS or shape > _LONGEST_SHAPE or np.asarray(image).std() < _FLATTEST:
        return None
    image.thumbnail((LONGEST, LONGEST), Image.Resampling.BICUBIC)
    file = BytesIO()
    image.save(file, "JPEG", quality=_QUALITY)
    return file.getvalue()
