"""The groups of duplicates as ``lookalike duplicates`` prints them."""

from __future__ import annotations

from lookalike.cli.output import counted, say, shown_size
from lookalike.cli.words import WHOLE_PICTURE
from lookalike.collection.duplicates.acting import Action
from lookalike.collection.duplicates.found import KeptGroups
from lookalike.collection.duplicates.group import Group, Member
from lookalike.paths import shown


def say_groups(found: KeptGroups, action: Action | None) -> None:
    """Print each group: its files, what each is to the group, which one stays, and which are left alone.

    Args:
        found: the groups.
        action: what the command is to do with the files that need not stay, if anything.
    """
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
                    words += f"; left alone: {left.reason}"
                say(f"  {mark:4}  {size:>15}  {shown_size(member.bytes):>9}  {shown(path)}  ({words})")
        say(f"  {choice.reason}" if choice is not None else "  Only similar: none is suggested for removal.")
        say()
    if not found.groups:
        say("No duplicates found.")
        return
    spare = (
        f" {counted(found.spare_files, 'file')} could go, which would free {shown_size(found.spare_bytes)}."
    )
    linking = action is not None and action.kind == "hardlink"  # then not all that could go can be linked
    say(f"{counted(len(found.groups), 'group')}.{'' if linking else spare}")


def _words(member: Member, group: Group, fpr: float) -> str:
    """What an image is to its group: "image 18, cropped to 31 %"."""
    if member.image_id == group.medoid:
        what = "the others are copies of it" if len(group.members) > 1 else "several files"
    elif member.p > fpr:
        what = "similar"
    elif member.evidence is None or not member.evidence.verified:
        what = "too alike to be unrelated, not verified by a second look"
    else:
        what = ", ".join(member.evidence.words) or WHOLE_PICTURE
    frames = "; of its frames or pages only one was compared" if member.several_frames else ""
    return f"image {member.image_id}, {what}{frames}"
