"""``lookalike undo``: takes back what was done to the files of duplicates."""

from __future__ import annotations

from typing import Annotated

import typer

from lookalike.cli.codes import REJECTED
from lookalike.cli.options import AsJson, CollectionFolder, Quiet
from lookalike.cli.output import counted, note, note_files, note_rejected, say, say_json, say_table
from lookalike.cli.words import DONE
from lookalike.collection.duplicates.journal import Journal
from lookalike.collection.duplicates.undoing import Undone
from lookalike.collection.duplicates.undoing import undo as take_back
from lookalike.errors import UsageError
from lookalike.paths import shown
from lookalike.settings import load_settings


def undo(
    action: Annotated[
        str | None,
        typer.Argument(
            metavar="ACTION", help="Name of the action to undo, as --list shows it (default: the last)."
        ),
    ] = None,
    collection: CollectionFolder = None,
    every: Annotated[bool, typer.Option("--all", help="Undo every action, the newest first.")] = False,
    list_: Annotated[
        bool,
        typer.Option("--list", help="List the actions that can be undone, the newest last; change nothing."),
    ] = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Put back files that duplicates trashed, moved or hard-linked, unless another file is there now.

    Exit code 1: some files could not be put back. The next undo goes on with an earlier action; to try these
    again give the action's name.
    """
    if sum((action is not None, every, list_)) > 1:
        raise UsageError("give the name of an action, --all or --list, only one of them")
    folder = load_settings({"collection": collection}).collection
    if list_:
        _list(Journal.read(folder), as_json)
        return
    undone = take_back(folder, action, every=every)
    if as_json:
        say_json(
            "undo/1",
            actions=undone.runs,
            restored=[str(step.path) for step in undone.done],
            refused=[{"path": str(item.path), "reason": item.reason} for item in undone.refused],
        )
    elif not quiet:
        for step in undone.done:
            say(f"  {shown(step.path)}")
        gone = any(step.action != "hardlink" for step in undone.done)
        verb, them = ("is", "it") if len(undone.done) == 1 else ("are", "them")
        files = f"{counted(len(undone.done), 'file')} {verb} back"
        say(f"{files}; to find {them} again: lookalike index PATH" if gone else f"{files}.")
    if undone.refused and not as_json:
        _note_refused(undone)
    if undone.refused:
        raise typer.Exit(REJECTED)


def _note_refused(undone: Undone) -> None:
    """Say which files are not back, and for which of them it helps to try again."""
    lost = set(undone.lost)
    if others := [item for item in undone.refused if item.path not in lost]:
        note_rejected(others)
        again = undone.runs[0] if len(undone.runs) == 1 else "--all"
        note(f"To try these again: lookalike undo {again}; lookalike undo goes on with an earlier action.")
    if lost:
        files = counted(len(lost), "file")
        note(f"{files} not found in the trash; if it was emptied, nothing brings them back:")
        note_files(undone.lost)


def _list(journal: Journal, as_json: bool) -> None:
    stuck = set(journal.steps("stuck"))
    actions = [
        (run, [*journal.steps("done", run), *journal.steps("intended", run), *journal.steps("stuck", run)])
        for run in journal.runs()
    ]
    if as_json:
        say_json(
            "undo-list/1",
            actions=[
                {
                    "name": run,
                    "files": [
                        {"path": str(step.path), "action": step.action, "tried": step in stuck}
                        for step in steps
                    ],
                }
                for run, steps in actions
            ],
        )
        return
    if actions:
        rows = [(run, f"{len(steps):,}", DONE[steps[0].action]) for run, steps in actions]
        say_table(("action", "files", "were"), rows)
        for run, steps in actions:
            if tried := len(stuck.intersection(steps)):
                say(f"{counted(tried, 'file')} of {run} could not be put back when that was tried")
    else:
        say("nothing to take back")
