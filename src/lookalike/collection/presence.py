"""Presence: which of an image's files still exist; the disk may have changed since they were indexed."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from lookalike.disk import is_lost
from lookalike.images.files import Elsewhere
from lookalike.paths import is_content_name
from lookalike.store import Catalog


def there_first(paths: Iterable[Path]) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    """Order an image's paths by whether a file is there.

    Returns:
        The paths, those last where the file is gone; and the latter alone.
    """
    places = {path: is_missing(path) for path in paths}
    missing = tuple(path for path, lost in places.items() if lost)
    return (*(path for path, lost in places.items() if not lost), *missing), missing


def is_missing(path: Path) -> bool:
    """Whether a known file is gone.

    A path that is not kept counts as there. So does an object of a store: only reading it would tell.
    """
    return not is_content_name(path) and not isinstance(path, Elsewhere) and is_lost(path)


def present(path: Path, catalog: Catalog) -> Path:
    """A known path, or if its file is gone the first copy that is still there, if one is."""
    return there_first(catalog.copies(path))[0][0] if is_missing(path) else path


def images_present(catalog: Catalog) -> list[tuple[int, Path]]:
    """The id of every image, ascending, with the first of its paths where a file is, if one is."""
    return [(image_id, present(path, catalog)) for image_id, path in catalog.places()]
