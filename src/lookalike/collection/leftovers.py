"""Leftover uploads: files in the folder of uploads that belong to no image, left by killed processes."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from pathlib import Path

from lookalike.paths import shown
from lookalike.store import Catalog

MARK = ".unfinished"
"""Ends the name of the empty file that marks another one, whose upload has not ended yet."""

_NAME = re.compile(rf"([0-9a-f]{{64}}\.[a-z0-9]+)(\.[0-9]+\.partial|{re.escape(MARK)})?")
_OLD = 60.0  # seconds; what is younger may belong to an upload that goes on


@dataclass(slots=True)
class Leftovers:
    """What was found; each of it is older than a minute.

    Attributes:
        unfinished: files of uploads that were killed before they were acknowledged, and their marks; sorted.
        unnamed: uploaded pictures whose image was forgotten and whose file was left, as ``remove`` and
            ``verify --repair`` do; sorted.
    """

    unfinished: list[Path] = field(default_factory=list)
    unnamed: list[Path] = field(default_factory=list)

    def lines(self) -> list[str]:
        """A line about each for people: what it is, and what to do about it."""
        return [
            f"{shown(path)} was left by an upload that was killed; delete it with: lookalike verify --repair"
            for path in self.unfinished
        ] + [
            f"{shown(path)} was uploaded and is in no image any more; delete it, or index it again"
            for path in self.unnamed
        ]


def leftovers_in(folder: Path, catalog: Catalog) -> Leftovers:
    """Find what uploads left behind; files of other names are left out.

    Args:
        folder: of uploads.
        catalog: names the files that belong to images.
    """
    found = Leftovers()
    try:
        paths = sorted(path for path in folder.iterdir() if _is_old(path))
    except OSError:  # nothing was ever uploaded
        return found
    for path in paths:
        name = _NAME.fullmatch(path.name)
        if name is None or (name[2] is None and catalog.stamp(path) is not None):
            continue
        marked = path.with_name(name[1] + MARK).exists()
        (found.unfinished if name[2] or marked else found.unnamed).append(path)
    return found


def _is_old(path: Path) -> bool:
    try:
        return path.is_file() and time.time() - path.stat().st_mtime > _OLD
    except OSError:
        return False
