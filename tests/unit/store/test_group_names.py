from __future__ import annotations

from lookalike.store import GroupNames
from stores import Store


def test_an_image_has_the_name_that_its_group_had_last(store: Store) -> None:
    names = GroupNames(store.database)
    assert names.all() == {}
    names.record({b"one": "aaaa", b"two": "aaaa"})
    names.record({b"two": "bbbb", b"three": "bbbb"})
    assert names.all() == {b"one": "aaaa", b"two": "bbbb", b"three": "bbbb"}
