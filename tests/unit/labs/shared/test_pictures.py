"""The one reader of the labs: every path in its order, whatever lies there."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lookalike.labs.shared.pictures import find, listing_digest, open_whole, read_all
from lookalike.settings import Settings
from pictures import draw


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Nineteen files, of which the third, the eighth and the last are no pictures."""
    for number in range(19):
        path = tmp_path / f"{number % 2}" / f"{number:02}.png"
        path.parent.mkdir(exist_ok=True)
        draw(number, 40 + number, 30).save(path)
    for number in (2, 7, 18):
        (tmp_path / f"{number % 2}" / f"{number:02}.png").write_bytes(b"nothing")
    return tmp_path


def widths(images: list[Image.Image]) -> list[int]:
    return [image.width for image in images]


def test_every_path_is_answered_in_its_order(folder: Path) -> None:
    paths = [folder / f"{number % 2}" / f"{number:02}.png" for number in range(19)]
    batches = list(read_all(paths, widths, Settings()))
    reasons = [reason for batch in batches for reason in batch.reasons]
    assert [number for number, reason in enumerate(reasons) if reason] == [2, 7, 18]
    found = [width for batch in batches for width in batch.made]
    assert found == [40 + number for number in range(19) if number not in (2, 7, 18)]


def test_no_paths_are_no_batches() -> None:
    assert list(read_all([], widths, Settings())) == []


def test_files_are_found_by_path_and_opened_whole(folder: Path) -> None:
    found = find(folder)
    assert found.paths == sorted(folder.glob("*/*.png"))
    np.testing.assert_array_equal(
        np.asarray(open_whole(found.paths[0], Settings())), np.asarray(draw(0, 40, 30))
    )


def test_a_digest_changes_with_what_it_stands_for(folder: Path) -> None:
    before = listing_digest(find(folder).files, "model")
    assert listing_digest(find(folder).files, "model") == before
    assert listing_digest(find(folder).files, "another") != before
    assert listing_digest(find(folder).files[1:], "model") != before
    os.utime(folder / "0" / "00.png", (1, 1))
    assert listing_digest(find(folder).files, "model") != before
