"""The files of images that a search for duplicates is about, as far as they are there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from lookalike.collection.forgetting import known_at
from lookalike.disk import is_lost
from lookalike.store import Catalog

_IMAGES_AT_ONCE = 1000  # whose embeddings, which come with the facts, are in memory


@dataclass(frozen=True, slots=True)
class Filed:
    """An image with its files.

    Attributes:
        sha256: of its bytes.
        width: pixels, upright.
        height: pixels, upright.
        paths: files that hold it, are there, and are asked about; sorted, never empty. Of hard links of one
            file only the first.
        bytes: size of one of them.
        modified: when the first of them was last changed, in seconds since 1970.
    """

    sha256: bytes
    width: int
    height: int
    paths: tuple[Path, ...]
    bytes: int
    modified: float


class Scope:
    """Which files a search is about: those in some places, or all."""

    def __init__(self, places: Sequence[Path], catalog: Catalog) -> None:
        """Look up what lies there.

        Args:
            places: absolute paths of files and folders; none for everything.
            catalog: knows the files.

        Raises:
            NotFoundError: nothing known lies at one of the places.
        """
        files = {path for place in places for path in known_at(place, catalog)}
        self._files = files if places else None

    def __contains__(self, path: Path) -> bool:
        return self._files is None or path in self._files


def _apart(paths: Iterable[Path]) -> tuple[Path, ...]:
    """Paths without those that are further names of a file among them."""
    found: dict[object, Path] = {}
    for path in paths:
        with suppress(OSError):
            status = path.lstat()
            found.setdefault((status.st_dev, status.st_ino), path)
    return tuple(found.values())


def filed(ids: Iterable[int], catalog: Catalog, scope: Scope) -> dict[int, Filed]:
    """Look up images and their files, by id; images of which no file in the scope is there are left out."""
    found: dict[int, Filed] = {}
    waiting = sorted(set(ids))
    for start in range(0, len(waiting), _IMAGES_AT_ONCE):
        for image in catalog.images(waiting[start : start + _IMAGES_AT_ONCE]).values():
            paths = _apart(path for path in image.paths if path in scope and not is_lost(path))
            stamp = catalog.stamp(paths[0]) if paths else None
            if stamp is not None:
                size = image.width, image.height
                found[image.image_id] = Filed(image.sha256, *size, paths, stamp.size, stamp.mtime_ns / 1e9)
    return found
