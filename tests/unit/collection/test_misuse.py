"""Arguments that make no sense end in one clear error of this package."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lookalike import Client, Collection, Hasher, Settings, load_settings
from lookalike.errors import UsageError
from lookalike.index import Classifier


@pytest.fixture
def collection(settings: Settings) -> Collection:
    return Collection.open(create=True, settings=settings)


@pytest.mark.parametrize("path", [b"/tmp/pictures", 5, None, 2.5, ["a"]])
def test_what_is_no_path(path: Any, collection: Collection) -> None:
    for call in (collection.add, collection.remove):
        with pytest.raises(UsageError, match="must be a"):
            call([path])
    if path is not None:
        with pytest.raises(UsageError, match="must be a str or a Path"):
            Collection.open(path, settings=collection.settings)


@pytest.mark.parametrize("paths", [b"/tmp", "/tmp", Path("/tmp"), 5, None])
def test_what_is_no_list_of_paths(paths: Any, collection: Collection) -> None:
    for call in (collection.add, collection.remove):
        with pytest.raises(UsageError, match="paths must be a list of paths"):
            call(paths)


@pytest.mark.parametrize("picture", [5, None, bytearray(b"x"), ["a.jpg"]])
def test_what_is_no_picture(picture: Any, collection: Collection) -> None:
    with pytest.raises(UsageError, match="give a path, URL, bytes or picture"):
        Hasher(bits=96).hash(picture)
    with Client("http://127.0.0.1:9") as client, pytest.raises(UsageError, match="give a path, URL, bytes"):
        client.search(picture)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Hasher(bits="256"),
        lambda: Hasher(seed="secret"),
        lambda: Hasher("resnet34"),
        lambda: Hasher(settings={"model": "resnet34"}),
        lambda: Collection.open(settings={"threads": 1}),
        lambda: Settings(collection=b"/tmp"),
        lambda: Settings(threads="many"),
        lambda: Settings(max_pixels="1"),
        lambda: load_settings({"modle": "resnet34"}),
        lambda: Client(5),
        lambda: Client("http://[::1"),
        lambda: Client("http://127.0.0.1", token=5),
        lambda: Client("http://127.0.0.1", token="new\nline"),
        lambda: Classifier("index", [1], ["cat"]),
    ],
)
def test_other_arguments(make: Callable[[], object]) -> None:
    with pytest.raises(UsageError):
        make()


def test_a_closed_collection_says_so(collection: Collection) -> None:
    assert repr(collection) == f"<Collection {collection.settings.collection}: 0 images, open>"
    collection.close()
    collection.close()
    assert repr(collection) == f"<Collection {collection.settings.collection}: closed>"
    calls: list[Callable[[], object]] = [
        lambda: collection.add([]),
        lambda: collection.remove(["/x"]),
        lambda: collection.search("/x.jpg"),
        lambda: collection.forget(1),
        collection.status,
        collection.check,
        collection.files,
        collection.images,
        lambda: len(collection),
        lambda: collection.embedder,
    ]
    for call in calls:
        with pytest.raises(UsageError, match="is closed; open it again"):
            call()


def test_a_closed_client_says_so() -> None:
    client = Client("http://127.0.0.1:9")
    client.close()
    with pytest.raises(UsageError, match="is closed; make another"):
        client.search(b"")
