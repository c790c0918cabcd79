"""Training pictures of several sources, and drawn pages, in one file: made small, and kept as JPEG."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lookalike.disk import replacing
from lookalike.errors import ImageError, UsageError
from lookalike.images import Limits, decode, read_file
from lookalike.labs.learn.pages import draw_page
from lookalike.labs.learn.recipe import Source

INDEX, CONTENT = "pictures.json", "pictures.bin"
LONGEST = 256  # pixels: what a network of 192 px a side can still use of a crop
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
        sources: (n,) int64, the source's number; pages have the number after the last.
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


def pack(sources: Sequence[Source], pages: int, data: Path, folder: Path, seed: int, threads: int) -> Packed:
    """Read all sources once, in random order; what was packed before is taken from ``folder``.

    Args:
        sources: of the recipe.
        pages: how many to draw.
        data: holds their folders.
        folder: gets two files.
        seed: of choice and order.
        threads: that decode.

    Raises:
        UsageError: a source has no pictures.
    """
    index = folder / INDEX
    if not index.exists():
        chosen = [
            *_chosen(sources, data, seed),
            *((len(sources), f"page/{number}") for number in range(pages)),
        ]
        random.Random(seed).shuffle(chosen)
        _write(chosen, partial(_source_picture, data, len(sources)), index, folder / CONTENT, threads)
    return open_packed(folder)


def open_packed(folder: Path) -> Packed:
    """The pictures that ``pack`` wrote into a folder."""
    kept = json.loads((folder / INDEX).read_text())
    return Packed(
        kept["names"],
        np.array(kept["sources"], np.int64),
        np.array(kept["starts"], np.int64),
        np.memmap(folder / CONTENT, np.uint8, "r"),
    )


def _chosen(sources: Sequence[Source], data: Path, seed: int) -> Iterator[tuple[int, str]]:
    draw = random.Random(seed)
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
        yield from ((number, f"{source.folder}/{name}") for name in names[: source.most or None])


def _write(
    chosen: list[tuple[int, str]],
    read: Callable[[tuple[int, str]], bytes | None],
    index: Path,
    content: Path,
    threads: int,
) -> None:
    names, numbers, starts = [], [], [0]
    with ThreadPoolExecutor(threads) as pool, replacing(content) as file:
        jpegs = pool.map(read, chosen)
        for (number, name), jpeg in zip(chosen, jpegs, strict=True):
            if jpeg is not None:
                file.write(jpeg)
                names.append(name)
                numbers.append(number)
                starts.append(starts[-1] + len(jpeg))
    with replacing(index) as file:
        file.write(json.dumps({"names": names, "sources": numbers, "starts": starts}).encode())


def _source_picture(data: Path, pages: int, chosen: tuple[int, str]) -> bytes | None:
    """A picture as JPEG, by its source and name; None if it is left out."""
    number, name = chosen
    if number == pages:
        return _jpeg(draw_page(int(name.rpartition("/")[2])))
    return _small(data / name)


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
    return _jpeg(image)


def _jpeg(image: Image.Image) -> bytes:
    image.thumbnail((LONGEST, LONGEST), Image.Resampling.BICUBIC)
    file = BytesIO()
    image.save(file, "JPEG", quality=_QUALITY)
    return file.getvalue()
