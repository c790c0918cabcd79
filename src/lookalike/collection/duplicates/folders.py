"""Folders that a person named, and the question whether a file lies in one of them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from lookalike.disk import Identity, identity_at
from lookalike.errors import UsageError
from lookalike.paths import absolute, shown


class Folders:
    """Folders recognised by what they are on the disk, not by how they are spelt.

    A file lies in a folder even if its path leads there through a symbolic link, or in other letters on a
    disk that takes upper and lower case for the same.
    """

    def __init__(self, paths: Iterable[Path]) -> None:
        """Look the folders up.

        Args:
            paths: the folders; in an empty set, nothing lies.

        Raises:
            UsageError: one of them is no folder. A mistyped name must not leave files unprotected.
        """
        self._wanted: set[Identity] = set()
        self._known: dict[Path, bool] = {}
        for path in map(absolute, paths):
            identity = identity_at(path, follow_links=True)
            if identity is None or not path.is_dir():
                raise UsageError(f"there is no folder {shown(path)}")
            self._wanted.add(identity)

    def hold(self, path: Path) -> bool:
        """Whether a file, which may be a link or be gone, lies in one of the folders or below."""
        if not self._wanted:
            return False
        # As spelt and as it is: a link inside the folder lies there, and so does what a link leads to.
        return any(self._below(place.parent) for place in (path, Path(os.path.realpath(path))))

    def _below(self, folder: Path) -> bool:
        if folder not in self._known:
            above = folder.parent
            self._known[folder] = identity_at(folder, follow_links=True) in self._wanted or (
                above != folder and self._below(above)
            )
        return self._known[folder]
