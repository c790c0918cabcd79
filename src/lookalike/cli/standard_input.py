"""Pictures that a command is given: files, web addresses, and what comes through standard input."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from lookalike import images
from lookalike.collection.pictures import URL_SCHEMES, Source
from lookalike.errors import FetchError, ImageTooLarge
from lookalike.images import Limits

_NOT_PUBLIC = "not on the public internet"  # as a refusal to fetch says it, of this machine or a server


@contextmanager
def advising_private() -> Iterator[None]:
    """Name the option that helps if a web address was refused since it does not lead to the public internet.

    Raises:
        FetchError: as it was raised inside, perhaps with the advice.
    """
    try:
        yield
    except FetchError as error:
        if _NOT_PUBLIC in str(error):
            raise FetchError(f"{error}; --allow-private-urls fetches it all the same") from error
        raise


def source_of(argument: str, most: int, *, private: Limits | None = None) -> Source:
    """The picture that an argument names: a file, a web address, or the bytes on standard input for ``-``.

    Args:
        argument: as it was typed.
        most: bytes that are read from standard input at most.
        private: what fetching may cost, if a web address may lead to any machine; it is then fetched here. If
            None, it is only what was typed, and whoever fetches it asks the public internet alone.

    Raises:
        ImageTooLarge: standard input holds more.
        FetchError: the address does not lead to a picture.
    """
    if private is not None and argument.lower().startswith(URL_SCHEMES):
        return images.fetch(argument, private, permitted=lambda address, port: True)
    if argument != "-":
        return argument
    data = sys.stdin.buffer.read(most + 1)
    if len(data) > most:
        raise ImageTooLarge(f"standard input: more than {most:,} bytes (setting max_file_bytes)")
    return data
