from __future__ import annotations

from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lookalike.errors import DamagedError
from lookalike.store import Database
from records import DIM, FINGERPRINT, path, record, records, vector
from stores import Store, write_behind


class TestChanges:
    def test_from_nothing_everything_is_new(self, store: Store) -> None:
        store.recorder.record(records(range(5)))
        changes = store.history.changes(0, 0, DIM, FINGERPRINT)
        assert changes.count == 5
        assert changes.added.dtype == changes.removed.dtype == np.int64
        assert (np.diff(changes.added) > 0).all()
        np.testing.assert_array_equal(changes.vectors, [vector(number) for number in range(5)])

    def test_an_empty_catalog_has_none(self, store: Store) -> None:
        changes = store.history.changes(0, 0, DIM, FINGERPRINT)
        assert (changes.revision, changes.count, len(changes.added), len(changes.removed)) == (0, 0, 0, 0)
        assert changes.vectors.shape == (0, DIM)

    @given(
        st.lists(
            st.one_of(
                st.tuples(st.just("record"), st.integers(0, 9), st.integers(0, 9)),
                st.tuples(st.just("forget"), st.integers(0, 9), st.just(0)),
                st.tuples(st.just("look"), st.just(0), st.just(0)),
            ),
            max_size=40,
        )
    )
    @settings(max_examples=25)
    def test_a_reader_that_looks_now_and_then_knows_what_is_there(
        self, tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int, int]]
    ) -> None:
        """Whatever happens in between, applying the changes gives the catalog's images."""
        file = tmp_path_factory.mktemp("catalog") / "catalog.sqlite"
        with closing(Database(file, create=True)) as database:
            store = Store(database)
            lying: dict[Path, int] = {}
            known: dict[int, bytes] = {}
            revision = last_id = 0
            for step, place, number in [*steps, ("look", 0, 0)]:
                if step == "record":
                    store.recorder.record([record(number, path(place))])
                    lying[path(place)] = number
                elif step == "forget":
                    store.recorder.forget([path(place)])
                    lying.pop(path(place), None)
                else:
                    changes = store.history.changes(revision, last_id, DIM, FINGERPRINT)
                    revision, last_id = changes.revision, max([last_id, *changes.added.tolist()])
                    for image_id in changes.removed.tolist():
                        known.pop(image_id, None)
                    for image_id, row in zip(changes.added.tolist(), changes.vectors, strict=True):
                        assert image_id not in known
                        known[image_id] = row.tobytes()
                    expected = {vector(number).tobytes() for number in lying.values()}
                    assert sorted(known.values()) == sorted(expected)
                    assert changes.count == len(expected)

    def test_a_lost_revision_is_damage(self, store: Store, file: Path) -> None:
        write_behind(file, "DELETE FROM revisions")
        with pytest.raises(DamagedError, match="lost count"):
            store.history.revision()
