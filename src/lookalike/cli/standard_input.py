"""Pictures that come through standard input."""

from __future__ import annotations

import sys

from lookalike.collection.pictures import Source
from lookalike.errors import ImageTooLarge


def source_of(argument: str, most: int) -> Source:
    """The picture that an argument names: a file, a web address, or the bytes on standard input for ``-``.

    Args:
        argument: as it was typed.
        most: bytes that are read at most.

    Raises:
        ImageTooLarge: standard input holds more.
    """
    if argument != "-":
        return argument
    data = sys.stdin.buffer.read(most + 1)
    if len(data) > most:
        raise ImageTooLarge(f"standard input: more than {most:,} bytes (setting max_file_bytes)")
    return data
