from __future__ import annotations

from pathlib import Path

import pytest

from lookalike.errors import DamagedError, EmbedderMismatch
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
