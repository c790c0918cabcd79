from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lookalike.errors import NotFoundError
from lookalike.store import ImageFacts, Totals
from records import ROOT, path, record, records, sha256, vector
from stores import Store


class TestFilesUnderAPath:
    PLACES = ("a.jpg", "a/x.jpg", "a/b/y.jpg", "a0/z.jpg", "a.b/z.jpg", "ab.jpg", "a /s.jpg", "é/w.jpg")

    @pytest.fixture
    def filled(self, store: Store) -> Store:
        store.recorder.record([record(number, Path("/r") / name) for number, name in enumerate(self.PLACES)])
        return store

    @pytest.mark.parametrize(
        ("under", "expected"),
        [
            ("/r/a", ["a/b/y.jpg", "a/x.jpg"]),
            ("/r/a.jpg", ["a.jpg"]),
            ("/r/a0", ["a0/z.jpg"]),
            ("/r/é", ["é/w.jpg"]),
            ("/r/a/b", ["a/b/y.jpg"]),
            ("/r/A", []),
            ("/r/a/x.jp", []),
            ("/r/%", []),
        ],
    )
    def test_only_the_path_itself_and_what_lies_in_it(
        self, under: str, expected: list[str], filled: Store
    ) -> None:
        assert filled.catalog.paths(Path(under)) == [Path("/r") / name for name in expected]

    @pytest.mark.parametrize("under", ["/r", "/"])
    def test_everything(self, under: str, filled: Store) -> None:
        assert len(filled.catalog.paths(Path(under))) == len(self.PLACES)


def described(facts: ImageFacts) -> tuple[bytes, str, int, int, tuple[Path, ...]]:
    return facts.sha256, facts.format, facts.width, facts.height, facts.paths


def test_facts_are_what_was_recorded(store: Store) -> None:
    second = ROOT / "also.jpg"
    store.recorder.record([*records(range(5)), record(3, second)])
    ids = {number: store.catalog.image_of(sha256(number)) for number in range(5)}
    wanted = [ids[number] or 0 for number in (3, 1)]
    found = store.catalog.images([*wanted, 99])
    assert found.keys() == set(wanted)
    assert described(found[wanted[0]]) == (sha256(3), "JPEG", 640, 480, (path(3), second))
    assert described(store.catalog.image(wanted[1])) == (sha256(1), "JPEG", 640, 480, (path(1),))
    np.testing.assert_array_equal(found[wanted[0]].vector, vector(3))
    assert store.catalog.images([]) == {}
    assert store.catalog.image_of(sha256(7)) is None
    with pytest.raises(NotFoundError, match="no image 99"):
        store.catalog.image(99)


def test_folders_hold_what_lies_in_and_below_them(store: Store) -> None:
    places = ["/a/1.jpg", "/a/b/2.jpg", "/a/b/c/3.jpg", "/ab/4.jpg", "/a-b/5.jpg", "/a0/6.jpg", "/é/%/_.jpg"]
    store.recorder.record([record(number, Path(place)) for number, place in enumerate(places)])
    store.recorder.record([record(0, Path("/ab/again.jpg"))])

    def below(folder: str) -> set[int]:
        return {
            number
            for number in range(7)
            if store.catalog.image_of(sha256(number)) in store.catalog.below(Path(folder))
        }

    assert below("/a") == {0, 1, 2}
    assert below("/a/b") == {1, 2}
    assert below("/a/b/c/3.jpg") == {2}
    assert below("/ab") == {0, 3}
    assert below("/") == set(range(7))
    assert below("/é/%") == {6}
    assert below("/é/_") == below("/nowhere") == below("/A") == set()
    assert store.catalog.below(Path("/ab")).tolist() == sorted(store.catalog.below(Path("/ab")).tolist())


def test_totals(store: Store) -> None:
    assert store.catalog.totals() == Totals(0, 0, {})
    store.recorder.record([*records(range(3)), record(1, ROOT / "a.jpg")])
    assert store.catalog.totals() == Totals(3, 4, {ROOT: 4})
