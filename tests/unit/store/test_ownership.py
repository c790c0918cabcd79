from __future__ import annotations

import os
from pathlib import Path

import pytest

from lookalike.errors import DamagedError, EmbedderMismatch
from lookalike.store.ownership import probable_embedder
from records import FINGERPRINT
from stores import Store, write_behind


class TestEmbedder:
    def test_the_first_claim_holds(self, store: Store) -> None:
        assert store.catalog.embedder() is None
        store.recorder.claim("resnet34", FINGERPRINT)
        store.recorder.claim("resnet34", FINGERPRINT)
        assert store.catalog.embedder() == ("resnet34", FINGERPRINT)

    def test_another_is_refused_and_changes_nothing(self, store: Store) -> None:
        store.recorder.claim("resnet34", FINGERPRINT)
        with pytest.raises(EmbedderMismatch, match=r"'resnet34' \(fingerprint 01234567\).*'tiny'.*bbbbbbbb"):
            store.recorder.claim("tiny", "bb" * 16)
        assert store.catalog.embedder() == ("resnet34", FINGERPRINT)

    @pytest.mark.parametrize("missing", ["embedder", "fingerprint"])
    def test_half_of_the_embedder_is_none(self, missing: str, store: Store, file: Path) -> None:
        store.recorder.claim("resnet34", FINGERPRINT)
        write_behind(file, "UPDATE facts SET name = 'fongerprint' WHERE name = ?", missing)
        with pytest.raises(DamagedError, match="which embedder"):
            store.catalog.embedder()


class TestGlance:
    def test_it_tells_the_embedder_and_leaves_nothing_behind(self, store: Store, file: Path) -> None:
        store.recorder.claim("resnet34", FINGERPRINT)
        store.database.close()
        assert probable_embedder(file) == "resnet34"
        assert list(file.parent.iterdir()) == [file]

    def test_an_empty_catalog_does_not_tell(self, store: Store, file: Path) -> None:
        store.database.close()
        assert probable_embedder(file) is None

    @pytest.mark.parametrize("kind", ["nothing", "a folder", "a pipe", "no catalog", "no text"])
    def test_what_is_no_catalog_does_not_tell(self, kind: str, store: Store, file: Path) -> None:
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
