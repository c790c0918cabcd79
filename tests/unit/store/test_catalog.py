from __future__ import annotations

import os
import random
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lookalike.errors import DamagedError, EmbedderMismatch, LookalikeError
from lookalike.store import Catalog, Database, FileRecord, FileStamp
from records import DIM, FINGERPRINT, ROOT, path, record, records, sha256, vector


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "catalog.sqlite"


@pytest.fixture
def catalog(file: Path) -> Iterator[Catalog]:
    with closing(Database(file, create=True)) as database:
        yield Catalog(database)


def _write(file: Path, sql: str, *values: object) -> None:
    """Change the file behind the catalog's back."""
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(sql, values)


def _ids(catalog: Catalog) -> dict[Path, int]:
    """Which image lies at each path."""
    changes = catalog.changes(0, 0, DIM, FINGERPRINT)
    return {place: image_id for image_id in changes.added.tolist() for place in catalog.paths_of(image_id)}


def _vectors(catalog: Catalog) -> dict[int, NDArray[np.float32]]:
    """The vector of each image."""
    changes = catalog.changes(0, 0, DIM, FINGERPRINT)
    return dict(zip(changes.added.tolist(), changes.vectors, strict=True))


class TestEmbedder:
    def test_the_first_claim_holds(self, catalog: Catalog) -> None:
        assert catalog.embedder() is None
        catalog.claim("resnet34", FINGERPRINT)
        catalog.claim("resnet34", FINGERPRINT)
        assert catalog.embedder() == ("resnet34", FINGERPRINT)

    def test_another_is_refused_and_changes_nothing(self, catalog: Catalog) -> None:
        catalog.claim("resnet34", FINGERPRINT)
        with pytest.raises(EmbedderMismatch, match=r"'resnet34' \(fingerprint 01234567\).*'tiny'.*bbbbbbbb"):
            catalog.claim("tiny", "bb" * 16)
        assert catalog.embedder() == ("resnet34", FINGERPRINT)


class TestRecording:
    def test_an_image_comes_back_as_it_was(self, catalog: Catalog) -> None:
        assert catalog.record([record(7)]).added == 1
        (image_id,) = _ids(catalog).values()
        found = _vectors(catalog).get(image_id)
        assert found is not None
        assert found.dtype == np.float32
        np.testing.assert_array_equal(found, vector(7))
        assert catalog.paths_of(image_id) == [path(7)]
        assert catalog.stamp(path(7)) == FileStamp(1007, 5)
        assert catalog.knows(sha256(7))
        assert list(catalog.files()) == [(path(7), ROOT)]
        assert catalog.count() == 1

    def test_what_is_unknown_is_nowhere(self, catalog: Catalog) -> None:
        assert catalog.stamp(path(1)) is None
        assert _vectors(catalog).get(1) is None
        assert catalog.paths_of(1) == []
        assert not catalog.knows(sha256(1))

    def test_the_same_bytes_in_two_places_are_one_image(self, catalog: Catalog) -> None:
        places = [ROOT / "b.jpg", ROOT / "a.jpg", ROOT / "c.jpg"]
        first = catalog.record([record(1, places[0]), record(1, places[1])])
        second = catalog.record([record(1, places[2], known=True)])
        assert (first.added, second.added, catalog.count()) == (1, 0, 1)
        (image_id,) = set(_ids(catalog).values())
        assert catalog.paths_of(image_id) == sorted(places)

    def test_a_known_image_that_is_gone_is_reported_lost(self, catalog: Catalog) -> None:
        done = catalog.record([record(1, known=True), record(2)])
        assert (done.added, done.lost) == (1, [path(1)])
        assert [place for place, _ in catalog.files()] == [path(2)]

    def test_changed_content_replaces_the_image(self, catalog: Catalog) -> None:
        catalog.record(records([1, 2]))
        before = _ids(catalog)
        assert catalog.record([record(3, path(1))]).added == 1
        after = _ids(catalog)
        assert after[path(2)] == before[path(2)]
        assert after[path(1)] not in before.values()
        assert _vectors(catalog).get(before[path(1)]) is None
        assert not catalog.knows(sha256(1))

    def test_changed_content_leaves_an_image_that_lies_elsewhere_too(self, catalog: Catalog) -> None:
        catalog.record([record(1), record(1, ROOT / "copy.jpg")])
        catalog.record([record(3, path(1))])
        assert catalog.knows(sha256(1))
        assert set(_ids(catalog)) == {path(1), ROOT / "copy.jpg"}

    def test_two_files_can_exchange_their_images(self, catalog: Catalog) -> None:
        catalog.record(records([1, 2]))
        before = _ids(catalog)
        done = catalog.record([record(1, path(2), known=True), record(2, path(1), known=True)])
        assert (done.added, done.lost) == (0, [])
        assert _ids(catalog) == {path(1): before[path(2)], path(2): before[path(1)]}

    def test_a_path_that_is_no_text_comes_back(self, catalog: Catalog) -> None:
        odd = ROOT / os.fsdecode(b"caf\xe9\n.jpg")
        catalog.record([record(1, odd)])
        assert list(catalog.files(ROOT)) == [(odd, ROOT)]
        assert catalog.stamp(odd) is not None

    @pytest.mark.parametrize("mtime_ns", [-(10**19), -1, 0, 2**63 - 1, 2**63, 10**19])
    def test_any_time_can_be_stored_and_recognised(self, mtime_ns: int, catalog: Catalog) -> None:
        catalog.record([record(1, mtime_ns=mtime_ns)])
        assert catalog.stamp(path(1)) == FileStamp(1001, mtime_ns)
        assert catalog.stamp(path(1)) != FileStamp(1001, 12345)

    def test_ids_are_never_used_again(self, catalog: Catalog) -> None:
        seen: set[int] = set()
        for _ in range(4):
            catalog.record(records([1, 2, 3]))
            ids = set(_ids(catalog).values())
            assert ids.isdisjoint(seen)
            seen |= ids
            catalog.forget([path(1), path(2), path(3)])

    def test_an_interrupted_record_leaves_nothing(self, catalog: Catalog) -> None:
        catalog.record(records([1]))
        revision = catalog.revision()

        def some() -> Iterator[FileRecord]:
            yield record(2)
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            catalog.record(some())
        assert (catalog.count(), catalog.revision()) == (1, revision)
        assert catalog.stamp(path(2)) is None


