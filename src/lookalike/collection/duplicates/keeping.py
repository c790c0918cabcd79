"""Keeping: which file of a group stays, by a rule that a person chose, and why it is that one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Self, cast, get_args

from lookalike.collection.duplicates.candidates import (
    FIRST_BY_PATH,
    LARGEST,
    MOST_BYTES,
    NEWEST,
    OLDEST,
    SHORTEST_PATH,
    Candidate,
    Measure,
    best,
    candidates,
    complete,
    inside,
    sharpest,
)
from lookalike.collection.duplicates.folders import Folders
from lookalike.collection.duplicates.group import Group, Member
from lookalike.collection.duplicates.protecting import Left, Protection
from lookalike.errors import UsageError
from lookalike.images import Limits
from lookalike.paths import absolute, shown

RuleName = Literal["largest", "oldest", "newest", "shortest-path", "sharpest", "in"]

_MEASURES = {"largest": LARGEST, "oldest": OLDEST, "newest": NEWEST, "shortest-path": SHORTEST_PATH}
_TIES = (LARGEST, OLDEST, MOST_BYTES, SHORTEST_PATH, FIRST_BY_PATH)


@dataclass(frozen=True, slots=True)
class Rule:
    """What decides first which of the complete files stays. If files are equal by it, the one with most
    pixels stays, then the oldest, since edits come later, then the one with most bytes, then that with the
    shortest path.

    Attributes:
        name: "largest" (most pixels), "oldest", "newest" (when the file was last changed), "shortest-path"
            (fewest characters), "sharpest" (most detail), or "in" (lies in a folder).
        folder: for "in"; None otherwise.
    """

    name: RuleName
    folder: Path | None = None

    @classmethod
    def read(cls, text: str) -> Self:
        """Read a rule as people write it: a name, or ``in:FOLDER``.

        Raises:
            UsageError: there is no such rule, or no such folder.
        """
        if text.startswith("in:"):
            folder = absolute(text.removeprefix("in:"))
            Folders([folder])
            return cls("in", folder)
        names = [name for name in get_args(RuleName) if name != "in"]
        if text not in names:
            raise UsageError(f"which file to keep is {', '.join(names)} or in:FOLDER, not {text!r}")
        return cls(cast(RuleName, text))


@dataclass(frozen=True, slots=True)
class Choice:
    """What is to become of a group.

    Attributes:
        group_id: of the group.
        keep: the file that stays.
        others: the files that an action may touch, sorted; none of them is protected.
        reason: a sentence that says why that file stays.
        digests: SHA-256 of the bytes that each of these files must hold to be touched.
        closely: those of the others that must also pass the close look beside the file that stays.
        by_sight: those of the others that show less or more than the file that stays, and must be taken for
            copies of it, or it of them, by a second look at both files.
        left: files besides the one that stays that no action touches, and why.
        edited: whether those that are closely looked at may have other colours than the file that stays.
    """

    group_id: str
    keep: Path
    others: tuple[Path, ...]
    reason: str
    digests: Mapping[Path, bytes]
    closely: frozenset[Path] = frozenset()
    by_sight: frozenset[Path] = frozenset()
    left: Mapping[Path, Left] = field(default_factory=dict)
    edited: bool = False


def choose(
    group: Group,
    rule: Rule,
    *,
    protection: Protection | None = None,
    limits: Limits | None = None,
    edited: bool = False,
) -> Choice | None:
    """Choose the file of a group that stays.

    Files count, not images: if an image lies in several files, all but one of them are others. A file with
    several names is one file. Files that are gone are left out. A symbolic link is neither the file that
    stays nor among the others.
    If files lie in reference folders, one of those stays. An upload is the file that stays only if nothing
    else can: it may be deleted from the collection, and people would lose what it stood for.
    Whatever decides, a complete file stays rather than one with a doubt, as one that is cut short. If the
    file that stays has one, all others are left alone.

    Args:
        group: the copies.
        rule: what decides.
        protection: tells which files are never among the others; None if all may be.
        limits: for reading pictures, which only "sharpest" does.
        edited: also let go of pictures that are cropped, set into a larger one, or changed in a part, and
            of their originals if one of them stays, without a close look. The file that stays does not show
            all that these show.

    Returns:
        None if no file of the group is there any more.
    """
    protection = protection or Protection()
    references = protection.references
    there = candidates(group)
    files = [file for file in there if not file.link]
    if not files:
        return None
    files = [
        file for file in files if references.hold(file.path) or not protection.is_upload(file.path)
    ] or files
    measures = _measures(rule, files, limits or Limits())
    if any(references.hold(file.path) for file in files):
        measures.insert(0, inside(references, "a reference folder", files))
    if any(file.member.doubt for file in files):
        measures.insert(0, complete(files))
    keep, reason = best(files, measures)
    going = [file for file in there if file.identity != keep.identity]
    left = _left_alone(there, keep, protection, edited=edited)
    others = sorted(file.path for file in going if file.path not in left)
    digests = {file.path: file.member.sha256 for file in there}
    closely = frozenset(file.path for file in there if _needs_a_close_look(file.member, keep.member))
    by_sight = frozenset(
        file.path for file in there if edited and not _shows_the_same(file.member, keep.member)
    )
    sentence = f"{reason[0].upper()}{reason[1:]}."
    return Choice(
        group.group_id, keep.path, tuple(others), sentence, digests, closely, by_sight, left, edited
    )


def _left_alone(
    there: list[Candidate], keep: Candidate, protection: Protection, *, edited: bool
) -> dict[Path, Left]:
    """Which files no action touches besides the one that stays, and why."""
    # By the file and not by its path: no name of a file goes if one of them is protected.
    held = {file.identity: why for file in there if (why := protection.of(file.member.image_id, file.path))}
    left: dict[Path, Left] = {}
    for file in there:
        if file.identity == keep.identity:
            continue
        if file.identity in held:
            left[file.path] = held[file.identity]
        elif file.link:
            left[file.path] = Left("link", "a symbolic link, which takes no space")
        elif keep.member.doubt:
            left[file.path] = Left("doubt", f"the file that stays is not complete: {keep.member.doubt}")
        elif not edited and not _shows_the_same(file.member, keep.member):
            left[file.path] = Left("edited", _why_another(file.member, keep.member))
    return left


def _shows_the_same(member: Member, kept: Member) -> bool:
    """Whether neither of two members shows anything that the other does not."""
    return member.image_id == kept.image_id or (_whole(member) and _whole(kept))


def _why_another(member: Member, kept: Member) -> str:
    """Why the file that stays cannot stand for one that shows less or more: "cropped to 62 %"."""
    seen, of = (kept, "the file that stays is ") if _whole(member) else (member, "")
    if seen.evidence is None or not seen.evidence.words:
        return "not verified by a second look"
    return f"{of}{', '.join(seen.evidence.words)}"


def _needs_a_close_look(member: Member, kept: Member) -> bool:
    """Whether two members count as the same whole picture only by the second look, at 256 pixels."""
    looked_at = member.evidence is not None or kept.evidence is not None
    return looked_at and member.image_id != kept.image_id and _shows_the_same(member, kept)


def _whole(member: Member) -> bool:
    """Whether a member is the whole picture that the group's medoid is, saved again, resized or turned."""
    return member.p == 0 if member.evidence is None else member.evidence.whole  # 0: the medoid itself


def _measures(rule: Rule, files: list[Candidate], limits: Limits) -> list[Measure]:
    if rule.name == "sharpest":
        first = sharpest(files, limits)
    elif rule.folder is not None:
        first = inside(Folders([rule.folder]), shown(rule.folder), files)
    else:
        first = _MEASURES[rule.name]
    return [first, *_TIES]
