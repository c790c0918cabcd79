"""Acting: the files of groups that a choice does not keep go to the trash, to a folder, or become hard links.

Nothing is lost: every file is checked right before it is touched (``guarding``), every step is in the journal
before it is taken (``journal``), and ``undoing`` takes steps back.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from lookalike.collection.duplicates.content import Content
from lookalike.collection.duplicates.guarding import Guard, Pointless
from lookalike.collection.duplicates.journal import Journal
from lookalike.collection.duplicates.keeping import Choice
from lookalike.collection.duplicates.placing import free_name, make_folders, place
from lookalike.collection.duplicates.settling import outcome, settle
from lookalike.collection.duplicates.step import ActionKind, Step
from lookalike.collection.duplicates.trash import throw_away
from lookalike.collection.reports import Progress, unheard
from lookalike.disk import can_be_made, deepest_there
from lookalike.errors import ImageError, StorageError, UsageError
from lookalike.images import Limits, RejectedFile, reasons
from lookalike.images.names import is_of_programs
from lookalike.paths import absolute, shown


@dataclass(frozen=True, slots=True)
class Action:
    """What is to happen to files.

    Attributes:
        kind: "trash", "move", or "hardlink": the file becomes another name of the kept file.
        folder: where "move" puts files, absolute; None otherwise.
    """

    kind: ActionKind
    folder: Path | None = None

    def __post_init__(self) -> None:
        """Check that a folder is there for a move, and for nothing else."""
        if (self.kind == "move") != (self.folder is not None):
            raise UsageError("a move needs a folder, and nothing else does")
        if self.folder is not None:
            object.__setattr__(self, "folder", absolute(self.folder))


@dataclass(slots=True)
class Acted:
    """What an action did, or would do.

    Attributes:
        run: the action's name, by which it can be taken back; empty for a dry run.
        done: a step for each file that was dealt with.
        refused: files that were left alone though something could have been gained, each with a line.
        skipped: files that the action is not for, each with a line: of which nothing could be gained, as
            symbolic links and hard links of the kept file, or by which colours would be lost.
    """

    run: str = ""
    done: list[Step] = field(default_factory=list)
    refused: list[RejectedFile] = field(default_factory=list)
    skipped: list[RejectedFile] = field(default_factory=list)

    @property
    def gone(self) -> list[Path]:
        """Paths at which no file is any more, for the catalog to forget; a hard link stays where it was."""
        return [step.path for step in self.done if step.action != "hardlink"]


def apply(
    choices: Sequence[Choice],
    action: Action,
    collection_folder: Path,
    *,
    reference_folders: Iterable[Path] = (),
    dry_run: bool = False,
    limits: Limits | None = None,
    on_progress: Callable[[Progress], None] = unheard,
) -> Acted:
    """Act on the files that some choices do not keep.

    A file is touched only if it and the kept file hold, right now, the bytes that were indexed. What is
    refused does not stop the rest. The catalog is left alone: the caller forgets ``Acted.gone``.

    Args:
        choices: what is kept, and what is not.
        action: what happens to the latter. A file is moved with its folders from the deepest one on that
            holds all files of the choices.
        collection_folder: where the journal is.
        reference_folders: nothing in them is touched.
        dry_run: check everything, but touch nothing and write no journal.
        limits: for the pictures that are looked at closely.
        on_progress: called on this thread, first with ``done=0``.

    Raises:
        Busy: another process acts on files right now.
        StorageError: the journal or the folder of a move cannot be written.
        UsageError: a reference folder is none.
    """
    guard = Guard(choices, reference_folders, limits or Limits())
    if action.folder is not None and not can_be_made(action.folder):
        raise StorageError(f"the folder {shown(action.folder)} cannot be written to")
    with ExitStack() as stack:
        journal = None
        if not dry_run:
            journal = stack.enter_context(Journal.opened(collection_folder))
            settle(journal)
        doing = _Doing(action, guard, journal, _common_folder(choices))
        total = sum(len(choice.others) for choice in choices)
        on_progress(Progress(0, total))
        done = 0
        for choice in choices:
            for _ in doing.deal_with(choice):
                done += 1
                on_progress(Progress(done, total))
    return doing.acted


def refuse_to_move_into(roots: Iterable[Path], action: Action) -> None:
    """Refuse to move files to where the next ``index`` would find them again, as copies of those that stayed.

    Args:
        roots: the folders that are indexed.
        action: what is to happen. Hidden folders, and those of other programs, are fine: a walk passes by.

    Raises:
        UsageError: the files would be moved into one of the folders.
    """
    if action.folder is None:
        return
    folder = Path(os.path.realpath(action.folder))
    for root in roots:
        real = Path(os.path.realpath(root))
        if not folder.is_relative_to(real):
            continue
        if not any(name.startswith(".") or is_of_programs(name) for name in folder.relative_to(real).parts):
            raise UsageError(
                f"{shown(action.folder)} lies in {shown(root)}, which is indexed: lookalike index would find "
                "the moved files again; give a folder outside it, or one whose name begins with a dot"
            )


class _Doing:
    """An action on its way through the files."""

    def __init__(self, action: Action, guard: Guard, journal: Journal | None, base: Path) -> None:
        self._action, self._guard, self._journal, self._base = action, guard, journal, base
        self._taken: set[Path] = set()
        self._there = None if action.folder is None else deepest_there(action.folder)
        self.acted = Acted(run=journal.new_run() if journal else "")

    def deal_with(self, choice: Choice) -> Iterator[Path]:
        """Act on the others of a choice; yields each when it is over."""
        kept: Content | ImageError
        try:
            kept = self._guard.kept(choice)
        except ImageError as error:
            kept = error
        for path in choice.others:
            try:
                if isinstance(kept, ImageError):
                    raise kept
                content = self._guard.other(choice, kept, path, self._action.kind)
                step = self._plan(choice, path, content)
                if self._journal is not None:
                    self._take(step, content, kept, self._journal)
                self.acted.done.append(step)
            except Pointless as reason:
                self.acted.skipped.append(RejectedFile(path, str(reason)))
            except ImageError as reason:
                self.acted.refused.append(RejectedFile(path, str(reason)))
            yield path

    def _plan(self, choice: Choice, path: Path, content: Content) -> Step:
        target = None
        if self._action.folder is not None:
            if path.is_relative_to(self._action.folder):
                raise ImageError("it lies in the folder to move to already")
            target = free_name(self._action.folder / path.relative_to(self._base), self._taken)
            self._taken.add(target)
        return Step(
            run=self.acted.run,
            number=len(self.acted.done) + len(self.acted.refused) + len(self.acted.skipped) + 1,
            action=self._action.kind,
            path=path,
            kept=choice.keep,
            sha256=content.sha256.hex(),
            mode=stat.S_IMODE(content.status.st_mode),
            modified=content.status.st_mtime_ns,
            target=target,
            folder=self._there,
        )

    def _take(self, step: Step, content: Content, kept: Content, journal: Journal) -> None:
        """Take a step, between its two lines in the journal.

        Raises:
            ImageError: the system refuses it; then the file is as it was.
            StorageError: the journal cannot be written.
        """
        journal.intend(step)
        try:
            if not content.is_still_at(step.path) or not kept.is_still_at(step.kept):
                raise ImageError("it or the file to keep has changed meanwhile")
            if step.action == "trash":
                throw_away(step.path)
            elif step.target is not None:
                make_folders(step.target.parent)
                place(step.path, step.target, step.aside(step.target.parent), step.digest)
            else:
                _link(step, kept)
        except ImageError:  # raised before the file is touched: whatever lies there is none of this step's
            outcome(step)  # clears what is in progress
            journal.mark(step, "void")
            raise
        except OSError as error:
            ended = outcome(step)
            journal.mark(step, ended)
            if ended != "done":
                raise ImageError(_why(error)) from error
        else:
            journal.mark(step, "done")


def _link(step: Step, kept: Content) -> None:
    """Put a hard link of the kept file in place of a file, in one step that no reader can see half done."""
    aside = step.aside(step.path.parent)
    aside.unlink(missing_ok=True)
    try:
        os.link(step.kept, aside)
    except OSError as error:
        raise ImageError(f"no hard link can be made here: {reasons.of_os_error(error)}") from error
    try:
        if not kept.is_still_at(aside):
            raise ImageError("the file to keep has changed meanwhile")
        aside.replace(step.path)
    finally:
        aside.unlink(missing_ok=True)


def _common_folder(choices: Iterable[Choice]) -> Path:
    """The deepest folder that holds all files of some choices; each holds one at least."""
    folders = {path.parent for choice in choices for path in (choice.keep, *choice.others)}
    return Path(os.path.commonpath(folders)) if folders else Path(os.sep)


def _why(error: OSError) -> str:
    return f"the system refuses: {reasons.of_os_error(error)}"
