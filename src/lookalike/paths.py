"""Paths: made absolute for the catalog, and made printable for people."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from lookalike.errors import NotFoundError, UsageError

CONTENT = Path("sha256:")
"""What stands for the folder of a file, if a collection keeps no paths; see ``content_name``."""

_CONTENT_NAME = re.compile(f"{CONTENT}[0-9a-f]{{64}}")


def content_name(sha256: bytes) -> Path:
    """What stands for the path of a file, if a collection keeps no paths: ``sha256:`` and 64 digits.

    A file of such a name in the working folder is written ``./sha256:…``.
    """
    return Path(f"{CONTENT}{sha256.hex()}")


def is_content_name(path: str | Path) -> bool:
    """Whether a path names the bytes of an image, and no file; see ``content_name``."""
    return _CONTENT_NAME.fullmatch(str(path)) is not None


def given(path: str | Path) -> Path:
    """A path as a caller gave it.

    Raises:
        UsageError: no path, but bytes or a number; or an empty one. ``Path`` would take that for the working
            folder, but most come from a variable that was never set. (A ``Path`` is never empty: ``Path("")``
            is ``Path(".")``.)
    """
    if path == "":
        raise UsageError("a path is empty; is a variable not set? (the working folder is called .)")
    try:
        return Path(path)
    except TypeError as error:
        raise UsageError(f"a path must be a str or a Path, not {path!r}") from error


def is_absent(path: str | Path) -> bool:
    """Whether nothing is at a path. A link that leads nowhere is something; so is what cannot be reached."""
    try:
        absolute(path).lstat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except (OSError, ValueError):
        return False
    return False


def absolute(path: str | Path) -> Path:
    """Bring a path into the form of the catalog: absolute, ``~`` expanded, no dots, links not resolved.

    The name of an image's bytes, which a collection without paths has in their place, stays as it is.

    Raises:
        UsageError: not a path, or an empty one.
        NotFoundError: a relative path, and the working folder has been deleted.
    """
    if is_content_name(path):
        return Path(path)
    path = given(path)
    with suppress(RuntimeError):  # "~draft.jpg" where nobody is called that is a name like any other
        path = path.expanduser()
    try:
        return Path(os.path.normpath(path.absolute()))
    except OSError as error:
        raise NotFoundError(
            f"the working folder is gone, so that the path {str(path)!r} leads nowhere: {error.strerror}"
        ) from error


def all_absolute(paths: Iterable[str | Path]) -> list[Path]:
    """Paths as the catalog knows them; see ``absolute``.

    Raises:
        UsageError: a single path, whose characters would each be taken for a path, "/" among them; what is no
            list of paths; or one of them is empty.
    """
    if isinstance(paths, str | bytes | os.PathLike):
        raise UsageError(f"paths must be a list of paths, not the single path {paths!r}")
    if not isinstance(paths, Iterable):
        raise UsageError(f"paths must be a list of paths, not {paths!r}")
    return [on_disk(absolute(path)) for path in paths]


def shown(path: str | Path) -> str:
    """A path on one line: control characters and bytes that are no text appear as escapes.

    >>> shown("holi\\nday.jpg")
    'holi\\\\nday.jpg'
    """
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in str(path)
    )


def on_disk(path: Path) -> Path:
    """The spelling by which the disk lists a path.

    One letter with an accent has two spellings in Unicode (NFC and NFD), and some disks take upper and lower
    case for the same. Whichever was given, the names become those that a walk through the folders meets.

    Args:
        path: absolute. Names from the first that is not there on stay as they are.
    """
    if is_content_name(path):
        return path
    found = Path(path.anchor)
    for name in path.parts[1:]:
        found /= _listed_name(found, name)
    return found


def at_or_below(place: Path, known: Iterable[Path]) -> list[Path]:
    """Those of some known paths that lie at a place or below it, however either is spelt.

    Unlike ``on_disk`` this needs no file: it is for paths that are gone from the disk. Spellings that differ
    in case are the same only if the disk that the place is on takes them for the same.
    """
    blind = _takes_cases_for_the_same(place)
    wanted = _folded(place, blind)
    below = wanted.rstrip(os.sep) + os.sep
    return [path for path in known if (text := _folded(path, blind)) == wanted or text.startswith(below)]


def _listed_name(folder: Path, name: str) -> str:
    forms = {unicodedata.normalize(form, name) for form in ("NFC", "NFD")} | {name.swapcase()}
    there = os.path.lexists(folder / name)
    if there and not any(_same(folder / name, folder / form) for form in forms - {name}):
        return name  # the disk tells spellings apart
    try:
        names = [path.name for path in folder.iterdir()]
    except (OSError, ValueError):
        return name
    if name in names:
        return name
    alike = [other for other in names if _folded(other, there) == _folded(name, there)]
    return alike[0] if len(alike) == 1 else name


def _folded(path: str | Path, blind: bool) -> str:
    text = unicodedata.normalize("NFC", str(path))
    return unicodedata.normalize("NFC", text.casefold()) if blind else text


def _same(path: Path, other: Path) -> bool:
    try:
        return os.path.samestat(os.lstat(path), os.lstat(other))
    except (OSError, ValueError):
        return False


def _takes_cases_for_the_same(place: Path) -> bool:
    """Whether the disk finds the nearest folder that is still there under its name in the other case, too."""
    for folder in (place, *place.parents):
        if folder.name.swapcase() != folder.name and os.path.lexists(folder):
            return _same(folder, folder.with_name(folder.name.swapcase()))
    return False
