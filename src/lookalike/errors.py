"""Every error that this package raises on purpose.

::

    LookalikeError
    ├── UsageError          the caller asked for something that makes no sense (also a ValueError)
    ├── ImageError          one image cannot be used; the batch goes on without it
    │   ├── UnreadableImage     not an image of an allowed format, or damaged
    │   ├── ImageTooLarge       more bytes or pixels than the limits allow
    │   └── FetchError          a URL that may not be, or could not be, fetched
    ├── NotFoundError       nothing is indexed, or no such image
    ├── DamagedError        a stored file does not hold what it should
    ├── EmbedderMismatch    the collection was made by another embedder
    └── MissingExtra        an optional package is not installed

A message says what was wrong with what, and what to do about it. The command line and the web layer
map this tree to exit codes and status codes in one place each.
"""

from __future__ import annotations


class LookalikeError(Exception):
    """Base of all errors raised on purpose by this package."""


class UsageError(LookalikeError, ValueError):
    """The caller asked for something that makes no sense; nothing was done."""


class ImageError(LookalikeError):
    """One image cannot be used."""


class UnreadableImage(ImageError):
    """The bytes are not an image of an allowed format, or they are damaged."""


class ImageTooLarge(ImageError):
    """The image has more bytes or pixels than the limits allow."""


class FetchError(ImageError):
    """The URL may not be fetched, or fetching it failed."""


class NotFoundError(LookalikeError):
    """Nothing is indexed, or what was named is not in the collection."""


class DamagedError(LookalikeError):
    """A stored file does not hold what it should."""


class EmbedderMismatch(LookalikeError):
    """Vectors of two embedders would meet; they cannot be compared."""


class MissingExtra(LookalikeError):
    """An optional package is not installed; the message names the extra that brings it."""
