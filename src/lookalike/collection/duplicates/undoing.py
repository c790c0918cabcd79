"""Undoing: files come back from the trash or a folder, and hard links become files of their own again.

A file that has come to a path since is never overwritten. What cannot be taken back is marked in the journal:
it does not stand in the way of earlier actions, and can be tried again by the name of its action.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from lookalike.collection.duplicates.content import Content, holds, read_content
from lookalike.collection.duplicates.journal import Journal
from lookalike.collection.duplicates.placing import copy_whole, place, remove_second
from lookalike.collection.duplicates.settling import settle
from lookalike.collection.duplicates.step import Step
from lookalike.collection.duplicates.trash import NotInTrash, Trash
from lookalike.errors import ImageError, NotFoundError
from lookalike.images import RejectedFile, reasons
from lookalike.paths import shown


@dataclass(slots=True)
class Undone:
    """What was taken back.

    Attributes:
        runs: names of the actions, the newest first.
        done: a step for each file that is as it was. Files that were trashed or moved are back at their
            ``path``, where the catalog does not know them until they are indexed again.
        refused: files that are not, each with a line.
        lost: paths of those of the refused that are not in the trash any more, so that trying again is vain.
    """

    runs: list[str] = field(default_factory=list)
    done: list[Step] = field(default_factory=list)
    refused: list[RejectedFile] = field(default_factory=list)
    lost: list[Path] = field(default_factory=list)


def undo(collection_folder: Path, run: str | None = None, *, every: bool = False) -> Undone:
    """Take back what was done to files.

    Args:
        collection_folder: where the journal is.
        run: name of the action to take back, with what was tried in vain before. If None, the last one of
            which something was not tried yet; if all was, everything that is left is tried again.
        every: take back all of them, the newest first, with what was tried in vain before.

    Raises:
        NotFoundError: there is nothing to take back, or no such action.
        Busy: another process acts on files right now.
        StorageError: the journal cannot be written.
    """
    if not Journal.read(collection_folder).runs():
        raise NotFoundError(f"nothing to take back for the collection at {shown(collection_folder)}")
    undone = Undone()
    trash = Trash()
    with Journal.opened(collection_folder) as journal:
        settle(journal)
        again = every or run is not None or not journal.untried()
        undone.runs = _chosen(journal, run) if again else journal.untried()[-1:]
        for name in undone.runs:
            steps = [*journal.steps("done", name), *(journal.steps("stuck", name) if again else ())]
            for step in sorted(steps, key=lambda step: -step.number):
                try:
                    _take_back(step, trash)
                except (ImageError, OSError) as error:
                    reason = str(error) if isinstance(error, ImageError) else reasons.of_os_error(error)
                    undone.refused.append(RejectedFile(step.path, reason))
                    undone.lost += [step.path] if isinstance(error, NotInTrash) else []
                    journal.mark(step, "stuck")
                else:
                    journal.mark(step, "undone")
                    undone.done.append(step)
    return undone


def _chosen(journal: Journal, run: str | None) -> list[str]:
    """The action of a name, or all of them, the newest first."""
    runs = journal.runs()[::-1]
    if run is None:
        return runs
    if run not in runs:
        known = "has been taken back already" if journal.knows(run) else "is not in the journal"
        raise NotFoundError(f"the action {shown(run)} {known}; list them: lookalike undo --list")
    return [run]


def _take_back(step: Step, trash: Trash) -> None:
    """Take one step back.

    Raises:
        ImageError, OSError: that cannot be done; nothing was.
    """
    if step.action == "hardlink":
        _part(step)
        return
    step.aside(step.path.parent).unlink(missing_ok=True)  # of an attempt that was killed
    if not holds(step.path, step.digest):
        _fetch(step, trash)
    else:
        with suppress(ImageError):  # it is back, and nothing is left of it where it was
            source, info = _source(step, trash)
            remove_second(step.path, source, step.digest)
            if info is not None and not os.path.lexists(source):
                info.unlink(missing_ok=True)
    if step.target is not None and step.folder is not None:
        _remove_empty(step.target.parent, step.folder)


def _source(step: Step, trash: Trash) -> tuple[Path, Path | None]:
    """Where a file went that was moved or thrown away, and its record in the trash.

    Raises:
        ImageError: it is not there any more, or holds other bytes.
    """
    if step.target is None:
        trashed = trash.find(step.path, step.digest)
        return trashed.file, trashed.info
    if not holds(step.target, step.digest):
        raise ImageError(f"it is no longer as it was moved to {shown(step.target)}")
    return step.target, None


def _fetch(step: Step, trash: Trash) -> None:
    """Bring a file back from where it went."""
    if not step.path.parent.is_dir():
        raise ImageError("the folder that it lay in is gone; make it again first")
    source, info = _source(step, trash)
    if os.path.lexists(step.path):
        raise ImageError(f"another file has come there since; the old one lies at {shown(source)}")
    place(source, step.path, step.aside(step.path.parent), step.digest)
    if info is not None:
        with suppress(OSError):
            info.unlink()


def _part(step: Step) -> None:
    """Make a file of its own out of a hard link, with the times and permissions that it had."""
    content: Content = read_content(step.path)
    if content.sha256 != step.digest:
        raise ImageError("it was changed since")
    if content.status.st_nlink == 1:
        return
    aside = step.aside(step.path.parent)
    copy_whole(step.path, aside, step.digest)
    try:
        aside.chmod(step.mode)
        os.utime(aside, ns=(step.modified, step.modified))
        if not content.is_still_at(step.path):
            raise ImageError("it is being written to")
        aside.replace(step.path)
    finally:
        aside.unlink(missing_ok=True)


def _remove_empty(folder: Path, top: Path) -> None:
    """Remove the folders below ``top`` that a move made and that are empty again."""
    with suppress(OSError):  # the first that is not empty
        while folder != top and folder.is_relative_to(top):
            folder.rmdir()
            folder = folder.parent
