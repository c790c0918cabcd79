"""Step: what an action does to one file, as the journal keeps it."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, get_args

ActionKind = Literal["trash", "move", "hardlink"]

_RUN = re.compile(r"\d{8}-\d{6}(-\d+)?")
_TEXTS = ("run", "action", "path", "kept", "sha256", "target", "folder")
_NUMBERS = ("number", "mode", "modified")


@dataclass(frozen=True, slots=True)
class Step:
    """One file of an action.

    Attributes:
        run: name of the action that it belongs to, as ``20260131-154502``.
        number: counts the steps of the action from 1.
        action: what happens to the file.
        path: where it lies before.
        kept: the file that is kept instead.
        sha256: of its bytes, in hexadecimal digits.
        mode: its permissions; a hard link takes those of the kept file instead.
        modified: when it was last changed, in nanoseconds since 1970; a hard link takes that over, too.
        target: where it lies after a move; None otherwise.
        folder: of a move, the deepest folder above ``target`` that was there before the action: what is below
            it was made by the action, and goes again when that is undone. None otherwise.
    """

    run: str
    number: int
    action: ActionKind
    path: Path
    kept: Path
    sha256: str
    mode: int
    modified: int
    target: Path | None = None
    folder: Path | None = None

    @property
    def digest(self) -> bytes:
        """SHA-256 of the file's bytes."""
        return bytes.fromhex(self.sha256)

    def aside(self, folder: Path) -> Path:
        """A name in a folder for a file in progress; it is this step's alone."""
        return folder / f".lookalike-{self.run}-{self.number}.partial"

    def to_json(self) -> dict[str, Any]:
        """Fields that JSON can hold; paths are strings, and empty if there is none."""
        return {
            name: str(value or "") if name in ("path", "kept", "target", "folder") else value
            for name, value in asdict(self).items()
        }

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> Step:
        """Read the fields back.

        Raises:
            KeyError, TypeError, ValueError: some are missing, of another kind, or make no step.
        """
        if not all(isinstance(record[name], str) for name in _TEXTS):
            raise TypeError("a text is none")
        if not all(isinstance(record[name], int) for name in _NUMBERS):
            raise TypeError("a number is none")
        if record["action"] not in get_args(ActionKind) or len(bytes.fromhex(record["sha256"])) != 32:
            raise ValueError("no action, or no digest")
        if not _RUN.fullmatch(record["run"]):  # it becomes part of a file's name
            raise ValueError("no name of an action")
        path, kept, target, folder = (Path(record[name]) for name in ("path", "kept", "target", "folder"))
        moved = record["action"] == "move"
        named = (path, kept, target, folder) if moved else (path, kept)
        if not all(place.is_absolute() for place in named):
            raise ValueError("a path is not absolute")
        places = {"target": target, "folder": folder} if moved else {"target": None, "folder": None}
        return cls(**{**record, **places, "path": path, "kept": kept})
