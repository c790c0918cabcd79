"""Paths as the catalog keeps them and as people see them."""

from __future__ import annotations

import os
from pathlib import Path


def absolute(path: str | Path) -> Path:
    """A path as the catalog knows it: absolute, ``~`` expanded, no dots, symbolic links not resolved."""
    return Path(os.path.normpath(Path(path).expanduser().absolute()))


def shown(path: str | Path) -> str:
    """A path on one line: control characters and bytes that are no text appear as escapes.

    >>> shown("holi\\nday.jpg")
    'holi\\\\nday.jpg'
    """
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in str(path)
    )
