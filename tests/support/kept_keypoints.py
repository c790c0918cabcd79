"""Keypoints of pictures that tests have seen, kept as long as this process runs.

To find those of one small picture computes for 6 to 17 ms. Tests draw the same pages and photos again and
again, and put them into one collection after the other: the same pixels are given the same keypoints.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import pytest
from cachetools import LRUCache

from lookalike.sight import keypoints, landmarks
from lookalike.sight.keypoints import Grey

_MOST = 2_000  # pictures of each kind: 43 KB of keypoints and 14 KB of landmarks each at most

Found = TypeVar("Found")


@contextmanager
def kept_keypoints() -> Iterator[None]:
    """Let the keypoints and the landmarks of a picture be found once, until the end of the ``with`` block."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (keypoints, landmarks):
            patch.setattr(module, "_found", _kept(module._found))
        yield


def _kept(find: Callable[..., Found]) -> Callable[..., Found]:
    known: LRUCache[object, Found] = LRUCache(_MOST)
    lock = threading.Lock()

    def find_once(grey: Grey, *others: float) -> Found:
        key = hashlib.sha256(grey.tobytes()).digest(), grey.shape, others
        with lock:
            found = known.get(key)
        if found is None:
            found = find(grey, *others)
            with lock:
                known[key] = found
        return found

    return find_once
