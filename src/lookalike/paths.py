"""Paths as the catalog keeps them and as people see them."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def absolute(path: str | Path) -> Path:
    """A path as the catalog knows it: absolute, ``~`` expanded, no dots, symbolic links not resolved."""
    path = Path(path)
    with suppress(RuntimeError):  # "~draft.jpg" where nobody is called that is a name like any other
        path = path.expanduser()
    return Path(os.path.normpath(path.absolute()))


def shown(path: str | Path) -> str:
    """A path on one line: control characters and bytes that are no text appear as escapes.

    >>> shown("holi\\nday.jpg")
    'holi\\\\nday.jpg'
    """
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in str(path)
    )
