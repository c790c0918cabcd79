"""Kept groups: duplicates with the file of each that stays, and the same as JSON shows it on all surfaces.

docs/json.md describes the fields.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from lookalike.collection.duplicates.group import Group, Member
from lookalike.collection.duplicates.keeping import Choice, Rule, choose
from lookalike.collection.duplicates.protecting import LeftKind, Protection
from lookalike.collection.duplicates.terms import Terms
from lookalike.images import Limits


@dataclass(frozen=True, slots=True)
class KeptGroups:
    """Groups of duplicates, and which file of each stays.

    Attributes:
        terms: what was asked for.
        groups: what was found.
        chosen: for each group which file stays; None if it holds nothing to choose from, as a group of
            similar images, or one whose files have all gone.
    """

    terms: Terms
    groups: Sequence[Group]
    chosen: Sequence[Choice | None]

    @classmethod
    def of(
        cls,
        groups: Sequence[Group],
        rule: Rule,
        terms: Terms,
        limits: Limits,
        *,
        protection: Protection | None = None,
        edited: bool = False,
    ) -> Self:
        """Choose by a rule.

        Args:
            groups: what was found.
            rule: says which file stays.
            terms: what was asked for.
            limits: for reading pictures, which only the rule "sharpest" does.
            protection: tells what no action touches: ``DuplicateSearch.protection``.
            edited: see ``choose``.
        """
        chosen = []
        for group in groups:
            copies = group.copies(terms.fpr)
            several = copies.file_count > 1
            choice = None
            if several:
                choice = choose(copies, rule, protection=protection, limits=limits, edited=edited)
            chosen.append(choice)
        return cls(terms, groups, chosen)

    def choices(self) -> list[Choice]:
        """What an action may act on."""
        return [choice for choice in self.chosen if choice is not None and choice.others]

    @property
    def spare_files(self) -> int:
        """How many files need not stay."""
        return len(self._spare())

    @property
    def spare_bytes(self) -> int:
        """Bytes that these files take."""
        sizes = {
            path: member.bytes for group in self.groups for member in group.members for path in member.files
        }
        return sum(sizes[path] for path in self._spare())

    def left_files(self) -> Counter[LeftKind]:
        """How many files are left alone for each reason, besides those that stay."""
        links = self._links()
        return Counter(
            why.kind
            for choice in self.chosen
            if choice is not None
            for path, why in choice.left.items()
            if path not in links
        )

    def _links(self) -> set[Path]:
        return {path for group in self.groups for member in group.members for path in member.links}

    def _spare(self) -> list[Path]:
        """One path of each file that need not stay."""
        links = self._links()
        return [path for choice in self.choices() for path in choice.others if path not in links]

    def facts(self) -> dict[str, Any]:
        """All of it as JSON shows it."""
        return {
            "groups": [self._group(*both) for both in zip(self.groups, self.chosen, strict=True)],
            "fpr": self.terms.fpr,
            "spare_files": self.spare_files,
            "spare_bytes": self.spare_bytes,
        }

    def _group(self, group: Group, choice: Choice | None) -> dict[str, Any]:
        return {
            "group_id": group.group_id,
            "medoid": group.medoid,
            "keep": None if choice is None else _image_of(choice, group),
            "keep_path": None if choice is None else str(choice.keep),
            "reason": "" if choice is None else choice.reason,
            "spare": [] if choice is None else [str(path) for path in choice.others],
            "left": [] if choice is None else _left(choice),
            "least_similarity": round(group.least_similarity, 6),
            "members": [_member(member, self.terms.fpr) for member in group.members],
        }


def _member(member: Member, fpr: float) -> dict[str, Any]:
    return {
        "image_id": member.image_id,
        "paths": [str(path) for path in member.paths],
        "links": [str(path) for path in member.paths if path in member.links],
        "width": member.width,
        "height": member.height,
        "bytes": member.bytes,
        "modified": _time(member.modified),
        "similarity": round(member.similarity, 6),
        "p": member.p,
        "verdict": _verdict(member, fpr),
        "several_frames": member.several_frames,
        "doubt": member.doubt,
        "evidence": None if member.evidence is None else member.evidence.facts(),
    }


def _verdict(member: Member, fpr: float) -> str:
    """What a member is to its group's medoid: "identical" is the medoid itself."""
    if member.p == 0:
        return "identical"
    return "copy" if member.p <= fpr else "similar"


def _left(choice: Choice) -> list[dict[str, str]]:
    return [
        {"path": str(path), "kind": why.kind, "reason": why.reason}
        for path, why in sorted(choice.left.items())
    ]


def _image_of(choice: Choice, group: Group) -> int:
    return next(member.image_id for member in group.members if choice.keep in member.paths)


def _time(seconds: float) -> str | None:
    """A time in ISO 8601 and UTC; None for one that no calendar has."""
    with suppress(OverflowError, ValueError, OSError):
        return f"{datetime.fromtimestamp(int(seconds), UTC):%Y-%m-%dT%H:%M:%SZ}"
    return None
