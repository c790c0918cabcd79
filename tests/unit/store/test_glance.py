"""A glance at a catalog tells its embedder, or nothing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lookalike.store.glance import probable_embedder
from records import FINGERPRINT
from stores import Store, write_behind


def test_it_tells_the_embedder_and_leaves_nothing_behind(store: Store, file: Path) -> None:
    store.recorder.claim("resnet34", FINGERPRINT)
    store.database.close()
    assert probable_embedder(file) == "resnet34"
    assert list(file.parent.iterdir()) == [file]


def test_an_empty_catalog_does_not_tell(store: Store, file: Path) -> None:
    store.database.close()
    assert probable_embedder(file) is None


@pytest.mark.parametrize("kind", ["nothing", "a folder", "a pipe", "no catalog", "no text"])
def test_what_is_no_catalog_does_not_tell(kind: str, store: Store, file: Path) -> None:
    store.recorder.claim("resnet34", FINGERPRINT)
    store.database.close()
    if kind == "no text":
        write_behind(file, "UPDATE facts SET value = CAST(x'ff' AS TEXT) WHERE name = ?", "embedder")
    else:
        file.unlink()
    if kind == "a folder":
        file.mkdir()
    elif kind == "a pipe":
        os.mkfifo(file)
    elif kind == "no catalog":
        file.write_text("pictures")
    assert probable_embedder(file) is None
    assert file.exists() == (kind != "nothing")
