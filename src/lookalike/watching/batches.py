"""Changes below some paths, gathered until they pause."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from lookalike.errors import MissingExtra, StorageError, reason_of
from lookalike.watching.places import states

try:
    from watchfiles import Change, watch
except ImportError as error:
    raise MissingExtra("watching folders needs watchfiles: pip install 'lookalike[watch]'") from error

_TICK = 1.0  # seconds between looks at the paths, and without changes before a batch is yielded
_LONGEST = 10.0  # seconds that changes are gathered for, if they do not pause
_PAUSE = 0.1  # seconds before paths are watched anew


@dataclass(frozen=True, slots=True)
class Batch:
    """What may have changed.

    Attributes:
        places: those of the watched paths that are there now.
        changed: paths at or below them; None if anything there may have changed.
        gone: whether a file or folder was deleted or moved away.
    """

    places: Sequence[Path]
    changed: frozenset[Path] | None
    gone: bool


def batches(places: Sequence[Path]) -> Iterator[Batch | None]:
    """Watch some paths for ever.

    The first batch, and the first after a path or a drive below it has come, gone or been replaced, says that
    anything may have changed; it is yielded when the system watches already, so that nothing is missed.

    Args:
        places: absolute paths; those that are not there are watched as soon as they are.

    Yields:
        A batch once changes have paused for a second, and None after each second without any.

    Raises:
        StorageError: the system does not let so many folders be watched.
        KeyboardInterrupt: Ctrl-C was pressed.
    """
    while True:
        before = states(places)
        there = list(before)
        fresh = True
        for changes in _changes(there):
            gone = {Path(path) for kind, path in changes if kind == Change.deleted}
            if states(places) != before or not gone.isdisjoint(there):
                break
            if fresh and there:
                yield Batch(there, None, gone=True)
            elif changes:
                yield Batch(there, frozenset(Path(path) for _, path in changes), bool(gone))
            else:
                yield None
            fresh = False
        time.sleep(_PAUSE)


def _changes(places: Sequence[Path]) -> Iterator[set[tuple[Change, str]]]:
    """What changed at or below some paths: the kind of each change, and its path.

    A set is yielded when changes have paused, and an empty one at each tick without any.
    """
    if not places:
        while True:
            time.sleep(_TICK)
            yield set()
    try:
        try:
            yield from _told(places, lenient=False)
        except PermissionError:  # what may not be read below them is left out, as index does
            yield from _told(places, lenient=True)
    except FileNotFoundError:  # gone since it was looked for; it is looked for again
        return
    except OSError as error:
        raise StorageError(
            f"the system does not watch so many folders: {reason_of(error)}"
            "; on Linux raise fs.inotify.max_user_watches"
        ) from error


def _told(places: Sequence[Path], *, lenient: bool) -> Iterator[set[tuple[Change, str]]]:
    """What watchfiles tells of.

    Args:
        places: that are there.
        lenient: pass by folders that may not be read. It passes by those beyond the system's limit as well,
            without a word.
    """
    return watch(
        *places,
        watch_filter=None,
        step=round(1000 * _TICK),
        debounce=round(1000 * _LONGEST),
        rust_timeout=round(1000 * _TICK),
        yield_on_timeout=True,
        ignore_permission_denied=lenient,
    )
