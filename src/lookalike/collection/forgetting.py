"""Which files of a collection are to be forgotten."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from lookalike.disk import is_gone
from lookalike.errors import NotFoundError
from lookalike.paths import at_or_below, shown
from lookalike.store import Catalog


def files_at(places: Iterable[Path], catalog: Catalog) -> list[Path]:
    """Known files at some paths, and below them where they are folders.

    Raises:
        NotFoundError: nothing known lies at one of the paths.
    """
    files: list[Path] = []
    for place in places:
        known = catalog.paths(place) or at_or_below(place, catalog.paths())
        if not known:
            raise NotFoundError(f"nothing in the collection lies at {shown(place)}")
        files += known
    return files


def files_gone(places: Iterable[Path], catalog: Catalog) -> list[Path]:
    """Known files that are gone from the disk, at or below paths that are still there.

    A path that is not there counts as unknown, not as gone: it may lie on a drive that is unplugged.
    """
    return [
        file
        for place in places
        if not is_gone(Path(os.path.realpath(place)))
        for file in catalog.paths(place)
        if is_gone(file)
    ]
