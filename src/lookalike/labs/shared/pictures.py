"""Pictures of a folder: found as the product finds them, and decoded on all cores in their order."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

from PIL import Image

from lookalike.collection.workers import tasks_of, worked
from lookalike.errors import ImageError
from lookalike.images import FoundFile, RejectedFile, decode, read_file, scan
from lookalike.labs.shared.progress import tell
from lookalike.paths import absolute, shown
from lookalike.settings import Settings

T = TypeVar("T")


class Found(NamedTuple):
    """What lies below a folder.

    Attributes:
        files: image files, ascending by path; whether they can be decoded is not known yet.
        rejected: what cannot be used, and why.
    """

    files: list[FoundFile]
    rejected: list[RejectedFile]

    @property
    def paths(self) -> list[Path]:
        """Where the pictures lie, in the order of ``files``."""
        return [file.path for file in self.files]


def find(folder: Path) -> Found:
    """Find the image files below a folder, at any depth."""
    items = list(scan([absolute(folder)]))
    files = sorted((item for item in items if isinstance(item, FoundFile)), key=lambda item: item.path)
    return Found(files, [item for item in items if isinstance(item, RejectedFile)])


def listing_digest(files: Sequence[FoundFile], *lines: str) -> str:
    """Cache key of what is computed from files: changes if a file's path, size or time changes, or a line.

    Args:
        files: what is computed from.
        lines: what else it depends on.

    Returns:
        24 hexadecimal digits.
    """
    listing = "\n".join([*lines, *(f"{item.size} {item.mtime_ns} {item.path}" for item in files)])
    return hashlib.sha256(listing.encode(errors="surrogateescape")).hexdigest()[:24]


class Batch(NamedTuple, Generic[T]):
    """A few files, read.

    Attributes:
        reasons: for each file why it cannot be read, in order; empty for one that can.
        made: what was made of the pictures that can be read.
    """

    reasons: list[str]
    made: T


def read_all(
    paths: Sequence[Path],
    make: Callable[[list[Image.Image]], T],
    settings: Settings,
    *,
    at_least: int | None = None,
) -> Iterator[Batch[T]]:
    """Decode pictures and make something of each few of them, on all cores.

    Args:
        paths: files.
        make: is given the pictures of a few files, RGB and upright, without those that cannot be read, so
            perhaps none; called on several threads.
        settings: limits of pictures, and how many threads work.
        at_least: pixels of the shorter side that are enough; see ``images.decode``.

    Yields:
        Batches that together stand for all paths, in their order.
    """
    limits = settings.limits

    def work(task: tuple[int, Sequence[Path]]) -> tuple[int, Batch[T]]:
        images, reasons = [], []
        for path in task[1]:
            try:
                images.append(decode(read_file(path, limits), limits=limits, at_least=at_least).image)
                reasons.append("")
            except ImageError as error:
                reasons.append(str(error))
        return task[0], Batch(reasons, make(images))

    done: dict[int, Batch[T]] = {}
    following = 0
    for results in worked(enumerate(tasks_of(paths)), work, settings.threads):
        done.update(results)
        while following in done:
            yield done.pop(following)
            following += 1


def open_whole(path: Path, settings: Settings) -> Image.Image:
    """Open a picture at its full size, RGB and upright.

    Raises:
        ImageError: it cannot be read.
    """
    limits = settings.limits
    return decode(read_file(path, limits), limits=limits).image


def tell_left_out(path: Path, reason: str) -> None:
    """Say on stderr why a file is not among the pictures."""
    tell(f"left out {shown(path)}: {reason}")
