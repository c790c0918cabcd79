from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from lookalike.collection.originals import original
from lookalike.errors import ImageError
from lookalike.settings import Limits

DATA = b"what was indexed"
SHA256 = hashlib.sha256(DATA).digest()


@pytest.fixture
def places(tmp_path: Path) -> list[Path]:
    """A file that is gone, one that holds something else, and two that hold what was indexed."""
    places = [tmp_path / name for name in ("gone", "changed", "kept", "kept too")]
    places[1].write_bytes(b"something else")
    places[2].write_bytes(DATA)
    places[3].write_bytes(DATA)
    return places


def test_any_place_that_still_holds_the_bytes_will_do(places: list[Path]) -> None:
    assert original(places, SHA256, Limits()) == DATA
    places[2].unlink()
    assert original(places, SHA256, Limits()) == DATA


def test_otherwise_it_says_what_is_wrong_with_the_first(places: list[Path]) -> None:
    with pytest.raises(ImageError, match="no such file"):
        original(places[:2], SHA256, Limits())
    with pytest.raises(ImageError, match="has changed since it was indexed; index it again first"):
        original([places[1], places[0]], SHA256, Limits())
    with pytest.raises(ImageError, match="no file"):
        original([], SHA256, Limits())


def test_no_more_is_read_than_the_limits_allow(places: list[Path]) -> None:
    with pytest.raises(ImageError, match="above the limit"):
        original(places[2:], SHA256, Limits(file_bytes=len(DATA) - 1))
