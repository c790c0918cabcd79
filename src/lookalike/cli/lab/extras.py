"""The optional packages that experiments need."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from lookalike.errors import MissingExtra


@contextmanager
def needing(extra: str) -> Iterator[None]:
    """Turn a failed import into an error that names the extra to install."""
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name is not None and error.name.startswith("lookalike"):
            raise
        raise MissingExtra(
            f"this command needs {error.name}, which the extra '{extra}' brings: "
            f"pip install 'lookalike[{extra}]'"
        ) from error
