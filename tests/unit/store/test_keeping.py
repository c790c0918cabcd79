"""What a collection that keeps vectors takes, whoever gives it more."""

from __future__ import annotations

from pathlib import Path

import pytest

from lookalike.errors import UsageError
from lookalike.paths import content_name
from lookalike.store import (
    Annotations,
    BankTable,
    Cases,
    Catalog,
    CheckedPicture,
    Database,
    FileStamp,
    Recorder,
    Refusal,
    Refusals,
    kept_by,
    problems_in,
    settle,
)
from records import FINGERPRINT, path, record, sha256


@pytest.fixture
def database(tmp_path: Path) -> Database:
    made = Database(tmp_path / "catalog.sqlite", create=True)
    settle(made, "vectors")
    Recorder(made).claim("some", FINGERPRINT)
    return made


def test_a_record_loses_its_path_its_stamp_and_its_small_picture(database: Database) -> None:
    given = record(1)
    assert given.image is not None
    shown = given._replace(image=given.image._replace(small=b"a small picture"))
    recorded = Recorder(database).record([shown, record(1, Path("/other/copy.jpg"), known=True)])
    assert (recorded.added, recorded.unchanged) == (1, 1)
    catalog = Catalog(database)
    facts = catalog.image(1)
    assert facts.paths == (content_name(sha256(1)),)
    assert (facts.vector == given.image.vector).all()
    assert catalog.small_of(1) is None
    assert catalog.stamp(path(1)) is None is catalog.stamp(facts.paths[0])
    assert (catalog.totals().files, catalog.totals().folders) == (1, {})
    Recorder(database).keep_small(1, b"a small picture")
    assert catalog.small_of(1) is None
    assert problems_in(database) == []


def test_names_and_refused_files_are_not_remembered(database: Database) -> None:
    Recorder(database).record([record(1)])
    said = Annotations(database)
    said.change({sha256(1): {"name": "beach.jpg", "metadata": {"shop": 12}, "tags": None}})
    assert (said.of([1])[1].name, said.of([1])[1].metadata) == ("", {"shop": 12})
    refusals = Refusals(database)
    refusals.replace([], [Refusal(Path("/pictures/broken.jpg"), FileStamp(1, 1), "broken")])
    assert refusals.below([Path("/pictures")]) == set()


def test_nothing_waits_for_review(database: Database) -> None:
    BankTable(database).create("known", negative=False, rule="copies", fpr=1e-6, note="")
    with pytest.raises(UsageError, match="review needs paths or small pictures"):
        Cases(database).queue(CheckedPicture(sha256(1), "beach.jpg", b"small"), [])
    assert database.rows("SELECT * FROM checked_pictures") == []


def test_it_is_said_once_and_only_of_a_collection_that_never_held_anything(tmp_path: Path) -> None:
    changes = {
        "image": lambda database: Recorder(database).record([record(1)]),
        "embedder": lambda database: Recorder(database).claim("some", FINGERPRINT),
        "bank": lambda database: BankTable(database).create(
            "known", negative=False, rule="copies", fpr=1e-6, note=""
        ),
        "refusal": lambda database: Refusals(database).replace([], [Refusal(path(1), None, "broken")]),
    }
    for name, change in changes.items():
        database = Database(tmp_path / f"{name}.sqlite", create=True)
        change(database)
        settle(database, "all")  # it does
        with pytest.raises(UsageError, match="keeps all, which was said when it was made"):
            settle(database, "vectors")
        assert kept_by(database) == "all"
    database = Database(tmp_path / "new.sqlite", create=True)
    settle(database, "vectors")
    settle(database, "vectors")
    with pytest.raises(UsageError, match="keeps vectors, which"):
        settle(database, "all")
    with pytest.raises(UsageError, match="keeps all or vectors, not 'some'"):
        settle(database, "some")  # type: ignore[arg-type]
