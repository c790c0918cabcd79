"""The groups of duplicates as ``lookalike duplicates`` prints them."""

from __future__ import annotations

from lookalike.cli.output import counted, say, shown_size
from lookalike.cli.words import WHOLE_PICTURE
from lookalike.collection.duplicates.acting import Action
from lookalike.collection.duplicates.found import KeptGroups
from lookalike.collection.duplicates.group import Group, Member
from lookalike.collection.duplicates.protecting import Left, LeftKind
from lookalike.paths import shown

_KINDS: dict[LeftKind, str] = {
    "bank": "in a bank",
    "doubt": "beside a file that is not complete",
    "decision": "that you decided to keep",
    "link": "in name only, as a symbolic link",
    "edited": "showing less or more than the file that stays",
    "reference": "in a reference folder",
    "upload": "uploaded to the collection",
}
"""What is said of files that are left alone: "2 files in a bank"."""

_BOTH_INSIDE = (
    "Both pictures of a pair must lie at the paths given. For copies outside of a folder's pictures: "
    "lookalike duplicates --against FOLDER"
)

_NO_CHOICE = {
    False: "Only similar: none is suggested for removal.",
    True: "Symbolic links alone, which take no space: none is suggested for removal.",
}
"""What is said of a group without a file to keep, by whether it holds copies."""


def say_groups(found: KeptGroups, action: Action | None, *, done: bool) -> None:
    """Print each group: its files, what each is to the group, which one stays, and which are left alone.

    Args:
        found: the groups.
        action: what the command is to do with the files that need not stay, if anything.
        done: whether it has been done, so that what could go has gone.
    """
    linking = action is not None and action.kind == "hardlink"  # then not all that could go can be linked
    for group, choice in zip(found.groups, found.chosen, strict=True):
        files = group.file_count
        alike = f", similarity at least {group.least_similarity:.3f}" if len(group.members) > 1 else ""
        say(f"{group.group_id}  {counted(files, 'file')}{alike}")
        for member in group.members:
            for place, path in enumerate(member.paths):
                mark, left = "", None if choice is None else choice.left.get(path)
                if choice is not None and path == choice.keep:
                    mark = "keep"
                elif left is not None:
                    mark = "left"
                size = f"{member.width:,} x {member.height:,}"
                words = "the same file" if path in member.links else "the same bytes"
                if not place:
                    words = _words(member, group, found.terms.fpr)
                if left is not None:
                    words = _left_alone(words, left, linking)
                say(f"  {mark:4}  {size:>15}  {shown_size(member.bytes):>9}  {shown(path)}  ({words})")
        reason = _NO_CHOICE[group.copies(found.terms.fpr).file_count > 1] if choice is None else choice.reason
        say(f"  {reason}")
        say()
    if not found.groups:
        say("No duplicates found.")
        if found.terms.places and found.terms.against is None:
            say(_BOTH_INSIDE)
        return
    say(f"{counted(len(found.groups), 'group')}.{'' if linking or done else _spare(found)}")
    if left_files := found.left_files():
        counts = (_left(kind, left_files[kind], linking) for kind in sorted(left_files))
        say(f"Left alone: {', '.join(counts)}.")


def _spare(found: KeptGroups) -> str:
    if not found.spare_files:
        return " No file could go."
    size = shown_size(found.spare_bytes)
    return f" {counted(found.spare_files, 'file')} could go, which would free {size}."


def _left_alone(words: str, left: Left, linking: bool) -> str:
    """What a file is to its group, and why it is left alone; if both are the same, it is said once."""
    hint = "; --edited acts on it" if left.kind == "edited" and not linking else ""
    why = f"left alone: {left.reason}"
    told = words.replace(left.reason, why, 1) if left.reason in words else f"{words}; {why}"
    return told + hint


def _left(kind: LeftKind, files: int, linking: bool) -> str:
    """How many files are left alone for a reason: "2 files in a bank"."""
    hint = ""
    if kind == "edited" and not linking:
        hint = f" (--edited acts on {'it' if files == 1 else 'them'})"
    return f"{counted(files, 'file')} {_KINDS[kind]}{hint}"


def _words(member: Member, group: Group, fpr: float) -> str:
    """What an image is to its group: "image 18, cropped to 31 %"."""
    if member.image_id == group.medoid:
        what = "the others are compared with it" if len(group.members) > 1 else "several files"
    elif member.p > fpr:
        what = "similar"
    elif member.evidence is None or not member.evidence.verified:
        what = "too alike to be unrelated, not verified by a second look"
    else:
        what = ", ".join(member.evidence.words) or WHOLE_PICTURE
    frames = "; of its frames or pages only one was compared" if member.several_frames else ""
    doubt = f"; {member.doubt}" if member.doubt else ""
    return f"image {member.image_id}, {what}{frames}{doubt}"
