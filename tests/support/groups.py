"""Groups of duplicates made from files that a test wrote, and what lies in a folder."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from lookalike.collection.duplicates.acting import Acted
from lookalike.collection.duplicates.group import Group, Member
from lookalike.collection.duplicates.keeping import Choice


def member(*paths: Path, image_id: int = 1, size: tuple[int, int] = (96, 72), p: float = 0.0) -> Member:
    """An image, as it is indexed from files that hold the same bytes."""
    data = paths[0].read_bytes()
    return Member(
        image_id=image_id,
        sha256=hashlib.sha256(data).digest(),
        paths=tuple(sorted(paths)),
        width=size[0],
        height=size[1],
        bytes=len(data),
        modified=paths[0].stat().st_mtime,
        similarity=1.0,
        p=p,
        evidence=None,
    )


def group(*members: Member) -> Group:
    """A group whose medoid is the first of its members."""
    return Group("g1", members[0].image_id, members, min(found.similarity for found in members))


def choice(keep: Path, *others: Path) -> Choice:
    """A choice about files as they are now; a symbolic link stands for the bytes that it leads to."""
    digests = {path: hashlib.sha256(path.read_bytes()).digest() for path in (keep, *others)}
    return Choice("g1", keep, others, "The test says so.", digests)


def tree(folder: Path) -> dict[bytes, bytes]:
    """Every file below a folder: its path from there, and its bytes."""
    return {
        os.fsencode(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def reasons(acted: Acted) -> dict[str, str]:
    """Every file that was left alone, by name, and why."""
    return {item.path.name: item.reason for item in (*acted.refused, *acted.skipped)}
