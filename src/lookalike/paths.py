"""Paths: the form in which the catalog keeps them, and the form in which people see them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from lookalike.errors import UsageError


def given(path: str | Path) -> Path:
    """A path as a person gave it.

    Raises:
        UsageError: an empty one. ``Path`` would take it for the working folder, but most come from a variable
            that was never set. (A ``Path`` is never empty: ``Path("")`` is ``Path(".")``.)
    """
    if path == "":
        raise UsageError("a path is empty; is a variable not set? (the working folder is called .)")
    return Path(path)


def absolute(path: str | Path) -> Path:
    """Bring a path into the form of the catalog: absolute, ``~`` expanded, no dots, links not resolved.

    Raises:
        UsageError: it is empty.
    """
    path = given(path)
    with suppress(RuntimeError):  # "~draft.jpg" where nobody is called that is a name like any other
        path = path.expanduser()
    return Path(os.path.normpath(path.absolute()))


def all_absolute(paths: Iterable[str | Path]) -> list[Path]:
    """Paths as the catalog knows them; see ``absolute``.

    Raises:
        UsageError: a single path, whose characters would each be taken for a path, "/" among them; or one of
            them is empty.
    """
    if isinstance(paths, str | bytes):
        raise UsageError(f"paths must be a list of paths, not the single path {paths!r}")
    return [absolute(path) for path in paths]


def shown(path: str | Path) -> str:
    """A path on one line: control characters and bytes that are no text appear as escapes.

    >>> shown("holi\\nday.jpg")
    'holi\\\\nday.jpg'
    """
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in str(path)
    )
