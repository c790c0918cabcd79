"""What scans and searches of one collection see again and again, kept from one to the next.

To hold two pages against each other computes for 8 ms, and to find the landmarks that are nearest to those of
a page for 20. Tests scan the same pages several times: from the beginning, interrupted, by another process;
or search for the same pictures in two ways. What is looked at, and what is made of that, is for each scan and
search to say; what there is to see is the same.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import pytest

from lookalike import sight
from lookalike.collection.duplicates.crowd import Crowd
from lookalike.sight import Sight

Seen = TypeVar("Seen")


@contextmanager
def kept_looks() -> Iterator[None]:
    """Let each pair of pictures be looked at once, until the end of the ``with`` block.

    Of each crowd, too, the landmarks nearest to others are looked for once.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sight, "look", _kept(sight.look))
        patch.setattr(Crowd, "_nearest", _kept(Crowd._nearest))
        yield


def _kept(see: Callable[..., Seen]) -> Callable[..., Seen]:
    known: dict[Hashable, Seen] = {}
    lock = threading.Lock()

    def see_once(*things: Any, **how: bool) -> Seen:
        key = *map(_key, things), *how.items()
        with lock:
            seen = known.get(key)
        if seen is None:
            seen = see(*things, **how)
            with lock:
                known[key] = seen
        return seen

    return see_once


def _key(thing: Any) -> Hashable:
    """What tells a picture, a crowd, or vectors from all others."""
    if isinstance(thing, Sight):
        return thing.grey.shape, _digest(thing.grey.tobytes(), thing.chroma.tobytes())
    if isinstance(thing, Crowd):
        return _digest(thing._marked._rows.tobytes())
    return thing.shape, _digest(thing.tobytes())


def _digest(*data: bytes) -> bytes:
    return hashlib.sha256(b"".join(data)).digest()
