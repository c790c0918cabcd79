"""Candidates: the files of a group of which one stays, and the measures that compare them."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from lookalike.collection.duplicates.folders import Folders
from lookalike.collection.duplicates.group import Group, Member
from lookalike.collection.duplicates.sharpness import sharpness
from lookalike.collection.originals import original
from lookalike.disk import Identity, identity
from lookalike.errors import ImageError
from lookalike.images import Limits, decode
from lookalike.paths import shown

_AS_SHARP = 0.95
"""Share of the sharpest picture's sharpness from which another counts as equally sharp."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file of a group that is there.

    Attributes:
        path: of the file.
        member: the image that it holds.
        link: whether it is a symbolic link.
        modified: when it was last changed, in seconds since 1970.
        identity: of the file; candidates that share it are names of one file.
    """

    path: Path
    member: Member
    link: bool
    modified: float
    identity: Identity


@dataclass(frozen=True, slots=True)
class Measure:
    """One thing to compare files by.

    Attributes:
        key: least for the best.
        one: what is said of a single best file, as "the largest".
        many: what is said of several, as "equally large".
        detail: what is said of each of the best besides; may be empty.
    """

    key: Callable[[Candidate], float | bytes]
    one: str
    many: str
    detail: Callable[[Candidate], str]


def candidates(group: Group) -> list[Candidate]:
    """The files of a group that are there; what is neither a regular file nor a link is left out."""
    found = []
    for member in group.members:
        for path in member.paths:
            try:
                status = path.lstat()
            except (OSError, ValueError):
                continue
            link = stat.S_ISLNK(status.st_mode)
            if link or stat.S_ISREG(status.st_mode):
                found.append(Candidate(path, member, link, status.st_mtime, identity(status)))
    return found


def best(files: Sequence[Candidate], measures: Iterable[Measure]) -> tuple[Candidate, str]:
    """Find the best file.

    Args:
        files: at least one.
        measures: each decides only between files that are equal by those before it; the last tells all apart.

    Returns:
        The file, and words that say why: the first measure, and each other one that told some apart.
    """
    if len(files) == 1:
        return files[0], "the only file that can stay"
    said: list[str] = []
    for measure in measures:
        least = min(measure.key(file) for file in files)
        left = [file for file in files if measure.key(file) == least]
        if len(left) < len(files) or not said:
            which = measure.one if len(left) == 1 else f"{len(left)} are {measure.many}"
            detail = measure.detail(left[0])
            said.append(f"{which} ({detail})" if detail else which)
        files = left
        if len(files) == 1:
            break
    return files[0], "; of these ".join(said)


def complete(files: Iterable[Candidate]) -> Measure:
    """Whether a file is complete, and was read without any doubt."""
    any_complete = any(not file.member.doubt for file in files)
    return Measure(
        lambda file: bool(file.member.doubt),
        "the only complete one",
        "complete" if any_complete else "cut short, none is complete",
        lambda _: "",
    )


def inside(folder: Folders, name: str, files: Iterable[Candidate]) -> Measure:
    """Whether a file lies in some folders, called ``name``."""
    any_inside = any(folder.hold(file.path) for file in files)
    return Measure(
        lambda file: not folder.hold(file.path),
        f"the only one in {name}",
        f"in {name}" if any_inside else f"outside {name}, none in it",
        lambda _: "",
    )


def sharpest(files: Iterable[Candidate], limits: Limits) -> Measure:
    """Sharpness in two steps: what is nearly as sharp as the sharpest ties with it.

    A picture that cannot be read any more counts as less sharp than any other.
    """
    members = {file.member.sha256: file.member for file in files}
    pixels = max(member.width * member.height for member in members.values())
    measured = dict.fromkeys(members, -1.0)
    for sha256, member in members.items():
        try:
            data = original(member.paths, sha256, limits)
            measured[sha256] = sharpness(decode(data, limits=limits).image, pixels)
        except ImageError:
            continue
    border = _AS_SHARP * max(measured.values())
    return Measure(
        lambda file: measured[file.member.sha256] < border,
        "the sharpest",
        "equally sharp",
        lambda file: f"detail {max(0.0, measured[file.member.sha256]):.1f}",
    )


def _date(file: Candidate) -> str:
    try:
        return f"last changed {datetime.fromtimestamp(file.modified, UTC):%Y-%m-%d %H:%M:%S} UTC"
    except (OverflowError, ValueError, OSError):
        return "last changed at a time that no calendar has"


LARGEST = Measure(
    lambda file: -file.member.width * file.member.height,
    "the largest",
    "equally large",
    lambda file: f"{file.member.width:,} x {file.member.height:,} pixels",
)
MOST_BYTES = Measure(
    lambda file: -file.member.bytes,
    "the one with the most bytes",
    "equal in bytes",
    lambda file: f"{file.member.bytes:,}",
)
OLDEST = Measure(lambda file: int(file.modified), "the oldest", "equally old", _date)
NEWEST = Measure(lambda file: -int(file.modified), "the newest", "equally new", _date)
SHORTEST_PATH = Measure(
    lambda file: len(str(file.path)),
    "the one with the shortest path",
    "equal in the length of their paths",
    lambda file: f"{len(str(file.path))} characters",
)
FIRST_BY_PATH = Measure(
    lambda file: os.fsencode(file.path), "the first by path", "", lambda file: shown(file.path)
)