class TestForgetting:
    def test_an_image_goes_with_its_last_file(self, catalog: Catalog) -> None:
        copy = ROOT / "copy.jpg"
        catalog.record([record(1), record(1, copy), record(2)])
        assert catalog.forget([path(1), ROOT / "never-seen.jpg"]) == 1
        assert catalog.count() == 2
        assert catalog.forget([copy, copy]) == 1
        assert catalog.count() == 1
        assert not catalog.knows(sha256(1))
        assert [place for place, _ in catalog.files()] == [path(2)]


class TestFilesUnderAPath:
    PLACES = ("a.jpg", "a/x.jpg", "a/b/y.jpg", "a0/z.jpg", "a.b/z.jpg", "ab.jpg", "a /s.jpg", "é/w.jpg")

    @pytest.fixture
    def filled(self, catalog: Catalog) -> Catalog:
        catalog.record([record(number, Path("/r") / name) for number, name in enumerate(self.PLACES)])
        return catalog

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
        self, under: str, expected: list[str], filled: Catalog
    ) -> None:
        assert [place for place, _ in filled.files(Path(under))] == [Path("/r") / name for name in expected]

    @pytest.mark.parametrize("under", ["/r", "/"])
    def test_everything(self, under: str, filled: Catalog) -> None:
        assert len(list(filled.files(Path(under)))) == len(self.PLACES)


class TestChanges:
    def test_from_nothing_everything_is_new(self, catalog: Catalog) -> None:
        catalog.record(records(range(5)))
        changes = catalog.changes(0, 0, DIM, FINGERPRINT)
        assert changes.count == 5
        assert changes.added.dtype == changes.removed.dtype == np.int64
        assert (np.diff(changes.added) > 0).all()
        np.testing.assert_array_equal(changes.vectors, [vector(number) for number in range(5)])

    def test_an_empty_catalog_has_none(self, catalog: Catalog) -> None:
        changes = catalog.changes(0, 0, DIM, FINGERPRINT)
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
    @settings(max_examples=25, deadline=None)
    def test_a_reader_that_looks_now_and_then_knows_what_is_there(
        self, tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int, int]]
    ) -> None:
        """Whatever happens in between, applying the changes gives the catalog's images."""
        file = tmp_path_factory.mktemp("catalog") / "catalog.sqlite"
        with closing(Database(file, create=True)) as database:
            catalog = Catalog(database)
            lying: dict[Path, int] = {}
            known: dict[int, bytes] = {}
            revision = last_id = 0
            for step, place, number in [*steps, ("look", 0, 0)]:
                if step == "record":
                    catalog.record([record(number, path(place))])
                    lying[path(place)] = number
                elif step == "forget":
                    catalog.forget([path(place)])
                    lying.pop(path(place), None)
                else:
                    changes = catalog.changes(revision, last_id, DIM, FINGERPRINT)
                    revision, last_id = changes.revision, max([last_id, *changes.added.tolist()])
                    for image_id in changes.removed.tolist():
                        known.pop(image_id, None)
                    for image_id, row in zip(changes.added.tolist(), changes.vectors, strict=True):
                        assert image_id not in known
                        known[image_id] = row.tobytes()
                    expected = {vector(number).tobytes() for number in lying.values()}
                    assert sorted(known.values()) == sorted(expected)
                    assert changes.count == len(expected)


