"""``lookalike duplicates``: finds copies in the collection, remembers decisions, and cleans up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from lookalike import Collection
from lookalike.cli.codes import INTERRUPTED, NOT_FOUND, REJECTED
from lookalike.cli.duplicate_groups import say_groups
from lookalike.cli.grouping import grouped
from lookalike.cli.options import AsJson, CollectionFolder, FalseRate, Quiet
from lookalike.cli.output import counted, note, note_rejected, say, say_json
from lookalike.cli.progress import ProgressBar
from lookalike.cli.words import DONE
from lookalike.collection.duplicates.acting import Acted, Action, apply, refuse_to_move_into
from lookalike.collection.duplicates.found import KeptGroups
from lookalike.collection.duplicates.group import Group
from lookalike.collection.duplicates.guarding import EDITED
from lookalike.collection.duplicates.keeping import Rule
from lookalike.collection.duplicates.search import DuplicateSearch
from lookalike.collection.duplicates.terms import Terms
from lookalike.collection.questions import FPR
from lookalike.errors import UsageError
from lookalike.paths import shown
from lookalike.settings import load_settings
from lookalike.store import Decision


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Which duplicates are asked for."""

    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="PATH…", help="List only pairs of which both pictures lie at these paths (default: all)."
        ),
    ] = None
    against: Annotated[
        Path | None,
        typer.Option(
            "--against",
            metavar="FOLDER",
            help="Look only for copies of the pictures in this folder; the folder is not touched.",
        ),
    ] = None
    similar: Annotated[
        bool,
        typer.Option(
            "--similar", help="Also list similar pictures that are no copies; they are never touched."
        ),
    ] = False
    fpr: FalseRate = FPR

    def terms(self) -> Terms:
        """What is asked for, in the form that the search takes."""
        return Terms.of(self.paths or [], against=self.against, similar=self.similar, fpr=self.fpr)


@dataclass(frozen=True, kw_only=True)
class Deed:
    """What is to be done with the duplicates."""

    keep: Annotated[
        str,
        typer.Option(
            "--keep",
            metavar="RULE",
            help="Which file stays: largest, oldest, newest, shortest-path, sharpest or in:FOLDER.",
        ),
    ] = "largest"
    trash: Annotated[bool, typer.Option("--trash", help="Put the other files into the trash.")] = False
    move_to: Annotated[
        Path | None, typer.Option("--move-to", metavar="DIR", help="Move the other files to a folder.")
    ] = None
    hardlink: Annotated[
        bool, typer.Option("--hardlink", help="Replace files that hold the same bytes by hard links.")
    ] = False
    edited: Annotated[
        bool,
        typer.Option(
            "--edited",
            help="Also act on copies that are cropped, set into a larger picture, or changed in a part.",
        ),
    ] = False
    apply: Annotated[
        bool, typer.Option("--apply", help="Do it. Without this, only say what would be done.")
    ] = False

    def action(self) -> Action | None:
        """The action that was chosen, if one was.

        Raises:
            UsageError: several were, or ``--apply`` came without one.
        """
        if sum((self.trash, self.move_to is not None, self.hardlink)) > 1:
            raise UsageError("give only one of --trash, --move-to and --hardlink")
        if self.move_to is not None:
            return Action("move", self.move_to)
        if self.trash or self.hardlink:
            return Action("trash" if self.trash else "hardlink")
        if self.apply:
            raise UsageError("--apply does what --trash, --move-to or --hardlink says; give one of them")
        return None


@dataclass(frozen=True, kw_only=True)
class Decided:
    """What a person decided."""

    not_a_match: Annotated[
        list[str] | None,
        typer.Option(
            "--not-a-match",
            metavar="ID",
            help="No copies: the ID of a group, or ID/IMAGE if only one image is wrong; repeatable.",
        ),
    ] = None
    keep_all: Annotated[
        list[str] | None,
        typer.Option(
            "--keep-all",
            metavar="ID",
            help="Keep all of a group (ID), or one image (ID/IMAGE), and do not list it again; repeatable.",
        ),
    ] = None
    forget: Annotated[
        bool,
        typer.Option("--forget-decisions", help="Forget everything that --not-a-match and --keep-all said."),
    ] = False

    def __bool__(self) -> bool:
        return bool(self.not_a_match or self.keep_all or self.forget)

    def take(self, search: DuplicateSearch, terms: Terms) -> tuple[int, list[str]]:
        """Remember them, and forget older ones first if that was asked.

        Returns:
            How many pairs they are about, and a line about each decision.
        """
        lines = []
        if self.forget:
            search.forget_decisions()
            lines.append("All decisions are forgotten.")
        groups = search.groups(terms) if self.not_a_match or self.keep_all else []
        pairs = 0
        told: list[tuple[Decision, str]] = [
            *(("not a match", name) for name in self.not_a_match or []),
            *(("keep all", name) for name in self.keep_all or []),
        ]
        for decision, name in told:
            pairs += search.decide_named(name, decision, groups)
            lines.append(_decided(name, decision, groups))
        return pairs, lines


