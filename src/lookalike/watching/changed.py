"""Which folders lead to what changed: a walk that looks nowhere else."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path


class Changed:
    """Tells a walk whether to look at a path: at or below one that changed, or above it."""

    def __init__(self, paths: Iterable[Path]) -> None:
        """Take the absolute paths that changed."""
        self._paths = {str(path) for path in paths}
        self._above = {str(folder) for path in self._paths for folder in Path(path).parents}

    def __call__(self, path: str) -> bool:
        """Whether ``path`` leads to something that changed, or is part of it."""
        if path in self._above or path in self._paths:
            return True
        return any(str(folder) in self._paths for folder in Path(path).parents)
