"""Metadata, tags and names: with uploads, by a file of JSON lines, and as filters of a search."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tiny_model
from hostile import encoded
from inside import image_at
from lookalike import AddReport, Collection, Settings
from lookalike.backups.restoring import restore
from lookalike.backups.writing import back_up
from lookalike.collection.annotating import Sayings
from lookalike.collection.queries import Query
from lookalike.collection.questions import Question
from lookalike.errors import NotFoundError, UsageError
from lookalike.store import (
    Annotation,
    Annotations,
    FileRecord,
    FileStamp,
    NewImage,
    Recorder,
    labels_wanted,
)
from pictures import draw


def said_at(collection: Collection, path: Path) -> Annotation:
    return collection.catalog.image(image_at(collection, path)).annotation


def test_uploads_keep_their_names_and_what_is_said_of_them(collection: Collection, tmp_path: Path) -> None:
    pictures = [encoded(draw(seed), "PNG") for seed in (1, 2)]
    said: Any = [{"name": "beach.png", "metadata": {"shop": 12}, "tags": ["b", "a"]}, {"name": None}]
    first, second = collection.add_uploads(pictures, said=said)
    (match,) = collection.search(draw(1), 1)
    assert (match.image_id, match.name, match.metadata, match.tags) == (
        first.image_id, "beach.png", {"shop": 12}, ("a", "b"),
    )  # fmt: skip
    assert match.path.name == f"{first.sha256.hex()}.png"
    (other,) = collection.search(draw(2), 1)
    assert (other.image_id, other.name, other.metadata, other.tags) == (
        second.image_id, f"{second.sha256.hex()}.png", {}, (),
    )  # fmt: skip
    assert match.facts()["name"] == "beach.png"
    assert type(match).of_facts(json.loads(json.dumps(match.facts()))).metadata == {"shop": 12}
    hash(match)
    # The same bytes in a folder: the file there has a name of its own.
    (tmp_path / "a.png").write_bytes(pictures[0])
    collection.add([tmp_path / "a.png"])
    names = {match.name for match in collection.search(draw(1), 1)}
    assert names == {"a.png" if str(tmp_path / "a.png") < str(match.path) else "beach.png"}


@pytest.mark.parametrize("said", [{"name": "a/b"}, {"tags": "t"}, {"metadata": {"": 1}}])
def test_uploads_of_which_nonsense_is_said_are_not_added(said: Any, collection: Collection) -> None:
    with pytest.raises(UsageError):
        collection.add_uploads([encoded(draw(1), "PNG"), encoded(draw(2), "PNG")], said=[{}, said])
    assert len(collection) == 0


def test_metadata_survive_all_that_is_done_with_pictures(
    collection: Collection, folder: Path, tmp_path: Path
) -> None:
    collection.add([folder])
    path = folder / "picture-0001.jpg"
    collection.annotate(image_at(collection, path), metadata={"shop": 12}, tags=["summer"])
    said = Annotation("", {"shop": 12}, ("summer",))
    assert said_at(collection, path) == said
    collection.add([folder], rescan=True)
    assert said_at(collection, path) == said
    moved = folder.with_name("elsewhere")
    folder.rename(moved)
    collection.add([moved.parent], prune=True)
    assert not any(file.is_relative_to(folder) for file in collection.files())
    assert said_at(collection, moved / path.name) == said
    path = (moved / path.name).rename(tmp_path / "out.jpg")
    collection.add([moved], prune=True)
    with pytest.raises(NotFoundError):
        collection.annotate(999, tags=["none"])
    collection.add([path])  # forgotten meanwhile, and new
    assert said_at(collection, path) == said
    assert collection.reembed(str(tiny_model.write(tmp_path / "other.onnx", seed=2))).moved
    assert said_at(collection, path) == said
    back_up(tmp_path / "collection", tmp_path / "backup.tar")
    collection.annotate(image_at(collection, path), metadata={"shop": 13})
    restore(tmp_path / "backup.tar", tmp_path / "restored")
    with Collection.open(tmp_path / "restored") as restored:
        assert said_at(restored, path) == said
        assert [match.path for match in restored.search(path, tag="summer", meta={"shop": 12})] == [path]
        assert restored.search(path, meta={"shop": 13}) == []
    assert collection.check().problems == []


def test_removed_pictures_come_back_without_what_was_said(collection: Collection, folder: Path) -> None:
    collection.add([folder])
    paths = [folder / "picture-0000.png", folder / "picture-0001.jpg"]
    for path in paths:
        collection.annotate(image_at(collection, path), tags=["summer"])
    collection.remove([paths[0]])
    collection.forget(image_at(collection, paths[1]))
    collection.add([folder])
    assert [said_at(collection, path) for path in paths] == [Annotation()] * 2


def test_filters_choose_whom_the_nearest_are_found_among(filled: Collection, tmp_path: Path) -> None:
    """Filters and an exact search of all, filtered afterwards, give the same."""
    restored = tmp_path / "copy"
    back_up(filled.status().folder, tmp_path / "backup.tar")
    restore(tmp_path / "backup.tar", restored)
    with Collection.open(restored) as collection:
        for image_id, _ in collection.images():
            tags = [f"by-{n}" for n in (2, 3) if image_id % n == 0]
            collection.annotate(image_id, tags=tags, metadata={"shop": image_id % 5})
        every = collection.search(draw(5), 30)
        for wanted, fits in (
            ({"tag": "by-2"}, lambda n: n % 2 == 0),
            ({"tag": ["by-2", "by-3"]}, lambda n: n % 6 == 0),
            ({"tag": "by-3", "meta": {"shop": 1}}, lambda n: n % 3 == 0 and n % 5 == 1),
            ({"meta": {"shop": "4"}, "folder": every[0].path.parent}, lambda n: n % 5 == 4),
            ({"tag": "none"}, lambda _: False),
        ):  # fmt: skip
            found = collection.search(draw(5), 30, **wanted)
            left = [match.image_id for match in every if fits(match.image_id)]
            assert [match.image_id for match in found] == left, wanted
        with pytest.raises(UsageError, match="a tag is"):
            collection.search(draw(5), tag=[""])
        with pytest.raises(UsageError, match="no picture of the collection"):
            collection.search(draw(5), tag="by-2", folder=tmp_path)


def test_filters_lose_no_recall_where_there_are_tables(settings: Settings) -> None:
    """30,000 clustered vectors, a third of them tagged: LSH finds what exact search among those does."""
    random = np.random.default_rng(7)
    count, queries = 30_000, 40
    centres = random.standard_normal((300, tiny_model.DIM))
    rows = centres[random.integers(300, size=count)] + 0.7 * random.standard_normal((count, tiny_model.DIM))
    rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    with Collection.open(create=True, settings=settings) as collection:
        embedder = collection.bases.own.claim()
        files = []
        for number, row in enumerate(rows):
            sha256 = number.to_bytes(32, "big")
            image = NewImage(sha256, "PNG", 8, 8, row, embedder.fingerprint)
            place = Path(f"/none/{number}.png")
            files.append(FileRecord(place, place.parent, FileStamp(1, 1), sha256, image))
        database = collection.bases.database
        Recorder(database).record(files)
        annotations = Annotations(database)
        with database.atomic():
            annotations.change({one.sha256: {"tags": ["third"]} for one in files[::3]})
        ids = annotations.having(labels_wanted("third"))
        assert ids.tolist() == list(range(1, count + 1, 3))
        assert collection.current().hashed
        found, probes = 0, 0
        for query in random.choice(count, queries, replace=False):
            vector = rows[query]
            wanted = ids[np.argsort(-(rows[::3] @ vector), kind="stable")[:10]]
            answer = collection.answer(Query(vector), Question(10, tag="third", recall=0.95))
            assert all((match.image_id - 1) % 3 == 0 for match in answer.matches)
            found += len({match.image_id for match in answer.matches} & set(wanted.tolist()))
            probes += answer.work.probes
        assert probes > 0
        assert found >= 0.95 * 10 * queries


def lines_in(path: Path, *lines: object) -> Path:
    path.write_text("".join((x if isinstance(x, str) else json.dumps(x)) + "\n" for x in lines))
    return path


def test_a_file_says_what_pictures_are(
    collection: Collection, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    first, second = folder / "picture-0000.png", folder / "picture-0001.jpg"
    file = lines_in(
        tmp_path / "said.jsonl",
        {"path": str(first), "metadata": {"shop": 12}},
        "",
        {"path": "pictures/picture-0001.jpg", "tags": ["summer"]},
        {"path": "gone.jpg", "tags": ["lost"]},
        {"path": str(first), "metadata": {"price": 2}, "tags": ["sea"]},
    )
    sayings = Sayings(file)
    collection.add([folder])
    report = AddReport()
    sayings.record(collection.bases.database, report)
    assert report.annotated == 3
    (rejected,) = report.rejected
    assert (rejected.path, rejected.reason) == (
        tmp_path / "gone.jpg", "not in the collection (line 4 of said.jsonl)"
    )  # fmt: skip
    assert said_at(collection, first) == Annotation("", {"shop": 12, "price": 2}, ("sea",))
    assert said_at(collection, second) == Annotation("", {}, ("summer",))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "line 2: Expecting"),
        ("[]", "line 2: must be an object with a path"),
        ({"tags": ["a"]}, "line 2: must be an object with a path"),
        ({"path": "a", "tag": "b"}, "line 2: there is no field 'tag'; known are path, metadata, tags"),
        ({"path": "a", "tags": "b"}, "line 2: tags must be a list"),
        ({"path": "", "tags": ["b"]}, "line 2: "),
        ({"path": "a", "metadata": {"k": "x" * 9000}}, "line 2: metadata may have 8,192 bytes"),
        ({"path": "a" * 70_000}, "line 2: it is longer than 65,536 bytes"),
        ("[" * 60_000, "line 2: "),
    ],
)
def test_a_line_that_makes_no_sense_is_told_by_its_number(line: object, said: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        Sayings(lines_in(tmp_path / "said.jsonl", {"path": "a"}, line))
    assert said in str(caught.value)


def test_a_file_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"said\.jsonl cannot be read: No such file"):
        Sayings(tmp_path / "said.jsonl")


def test_metadata_that_grow_too_long_stop_at_their_line(
    collection: Collection, folder: Path, tmp_path: Path
) -> None:
    path = str(folder / "picture-0000.png")
    file = lines_in(tmp_path / "said.jsonl", *({"path": path, "metadata": {key: "x" * 5000}} for key in "ab"))
    collection.add([folder])
    with pytest.raises(UsageError, match="line 2: metadata may have 8,192 bytes"):
        Sayings(file).record(collection.bases.database, AddReport())