@grouped
def duplicates(
    *,
    asked: Asked,
    collection: CollectionFolder = None,
    deed: Deed,
    decided: Decided,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Find pictures that are copies of each other, and clean up. Exit code 3: there are none.

    Nothing is touched without --apply; lookalike undo takes an action back. Ctrl-C keeps what was found.
    """
    terms, rule, action = asked.terms(), Rule.read(deed.keep), deed.action()
    if action is not None and (terms.similar or decided):
        raise UsageError("an action goes neither with --similar nor with a decision; run two commands")
    settings = load_settings({"collection": collection})
    with Collection.open(settings=settings) as pictures:
        if action is not None:
            refuse_to_move_into(pictures.catalog.roots(), action)
        search = DuplicateSearch(pictures.bases)
        if decided:
            taken, lines = decided.take(search, terms)
            if as_json:
                say_json("decisions/1", taken=taken, remembered=search.decisions())
            elif not quiet:
                say("\n".join(lines))
            return
        with _watched("Looking for copies", " and kept; run the same command again to go on", quiet) as bar:
            groups = search.find(terms, bar)
        _note_gone(pictures, groups, quiet=quiet or as_json)
        protection = search.protection(groups, terms)
        found = KeptGroups.of(groups, rule, terms, settings.limits, protection=protection, edited=deed.edited)
        acted = None
        if action is not None:
            further = "; lookalike undo takes back what was done" if deed.apply else "; nothing was touched"
            with _watched("Checking files", further, quiet) as bar:
                acted = apply(
                    found.choices(),
                    action,
                    settings.collection,
                    reference_folders=terms.references,
                    dry_run=not deed.apply,
                    limits=settings.limits,
                    on_progress=bar,
                )
            if deed.apply:
                known = set(pictures.files())  # another process may have forgotten some meanwhile
                pictures.remove([path for path in acted.gone if path in known])
    if as_json:
        say_json("duplicates/1", **found.facts(), action=_facts(acted, action, done=deed.apply))
    elif not quiet:
        say_groups(found, action, done=deed.apply)
        _say_acted(acted, action, done=deed.apply)
    if acted is not None and acted.refused and not as_json:
        note_rejected(acted.refused)
    if acted is not None and acted.refused:
        raise typer.Exit(REJECTED)
    if not groups:
        raise typer.Exit(NOT_FOUND)


@contextmanager
def _watched(what: str, further: str, quiet: bool) -> Iterator[ProgressBar]:
    """Show a progress bar. Ctrl-C ends the command and says how much is done, and what follows from that."""
    bar = ProgressBar(what, visible=not quiet)
    try:
        with bar:
            yield bar
    except KeyboardInterrupt:
        note(f"Stopped. {counted(bar.done, 'picture')} done{further}.")
        raise typer.Exit(INTERRUPTED) from None


def _decided(name: str, decision: Decision, groups: Sequence[Group]) -> str:
    """What follows from a decision about a group, or about one image of it."""
    group_id, _, image = name.partition("/")
    said = "Kept" if decision == "keep all" else "Not a match"
    if image:
        return f"{said}: image {image} of group {group_id}; it is not shown with the others again."
    (members,) = (group.members for group in groups if group.group_id == group_id)
    pictures = counted(len(members), "picture")
    return f"{said}: {pictures} of group {group_id}; it is not shown again."


def _note_gone(pictures: Collection, groups: Sequence[Group], *, quiet: bool) -> None:
    """Say why nothing may have been found: files that are gone do not count."""
    if not groups and not quiet and (gone := pictures.status().missing):
        note(f"{counted(len(gone), 'file')} of the collection cannot be found: is the drive mounted?")


def _say_acted(acted: Acted | None, action: Action | None, *, done: bool) -> None:
    if acted is None or action is None:
        return
    what = DONE[action.kind]
    say()
    if done:
        say(f"{counted(len(acted.done), 'file')} {what}.")
    else:
        say(f"Would be {what}:" if acted.done else f"No file would be {what}.")
    for step in acted.done:
        say(f"  {shown(step.path)}" + (f" -> {shown(step.target)}" if step.target is not None else ""))
    edited = sum(item.reason == EDITED for item in acted.skipped)
    for item in acted.skipped:
        if item.reason != EDITED:
            say(f"  left alone: {shown(item.path)}: {item.reason}")
    if edited:
        copies = f"{counted(edited, 'edited copy', 'edited copies')} {'is' if edited == 1 else 'are'}"
        say(f"{copies} left alone: only files with the same bytes can be linked")
    if done and acted.done:
        say(f"Take it back: lookalike undo {acted.run}")
    elif acted.done:
        say("Nothing was touched; --apply does it.")


def _facts(acted: Acted | None, action: Action | None, *, done: bool) -> dict[str, Any] | None:
    if acted is None or action is None:
        return None
    return {
        "kind": action.kind,
        "applied": done,
        "run": acted.run,
        "done": [
            {"path": str(step.path), "target": None if step.target is None else str(step.target)}
            for step in acted.done
        ],
        "refused": [{"path": str(item.path), "reason": item.reason} for item in acted.refused],
        "skipped": [{"path": str(item.path), "reason": item.reason} for item in acted.skipped],
    }
