"""The system's trash: a file is thrown there by ``send2trash``, and found there again by its record.

Linux and the BSDs keep a record beside each file in the trash: ``info/NAME.trashinfo`` says where
``files/NAME`` lay (Trash specification 1.0, freedesktop.org). macOS and Windows keep none that can be read:
there a file must be put back by hand.
"""

from __future__ import annotations

import os
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote_to_bytes

from send2trash import TrashPermissionError, send2trash

from lookalike.collection.duplicates.content import holds
from lookalike.errors import ImageError

_INFO = ".trashinfo"
_LONGEST_INFO = 1 << 16


class NotInTrash(ImageError):
    """A file that was thrown away is not in the trash any more."""


@dataclass(frozen=True, slots=True)
class Trashed:
    """A file in the trash.

    Attributes:
        file: where it lies.
        info: its record.
        deleted: when it was thrown away, as the record says it; later is greater.
    """

    file: Path
    info: Path
    deleted: str


class Trash:
    """What lies in the user's trash; every folder of it is read once."""

    def __init__(self) -> None:
        self._known: dict[Path, dict[str, list[Trashed]]] = {}

    def find(self, original: Path, sha256: bytes) -> Trashed:
        """Find the file that was thrown away last of those that lay at a path and hold some bytes.

        Raises:
            ImageError: there is none, or this system does not say where its trash keeps it.
        """
        if os.name != "posix" or sys.platform == "darwin":
            raise ImageError("take it out of the system's trash by hand; this program cannot")
        names = {str(original), str(Path(os.path.realpath(original.parent)) / original.name)}
        found = [
            trashed
            for folder in _folders(original)
            for name in names
            for trashed in self._contents(folder).get(name, ())
        ]
        for trashed in sorted(found, key=lambda trashed: trashed.deleted, reverse=True):
            if holds(trashed.file, sha256):
                return trashed
        raise NotInTrash("not found in the trash; has it been emptied?")

    def _contents(self, folder: Path) -> dict[str, list[Trashed]]:
        if folder not in self._known:
            contents = self._known[folder] = defaultdict(list)
            with suppress(OSError):  # no such trash
                for info in (folder / "info").iterdir():
                    original, deleted = _read(info, folder)
                    if original:
                        file = folder / "files" / info.name.removesuffix(_INFO)
                        contents[original].append(Trashed(file, info, deleted))
        return self._known[folder]


def throw_away(path: Path) -> None:
    """Move a file to the trash.

    Raises:
        ImageError: the volume that it lies on has no trash that may be written to.
        OSError: the system refuses.
    """
    try:
        send2trash(str(path))
    except TrashPermissionError as error:
        raise ImageError(
            "its volume has no trash that may be written to; move it to a folder instead"
        ) from error


def _folders(original: Path) -> Iterator[Path]:
    """Where a file may have gone: the home folder's trash, or that of the volume it lay on."""
    yield Path(os.environ.get("XDG_DATA_HOME") or "~/.local/share").expanduser() / "Trash"
    top = Path(os.path.realpath(original.parent))
    while not os.path.ismount(top):
        top = top.parent
    yield top / ".Trash" / str(os.getuid())
    yield top / f".Trash-{os.getuid()}"


def _read(info: Path, folder: Path) -> tuple[str, str]:
    """Where a file in the trash lay, and when it was thrown away; empty if its record does not say so."""
    fields: dict[bytes, bytes] = {}
    try:
        if info.suffix != _INFO or not info.is_file():
            return "", ""
        with info.open("rb") as file:
            for line in file.read(_LONGEST_INFO).splitlines():
                name, _, value = line.partition(b"=")
                fields.setdefault(name.strip(), value.strip())
    except OSError:
        return "", ""
    path = os.fsdecode(unquote_to_bytes(fields.get(b"Path", b"")))
    if not path or "\0" in path:
        return "", ""
    # A relative path counts from the folder that holds the trash.
    top = folder.parent.parent if folder.parent.name == ".Trash" else folder.parent
    return os.path.normpath(top / path), fields.get(b"DeletionDate", b"").decode("ascii", "replace")
