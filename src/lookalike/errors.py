"""Every error that this package raises on purpose.

::

    LookalikeError
    ├── UsageError          the caller asked for something that makes no sense (also a ValueError)
    ├── ImageError          one image cannot be used; the batch goes on without it
    │   ├── UnreadableImage     not an image of an allowed format, or damaged
    │   ├── ImageTooLarge       more bytes or pixels than the limits allow
    │   └── FetchError          a URL that may not be, or could not be, fetched
    ├── NotFoundError       nothing is indexed, or no such image
    ├── StorageError        the machine could not store or read: no room, no permission, no more open files
    ├── Conflict            somebody else has just changed what was to be changed
    ├── Busy                a server or the catalog has too much to do; ask again in a moment
    ├── DamagedError        a stored file does not hold what it should
    ├── EmbedderMismatch    the collection was made by another embedder
    └── MissingExtra        an optional package is not installed

A message says what was wrong with what, and what to do about it. Each class has a ``kind``: its name for
other programs, which the server sends and the client turns back into the class. The command line and the web
layer map this tree to exit codes and status codes in one place each.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar


class LookalikeError(Exception):
    """Base of all errors raised on purpose by this package.

    Attributes:
        kind: name of the class for other programs; never changes once published.
    """

    kind: ClassVar[str] = "lookalike-error"


class UsageError(LookalikeError, ValueError):
    """The caller asked for something that makes no sense; nothing was done."""

    kind = "usage-error"


class ImageError(LookalikeError):
    """One image cannot be used."""

    kind = "image-error"


class UnreadableImage(ImageError):
    """The bytes are not an image of an allowed format, or they are damaged."""

    kind = "unreadable-image"


class ImageTooLarge(ImageError):
    """The image has more bytes or pixels than the limits allow."""

    kind = "image-too-large"


class FetchError(ImageError):
    """The URL may not be fetched, or fetching it failed."""

    kind = "fetch-error"


class NotFoundError(LookalikeError):
    """Nothing is indexed, or what was named is not in the collection."""

    kind = "not-found-error"


class StorageError(LookalikeError):
    """The machine could not store or read: the disk is full, read-only or failing, the user has no
    permission, or too many files are open.
    """

    kind = "storage-error"


class Conflict(LookalikeError):
    """Somebody else has just changed what was to be changed; nothing was done.

    Attributes:
        replaces: the entry of the audit log with the decision that stands there; whoever names this entry can
            replace it. None if there is no such decision.
    """

    kind = "conflict"

    def __init__(self, message: str, replaces: int | None = None) -> None:
        super().__init__(message)
        self.replaces = replaces


class Busy(LookalikeError):
    """A server or the catalog has too much to do; the same request can succeed a moment later."""

    kind = "busy"


class DamagedError(LookalikeError):
    """A stored file does not hold what it should."""

    kind = "damaged-error"


RESTORE = "move its folder away, then restore a backup (lookalike restore FILE) or run lookalike index again"
"""What to do about a catalog that is damaged where nothing can be made anew from the pictures' files."""


class EmbedderMismatch(LookalikeError):
    """Vectors of two embedders would meet; they cannot be compared."""

    kind = "embedder-mismatch"


class MissingExtra(LookalikeError):
    """An optional package is not installed; the message names the extra that brings it."""

    kind = "missing-extra"


def error_of(kind: str) -> type[LookalikeError] | None:
    """The class of errors that is called ``kind``; None if there is none."""
    return next((error for error in _tree(LookalikeError) if error.kind == kind), None)


def reason_of(error: Exception) -> str:
    """What an error that is none of ours says; of the system's, without its number and the path."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _tree(error: type[LookalikeError]) -> Iterator[type[LookalikeError]]:
    yield error
    for below in error.__subclasses__():
        yield from _tree(below)
