from __future__ import annotations

import random
import zlib
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from lookalike.errors import RESTORE, DamagedError, LookalikeError
from lookalike.store import Database, LandmarksOfImages, PanelsOfImages, problems_in
from records import DIM, FINGERPRINT, path, record, records, vector
from stores import Store, ids_by_path, write_behind


class TestDamage:
    def test_all_is_well_at_first(self, store: Store) -> None:
        assert problems_in(store.database) == []
        store.recorder.record(records(range(3)))
        assert problems_in(store.database) == []

    def test_a_flipped_vector_is_refused_and_named(self, store: Store, file: Path) -> None:
        store.recorder.record(records([1, 2]))
        broken = bytearray(vector(2).tobytes())
        broken[5] ^= 1
        image_id = ids_by_path(store)[path(2)]
        write_behind(file, "UPDATE embeddings SET vector = ? WHERE image_id = ?", bytes(broken), image_id)
        with pytest.raises(DamagedError, match=f"image {image_id} is damaged; run: lookalike verify"):
            store.history.changes(0, 0, DIM, FINGERPRINT)
        (problem,) = problems_in(store.database)
        assert str(path(2)) in problem
        assert "index again" in problem
        store.recorder.forget([path(2)])
        assert problems_in(store.database) == []
        assert store.history.changes(0, 0, DIM, FINGERPRINT).count == 1

    def test_damaged_landmarks_and_panels_are_counted_until_they_are_found_again(
        self, store: Store, file: Path
    ) -> None:
        store.recorder.record(records([1, 2]))
        first, second = ids_by_path(store).values()
        landmarks, panels = LandmarksOfImages(store.database, 1), PanelsOfImages(store.database, "ab", 1)
        found = {first: b"right", second: b"right"}
        landmarks.record(found)
        panels.record(found, found)
        assert problems_in(store.database) == []
        write_behind(file, "UPDATE landmarks SET data = ? WHERE image_id = ?", b"wrong", first)
        write_behind(file, "UPDATE panels SET data = ?", b"wrong")
        about_landmarks, about_panels = problems_in(store.database)
        assert about_landmarks.startswith("of the images' landmarks 1 are damaged")
        assert about_panels.startswith("of the images' panels 2 are damaged")
        landmarks.record(found)
        panels.record(found, found)
        assert problems_in(store.database) == []

    def test_a_vector_of_another_length_is_refused(self, store: Store, file: Path) -> None:
        store.recorder.record(records([1]))
        short = vector(1).tobytes()[:-4]
        write_behind(file, "UPDATE embeddings SET vector = ?, checksum = ?", short, zlib.crc32(short))
        with pytest.raises(DamagedError, match="is damaged"):
            store.history.changes(0, 0, DIM, FINGERPRINT)

    @pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf, 0])
    def test_a_vector_that_cannot_be_used_is_named(self, number: float, store: Store, file: Path) -> None:
        """As one that a network gave when nobody looked: its checksum is right."""
        store.recorder.record(records([1, 2, 3]))
        wrong = vector(2) * np.float32(0)
        wrong[5] = number
        image_id = ids_by_path(store)[path(2)]
        write_behind(
            file, "UPDATE embeddings SET vector = ?, checksum = ? WHERE image_id = ?",
            wrong.tobytes(), zlib.crc32(wrong.tobytes()), image_id,
        )  # fmt: skip
        (problem,) = problems_in(store.database)
        assert f"no usable vector for image {image_id};" in problem
        assert str(path(2)) in problem
        if number:
            with pytest.raises(DamagedError, match=f"infinity for image {image_id}; run: lookalike verify"):
                store.history.changes(0, 0, DIM, FINGERPRINT)

    def test_one_vector_of_another_length_is_named(self, store: Store, file: Path) -> None:
        store.recorder.record(records([1, 2, 3]))
        image_id = ids_by_path(store)[path(2)]
        short = vector(1).tobytes()[:-4]
        write_behind(
            file, "UPDATE embeddings SET vector = ?, checksum = ? WHERE image_id = ?",
            short, zlib.crc32(short), image_id,
        )  # fmt: skip
        assert [f"image {image_id};" in problem for problem in problems_in(store.database)] == [True]

    @pytest.mark.parametrize(
        "change",
        [
            "images SET format = 'PNG'", "images SET width = width + 1", "images SET height = 0",
            "images SET sha256 = x'aabb'", "images SET checksum = NULL",
            "images SET format = CAST(x'ff' AS TEXT)",
            "files SET root = CAST('/' AS BLOB)", "files SET size = size + 1", "files SET mtime_ns = 6",
            "files SET path = CAST('/pictures/000002.jpeg' AS BLOB)", "files SET image_id = 3",
            "files SET checksum = NULL", "sights SET picture = x'ffd8ff'", "sights SET image_id = 17",
            "facts SET value = 'other'", "facts SET value = CAST(x'ff' AS TEXT)", "facts SET checksum = 7",
            "revisions SET mark = 'other'", "revisions SET number = 77", "revisions SET checksum = NULL",
            "unwanted SET sha256 = x'aa'", "unwanted SET path = CAST('/x' AS BLOB)",
        ],
    )  # fmt: skip
    def test_each_column_is_covered(self, change: str, store: Store, file: Path) -> None:
        store.recorder.claim("resnet34", FINGERPRINT)
        store.recorder.record(records(range(5)))
        store.recorder.ban([path(0)])
        for image_id in ids_by_path(store).values():
            store.recorder.keep_small(image_id, b"small")
        store.recorder.record([record(2, known=True)])
        assert problems_in(store.database) == []
        place = {"images": "id = 3", "files": "image_id = 2", "sights": "image_id = 3", "unwanted": "1"}
        place |= {"facts": "name = 'fingerprint'", "revisions": "number = 2"}
        write_behind(file, f"UPDATE {change} WHERE {place[change.split(maxsplit=1)[0]]}")
        problems = problems_in(store.database)
        assert any("damaged" in problem for problem in problems)
        assert len(problems) <= 3

    def test_a_missing_vector_is_named(self, store: Store, file: Path) -> None:
        store.recorder.record(records([1, 2]))
        write_behind(file, "DELETE FROM embeddings WHERE image_id = ?", ids_by_path(store)[path(1)])
        assert [str(path(1)) in problem for problem in problems_in(store.database)] == [True]

    def test_an_image_that_lies_nowhere_is_a_problem(self, store: Store, file: Path) -> None:
        """No search shows it."""
        store.recorder.record(records([1, 2]))
        image_id = ids_by_path(store)[path(2)]
        write_behind(file, "DELETE FROM files WHERE image_id = ?", image_id)
        assert problems_in(store.database) == [
            f"catalog: image {image_id} lies in no file; index its files again"
        ]

    @pytest.mark.parametrize("table", ["files", "removals", "unwanted", "successor"])
    def test_a_missing_table_is_damage(self, table: str, store: Store, file: Path) -> None:
        write_behind(file, f"DROP TABLE {table}")
        with pytest.raises(DamagedError, match=f"no such table: {table}"):
            problems_in(store.database)

    def test_a_vector_without_an_image_is_a_problem(self, store: Store, file: Path) -> None:
        store.recorder.record(records([1]))
        raw = vector(9).tobytes()
        write_behind(file, "INSERT INTO embeddings VALUES (99, ?, ?)", raw, zlib.crc32(raw))
        assert problems_in(store.database) == [
            f"catalog: row 99 of embeddings belongs to no row of images; {RESTORE}"
        ]

    def test_flipped_bytes_anywhere_raise_nothing_else(self, tmp_path: Path) -> None:
        """Every reading and writing method, on 80 files with a few seeded flips each."""
        file = tmp_path / "catalog.sqlite"
        with closing(Database(file, create=True)) as database:
            store = Store(database)
            store.recorder.claim("resnet34", FINGERPRINT)
            store.recorder.record(records(range(40)))
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
            lambda store: problems_in(store.database),
            lambda store: store.history.changes(0, 0, DIM, FINGERPRINT),
            lambda store: (
                list(store.catalog.files()),
                store.catalog.embedder(),
                store.catalog.stamp(path(1)),
            ),
            lambda store: [store.catalog.paths_of(image_id) for image_id in range(1, 41)],
            lambda store: store.recorder.record([record(99), record(1, path(2), known=True)]),
            lambda store: store.recorder.forget([path(3), path(99)]),
        )
        for use in uses:
            try:
                with closing(Database(file, create=False)) as database:
                    use(Store(database))
            except LookalikeError:
                outcome = "refused"
        return outcome
