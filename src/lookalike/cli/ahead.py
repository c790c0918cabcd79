"""What a command begins first, before the program is imported.

Numpy's linear algebra gets one thread, which must be said before numpy is imported.

A search opens its network and embeds its picture on other threads while this one imports the program, which
takes as long and keeps one core busy. So both begin before the arguments are understood: with the collection
that will probably be asked, and the picture that is probably meant. If the guess is wrong, time is lost and
nothing else.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress

_COLLECTION = "--collection"
_TURN = 0.0005
"""Seconds after which a thread of Python lets another one go on that waits. By default they are ten times as
many, and a thread must wait for its turn each time that it has read a file or called OpenCV."""


def begin(arguments: Sequence[str]) -> None:
    """Begin what the arguments need, and what they will probably need if they ask a collection for a picture.

    Whatever goes wrong here goes wrong again where it is told.

    Args:
        arguments: of the program; the first is the command.
    """
    if arguments[:1] != ["lab"]:  # which computes with large matrices
        # Its threads wait by spinning, which takes more time than they save, and keeps cores from our own.
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    if arguments[:1] != ["search"] or any(word.startswith(("--server", "--help")) for word in arguments):
        return
    sys.setswitchinterval(_TURN)
    with suppress(Exception):
        # Only here, since other commands need none of it, and the variable must be set before.
        from lookalike.cli.freed import keep_freed_memory  # noqa: PLC0415
        from lookalike.embed.registry import open_ahead  # noqa: PLC0415
        from lookalike.settings import config_file, load_settings  # noqa: PLC0415
        from lookalike.store.glance import probable_embedder  # noqa: PLC0415

        keep_freed_memory(ends_soon=True)
        config = config_file()
        if config is not None and config.exists() and not config.is_file():
            return  # a pipe gives its settings once, to the command itself
        settings = load_settings({"collection": _collection_in(arguments)})
        model = probable_embedder(settings.collection / "catalog.sqlite")
        opening = open_ahead(model) if model else None
        picture = next(filter(os.path.isfile, arguments[1:]), None)
        if opening and picture:
            from lookalike.collection.queries import query_ahead  # noqa: PLC0415  beside the network

            query_ahead(picture, opening, settings.limits)


def _collection_in(arguments: Sequence[str]) -> str | None:
    """The value of the option for the collection's folder; None if it is not given."""
    given = None
    for word, after in zip(arguments, [*arguments[1:], None], strict=True):
        if word == _COLLECTION:
            given = after
        elif word.startswith(f"{_COLLECTION}="):
            given = word.partition("=")[2]
    return given
