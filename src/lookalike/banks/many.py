"""Checks of many files, on all cores."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from lookalike.banks.checking import Checking, Keep
from lookalike.banks.results import CheckAnswer
from lookalike.collection.facade import Collection
from lookalike.collection.workers import tasks_of, worked
from lookalike.errors import ImageError
from lookalike.images import RejectedFile, read_file, scan
from lookalike.images.decoders import Decoders
from lookalike.paths import all_absolute


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of a file.

    Attributes:
        path: of the file, absolute.
        answer: what the banks say; None if it could not be used.
        reason: why not; empty if it could.
    """

    path: Path
    answer: CheckAnswer | None
    reason: str = ""


def found_files(paths: Iterable[str | Path]) -> tuple[list[Path], list[Checked]]:
    """The pictures in files and folders, and what of them cannot be used."""
    files: list[Path] = []
    rejected: list[Checked] = []
    for item in scan(all_absolute(paths)):
        if isinstance(item, RejectedFile):
            rejected.append(Checked(item.path, None, item.reason))
        else:
            files.append(item.path)
    return files, rejected


KeepFile = Callable[[Path], Keep]
"""Says for a file how it is kept if a bank reports it."""


def check_files(
    files: Sequence[Path], checking: Checking, collection: Collection, keep: KeepFile | None = None
) -> Iterator[Checked]:
    """Hold files against all enabled banks, and yield what came of each, in any order.

    Args:
        files: absolute paths of pictures.
        checking: of the collection's banks.
        collection: that holds the banks.
        keep: called on other threads, before what came of a file is yielded.

    Raises:
        UsageError: no bank is enabled.
    """
    threads, limits = collection.settings.threads, collection.settings.limits
    decoders = Decoders(threads)
    if len(collection):
        collection.bases.now()  # loaded once, before many threads ask for it

    def check_one(path: Path) -> Checked:
        try:
            answer = checking.answer(read_file(path, limits), decoders, keep and keep(path))
        except ImageError as error:
            return Checked(path, None, str(error))
        return Checked(path, answer)

    def check(task: Sequence[Path]) -> list[Checked]:
        return [check_one(path) for path in task]

    # The decoders are closed first, so that no thread is waited for that waits for a picture.
    with closing(worked(tasks_of(files), check, threads)) as finished, decoders:
        for parts in finished:
            for part in parts:
                yield from part
