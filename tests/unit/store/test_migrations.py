from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

from lookalike.store import Catalog, Database, damaged_files, damaged_images
from lookalike.store.migrations import MIGRATIONS
from lookalike.store.steps_of_images import CREATE_CATALOG

AS_RELEASED = (
    "7b6f76e902824cccf312546704b9929a82c496155b0cb4338506dc8b16d9d9ec",
    "73789d50f0055ee60936c2da20fd8294d5116982ac5620d234f0c0059e3bca4a",
    "052908fddcc326655519fe6ead849b4a93c38cf321ade9ead5a7b9567adecdbc",
    "92603f832bb46fe12840a5bb27a55abb9c58904e3f5c666be5ccacb3f5a035cd",
)
"""SHA-256 of each step that has run in somebody's catalog, its white space aside."""


def test_a_step_that_has_run_stays_as_it_is() -> None:
    digests = [hashlib.sha256(" ".join(step.split()).encode()).hexdigest() for step in MIGRATIONS]
    assert tuple(digests[: len(AS_RELEASED)]) == AS_RELEASED


def test_a_catalog_of_the_first_release_opens_with_all_that_is_in_it(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(CREATE_CATALOG)
        connection.executescript(
            """
            INSERT INTO images VALUES (7, x'aa', 'PNG', 3, 2);
            INSERT INTO files VALUES (CAST('/r/a.png' AS BLOB), CAST('/r' AS BLOB), 7, 100, 200);
            PRAGMA user_version = 1;
            PRAGMA application_id = 0x4C4F4F4B;
            """
        )
    with closing(Database(file, create=False)) as database:
        assert database.row("PRAGMA user_version") == (len(MIGRATIONS),)
        assert Catalog(database).places() == [(7, Path("/r/a.png"))]
        assert Catalog(database).image_of(b"\xaa") == 7
        assert database.rows("SELECT * FROM successor") == []
        assert database.rows("SELECT * FROM unwanted") == []
        assert database.rows("SELECT * FROM refusals") == []
        assert damaged_files(database) == []
        assert damaged_images(database) == {7: "the vector of image 7 is damaged"}  # it never had one
