"""Settling: how far a step came whose end was never written down, told from the files themselves.

A process can be killed, or a machine can stop, at any moment. What is left then is either the file as it was
(and perhaps a copy in progress, which is removed), or the file as the action leaves it.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from lookalike.collection.duplicates.content import holds
from lookalike.collection.duplicates.journal import Journal, State
from lookalike.collection.duplicates.placing import remove_second
from lookalike.collection.duplicates.step import Step


def settle(journal: Journal) -> None:
    """Bring every step that has no end to one, and write it down.

    Raises:
        StorageError: the journal cannot be written.
    """
    for step in journal.steps("intended"):
        journal.mark(step, outcome(step))


def outcome(step: Step) -> State:
    """Whether a step was taken; nothing but it is left half done afterwards.

    Returns:
        "done" or "void".
    """
    for folder in {step.path.parent, *([step.target.parent] if step.target else [])}:
        with suppress(OSError):
            step.aside(folder).unlink(missing_ok=True)
    if step.action == "hardlink":
        return "done" if _same_file(step.path, step.kept) else "void"
    if not holds(step.path, step.digest):
        return "done"
    if step.target is not None:
        with suppress(OSError):
            remove_second(step.path, step.target, step.digest)
    return "void"


def _same_file(path: Path, other: Path) -> bool:
    try:
        return os.path.samestat(path.lstat(), other.lstat())
    except (OSError, ValueError):
        return False
