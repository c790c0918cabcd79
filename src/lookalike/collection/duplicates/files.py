"""The files of images that a search for duplicates is about, as far as they are there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from lookalike.collection.forgetting import known_at
from lookalike.disk import Identity, identity_at, is_lost
from lookalike.errors import ImageError
from lookalike.images import Limits
from lookalike.images.sequences import has_several_frames
from lookalike.store import Catalog

_IMAGES_AT_ONCE = 1000  # whose embeddings, which come with the facts, are in memory


@dataclass(frozen=True, slots=True)
class Filed:
    """An image with its files.

    Attributes:
        sha256: of its bytes.
        width: pixels, upright.
        height: pixels, upright.
        files: those that hold it, are there, and are asked about, each with all its names; never empty. The
            names of a file are its hard links, sorted; the files are sorted by the first of them.
        bytes: size of one of them.
        modified: when the first of them was last changed, in seconds since 1970.
        several_frames: whether it is an animation, or has several pages.
        doubt: what is wrong with its bytes, as "cut short, 98 % read"; empty if nothing is.
    """

    sha256: bytes
    width: int
    height: int
    files: tuple[tuple[Path, ...], ...]
    bytes: int
    modified: float
    several_frames: bool
    doubt: str

    @property
    def paths(self) -> tuple[Path, ...]:
        """All names of all files, sorted."""
        return tuple(sorted(path for names in self.files for path in names))

    @property
    def links(self) -> frozenset[Path]:
        """Names of files that have another name before them."""
        return frozenset(path for names in self.files for path in names[1:])


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


def _files(paths: Iterable[Path]) -> tuple[tuple[Path, ...], ...]:
    """The files at some sorted paths, each with all its names."""
    found: defaultdict[Identity, list[Path]] = defaultdict(list)
    for path in paths:
        identity = identity_at(path, follow_links=False)
        if identity is not None:
            found[identity].append(path)
    return tuple(map(tuple, found.values()))


def _has_several_frames(path: Path, limits: Limits) -> bool:
    try:
        return has_several_frames(path, limits)
    except ImageError:  # damaged, or out of reach: nothing is known of it
        return False


def filed(ids: Iterable[int], catalog: Catalog, scope: Scope, limits: Limits) -> dict[int, Filed]:
    """Look up images and their files, by id; images of which no file in the scope is there are left out.

    Args:
        ids: of images.
        catalog: knows them.
        scope: which files count.
        limits: what it may cost to find out whether a file has several frames.
    """
    found: dict[int, Filed] = {}
    waiting = sorted(set(ids))
    doubts = catalog.doubts()
    for start in range(0, len(waiting), _IMAGES_AT_ONCE):
        for image in catalog.images(waiting[start : start + _IMAGES_AT_ONCE]).values():
            files = _files(path for path in image.paths if path in scope and not is_lost(path))
            stamp = catalog.stamp(files[0][0]) if files else None
            if stamp is not None:
                found[image.image_id] = Filed(
                    sha256=image.sha256,
                    width=image.width,
                    height=image.height,
                    files=files,
                    bytes=stamp.size,
                    modified=stamp.mtime_ns / 1e9,
                    several_frames=_has_several_frames(files[0][0], limits),
                    doubt=doubts.get(image.image_id, ""),
                )
    return found