class TestDamage:
    def test_all_is_well_at_first(self, catalog: Catalog) -> None:
        assert catalog.problems() == []
        catalog.record(records(range(3)))
        assert catalog.problems() == []

    def test_a_flipped_vector_is_refused_and_named(self, catalog: Catalog, file: Path) -> None:
        catalog.record(records([1, 2]))
        broken = bytearray(vector(2).tobytes())
        broken[5] ^= 1
        image_id = _ids(catalog)[path(2)]
        _write(file, "UPDATE embeddings SET vector = ? WHERE image_id = ?", bytes(broken), image_id)
        with pytest.raises(DamagedError, match=f"image {image_id} is damaged; run: lookalike verify"):
            catalog.changes(0, 0, DIM, FINGERPRINT)
        (problem,) = catalog.problems()
        assert str(path(2)) in problem
        assert "index again" in problem
        catalog.forget([path(2)])
        assert catalog.problems() == []
        assert catalog.changes(0, 0, DIM, FINGERPRINT).count == 1

    def test_a_vector_of_another_length_is_refused(self, catalog: Catalog, file: Path) -> None:
        catalog.record(records([1]))
        short = vector(1).tobytes()[:-4]
        _write(file, "UPDATE embeddings SET vector = ?, checksum = ?", short, zlib.crc32(short))
        with pytest.raises(DamagedError, match="is damaged"):
            catalog.changes(0, 0, DIM, FINGERPRINT)

    def test_a_missing_vector_is_named(self, catalog: Catalog, file: Path) -> None:
        catalog.record(records([1, 2]))
        _write(file, "DELETE FROM embeddings WHERE image_id = ?", _ids(catalog)[path(1)])
        assert [str(path(1)) in problem for problem in catalog.problems()] == [True]

    def test_a_vector_without_an_image_is_a_problem(self, catalog: Catalog, file: Path) -> None:
        catalog.record(records([1]))
        raw = vector(9).tobytes()
        _write(file, "INSERT INTO embeddings VALUES (99, ?, ?)", raw, zlib.crc32(raw))
        assert catalog.problems() == [
            "catalog: row 99 of embeddings belongs to no row of images; restore it or index anew"
        ]

    @pytest.mark.parametrize("missing", ["embedder", "fingerprint"])
    def test_half_of_the_embedder_is_none(self, missing: str, catalog: Catalog, file: Path) -> None:
        catalog.claim("resnet34", FINGERPRINT)
        _write(file, "UPDATE facts SET name = 'fongerprint' WHERE name = ?", missing)
        with pytest.raises(DamagedError, match="which embedder"):
            catalog.embedder()

    def test_a_lost_revision_is_damage(self, catalog: Catalog, file: Path) -> None:
        _write(file, "DELETE FROM revisions")
        with pytest.raises(DamagedError, match="lost count"):
            catalog.revision()

    def test_flipped_bytes_anywhere_raise_nothing_else(self, tmp_path: Path) -> None:
        """Every reading and writing method, on 80 files with a few seeded flips each."""
        file = tmp_path / "catalog.sqlite"
        with closing(Database(file, create=True)) as database:
            Catalog(database).claim("resnet34", FINGERPRINT)
            Catalog(database).record(records(range(40)))
        whole = file.read_bytes()
        used = np.flatnonzero(np.frombuffer(whole, np.uint8))
        chance = random.Random(6)
        outcomes = [self._use(file, whole, used.tolist(), chance) for _ in range(80)]
        assert outcomes.count("fine") > 5
        assert outcomes.count("refused") > 20

    def _use(self, file: Path, whole: bytes, used: list[int], chance: random.Random) -> str:
        content = bytearray(whole)
        for place in chance.sample(used, chance.choice((1, 1, 2, 8))):
            content[place] ^= chance.randrange(1, 256)
        for leftover in file.parent.iterdir():
            leftover.unlink()
        file.write_bytes(content)
        outcome = "fine"
        uses = (
            lambda catalog: catalog.problems(),
            lambda catalog: catalog.changes(0, 0, DIM, FINGERPRINT),
            lambda catalog: (list(catalog.files()), catalog.embedder(), catalog.stamp(path(1))),
            lambda catalog: [catalog.paths_of(image_id) for image_id in range(1, 41)],
            lambda catalog: catalog.record([record(99), record(1, path(2), known=True)]),
            lambda catalog: catalog.forget([path(3), path(99)]),
        )
        for use in uses:
            try:
                with closing(Database(file, create=False)) as database:
                    use(Catalog(database))
            except LookalikeError:
                outcome = "refused"
        return outcome
