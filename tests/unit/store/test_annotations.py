"""What people say of images: kept by their bytes, bounded, and found by labels."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lookalike.errors import DamagedError, UsageError
from lookalike.store import (
    Annotation,
    Annotations,
    Change,
    Database,
    Filters,
    keys_with_values,
    labels_wanted,
    problems_in,
)
from records import path, record, records, sha256
from stores import Store, write_behind

ODD = {"shop": 12, "price": 1.5, "sold": True, "name": 'a "b" = c', "gone": None, "at": {"x": [1, None]}}
KEPT = {key: value for key, value in ODD.items() if value is not None}


@pytest.fixture
def annotations(store: Store) -> Annotations:
    """Of a catalog with the images 1 to 6, whose ids are the same."""
    store.recorder.record(records(range(1, 7)))
    return Annotations(store.database)


def test_what_is_said_is_what_is_read(annotations: Annotations, store: Store, file: Path) -> None:
    done = annotations.change({sha256(2): {"metadata": ODD, "tags": ["red", "blue", "red"], "name": "b.jpg"}})
    said = Annotation("b.jpg", KEPT, ("blue", "red"))
    assert done == {sha256(2): said}
    assert annotations.of([1, 2, 3]) == {2: said}
    assert store.catalog.image(2).annotation == said
    assert store.catalog.image(3).annotation == Annotation()
    again = Database(file, create=False)
    assert Annotations(again).of([2]) == {2: said}
    again.close()


def test_a_change_joins_metadata_and_replaces_tags(annotations: Annotations) -> None:
    steps: list[tuple[Change, Annotation]] = [
        ({"metadata": {"a": 1, "b": "x"}, "tags": ["t"]}, Annotation("", {"a": 1, "b": "x"}, ("t",))),
        ({"metadata": {"a": None, "c": [2]}}, Annotation("", {"b": "x", "c": [2]}, ("t",))),
        ({"name": "n.png", "tags": ["u", "s"]}, Annotation("n.png", {"b": "x", "c": [2]}, ("s", "u"))),
        (
            {"metadata": None, "tags": None, "name": None},
            Annotation("n.png", {"b": "x", "c": [2]}, ("s", "u")),
        ),
        ({"metadata": {"b": None, "c": None}, "tags": [], "name": ""}, Annotation()),
    ]
    for change, wanted in steps:
        assert annotations.change({sha256(1): change}) == {sha256(1): wanted}
        assert annotations.of([1]) == ({} if wanted == Annotation() else {1: wanted})
    assert annotations.having(["tag:t"]).tolist() == []


def test_every_label_must_hold(annotations: Annotations) -> None:
    tags = {1: "a", 2: "ab", 3: "abc", 4: "bc", 5: ""}
    annotations.change(
        {sha256(n): {"tags": list(t), "metadata": {"shop": n % 2, "tag:a": t}} for n, t in tags.items()}
    )
    for tag in ("a", "b", "c", ["a", "b"], ["b", "c"], ["a", "c", "b"], ["a", "d"], "d"):
        wanted = [n for n, t in tags.items() if set(tag) <= set(t)]
        assert annotations.having(labels_wanted(tag)).tolist() == wanted, tag
    assert annotations.having(labels_wanted("b", {"shop": 0})).tolist() == [2, 4]
    assert annotations.having(labels_wanted(meta={"tag:a": ""})).tolist() == [5]


@pytest.mark.parametrize(
    ("stored", "asked", "same"),
    [
        (12, 12, True),
        (12, "12", True),
        ("12", 12, True),
        (12, 12.0, False),
        (0.1, "0.1", True),
        (True, True, True),
        (True, "true", True),
        (True, 1, False),
        ("Red", "red", False),
        ("a=b", "a=b", True),
        ([1], "[1]", False),
        ("x" * 200, "x" * 200, True),
    ],
)
def test_values_are_compared_as_text(stored: Any, asked: Any, same: bool, annotations: Annotations) -> None:
    annotations.change({sha256(3): {"metadata": {"k.1": stored}}})
    assert annotations.having(labels_wanted(meta={"k.1": asked})).tolist() == ([3] if same else [])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"metadata": {"a": "x" * 8200}}, "8,192 bytes"),
        ({"metadata": {"a": float("nan")}}, "what JSON can hold"),
        ({"metadata": {"a": {1, 2}}}, "what JSON can hold"),
        ({"metadata": {"a": "\ud800"}}, "what JSON can hold"),
        ({"metadata": {"a=b": 1}}, "a key of metadata"),
        ({"metadata": {7: 1}}, "a key of metadata"),
        ({"metadata": {"k" * 101: 1}}, "a key of metadata"),
        ({"metadata": ["a"]}, "metadata must be an object"),
        ({"tags": "red"}, "tags must be a list"),
        ({"tags": [""]}, "a tag is"),
        ({"tags": [" red"]}, "a tag is"),
        ({"tags": ["a\nb"]}, "printable"),
        ({"tags": ["t" * 101]}, "a tag is"),
        ({"tags": [str(n) for n in range(33)]}, "at most 32 tags, not 33"),
        ({"name": "a/b.jpg"}, "without its folder"),
        ({"name": ".."}, "without its folder"),
        ({"name": "C:\\b.jpg"}, "without its folder"),
        ({"name": "a\x00.jpg"}, "printable"),
        ({"name": "n" * 256}, "255"),
    ],
)
def test_what_makes_no_sense_changes_nothing(change: Any, said: str, annotations: Annotations) -> None:
    annotations.change({sha256(1): {"tags": ["before"]}})
    with pytest.raises(UsageError, match=said):
        annotations.change({sha256(2): {"tags": ["after"]}, sha256(1): change})
    assert annotations.of(range(9)) == {1: Annotation(tags=("before",))}


def test_metadata_that_grow_are_bounded_as_a_whole(annotations: Annotations) -> None:
    annotations.change({sha256(1): {"metadata": {"a": "x" * 5000}}})
    with pytest.raises(UsageError, match="8,192 bytes"):
        annotations.change({sha256(1): {"metadata": {"b": "y" * 5000}}})
    annotations.change({sha256(1): {"metadata": {"a": None, "b": "y" * 5000}}})
    assert annotations.of([1])[1].metadata == {"b": "y" * 5000}


@pytest.mark.parametrize("pairs", [["shop"], ["a=1", "a=2"]])
def test_filters_are_keys_with_values(pairs: list[str]) -> None:
    assert keys_with_values(["a=1", "b=", "c=d=e"]) == {"a": "1", "b": "", "c": "d=e"}
    with pytest.raises(UsageError, match="meta"):
        keys_with_values(pairs)


@pytest.mark.parametrize("value", [None, [1], {"x": 1}, "x" * 201, "a\nb"])
def test_a_filter_that_nothing_can_pass_is_refused(value: object) -> None:
    with pytest.raises(UsageError, match=r"meta\.k: a filter compares with"):
        labels_wanted(meta={"k": value})
    with pytest.raises(UsageError, match="tags must be a list"):
        labels_wanted(5)  # type: ignore[arg-type]


def test_lists_are_filtered_and_tell_what_is_said(annotations: Annotations, store: Store) -> None:
    annotations.change({sha256(n): {"tags": ["even"] if n % 2 == 0 else ["odd"]} for n in range(1, 7)})
    annotations.change({sha256(n): {"metadata": {"shop": 12}} for n in (2, 3, 6)})

    def listed(**filters: Any) -> list[int]:
        return [image.image_id for image in store.catalog.listed(Filters(**filters), after=0, limit=10)]

    assert listed(tag="even") == [2, 4, 6]
    assert listed(tag=["even"], meta={"shop": "12"}) == [2, 6]
    assert listed(tag=["even", "odd"]) == []
    assert listed(meta={"shop": 12}, max_bytes=1003) == [2, 3]
    (second,) = store.catalog.listed(Filters(tag="even"), after=0, limit=1)
    assert (second.annotation, second.name) == (Annotation("", {"shop": 12}, ("even",)), path(2).name)


def test_what_is_said_outlives_files_that_go_and_come_back(annotations: Annotations, store: Store) -> None:
    annotations.change({sha256(n): {"tags": ["kept"]} for n in range(1, 7)})
    store.recorder.forget([path(1)])
    store.recorder.forget([path(2)], wholly=True)
    store.recorder.ban([path(3)])
    store.recorder.forget_image(4)
    store.recorder.forget_image(6, wholly=False)
    store.recorder.record([record(5, Path("/elsewhere/5.jpg"), known=True)])
    store.recorder.forget([path(5)], wholly=True)  # it lies elsewhere too
    store.recorder.unban([sha256(3)])
    store.recorder.record(records([1, 2, 3, 4, 6]))
    kept = store.catalog.below(Path("/"))
    said = Annotations(store.database).of(kept.tolist())
    assert {store.catalog.image(image_id).sha256 for image_id in said} == {sha256(n) for n in (1, 5, 6)}


def test_damage_is_told_and_forgotten(annotations: Annotations, store: Store, file: Path) -> None:
    annotations.change({sha256(n): {"tags": ["t"], "name": "ä.jpg"} for n in (1, 2)})
    assert problems_in(store.database) == []
    write_behind(
        file, "UPDATE annotations SET metadata = ? WHERE sha256 = ?", json.dumps({"a": 1}), sha256(1)
    )
    (problem,) = problems_in(store.database)
    assert "what is said of 1 images is damaged" in problem
    write_behind(file, "UPDATE annotations SET metadata = '[' WHERE sha256 = ?", sha256(1))
    with pytest.raises(DamagedError, match="lookalike verify --repair"):
        annotations.of([1])
    assert annotations.drop_damaged() == 1
    assert problems_in(store.database) == []
    assert annotations.of([1, 2]) == {2: Annotation("ä.jpg", {}, ("t",))}
    assert annotations.having(["tag:t"]).tolist() == [2]
