"""Which folders lead to what changed: a walk that looks nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path


def leading_to(paths: Iterable[Path]) -> Callable[[str], bool]:
    """What tells a walk whether to look at a path: one that changed, one below it, or a folder above it.

    Args:
        paths: that changed, absolute.
    """
    changed = {str(path) for path in paths}
    above = {str(folder) for path in changed for folder in Path(path).parents}

    def leads(path: str) -> bool:
        return path in above or path in changed or any(str(up) in changed for up in Path(path).parents)

    return leads
