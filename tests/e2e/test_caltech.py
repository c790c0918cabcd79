"""Real photographs: all can be read, and copies of some lead back to their originals."""

from __future__ import annotations

import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lookalike import Collection
from lookalike.alterations import ALTERATIONS
from lookalike.collection.pictures import open_picture
from lookalike.images import Limits, decode, read_file

pytestmark = [pytest.mark.shared, pytest.mark.slow]


@pytest.fixture(scope="module")
def photographs(shared_data: Path) -> Sequence[Path]:
    paths = sorted((shared_data / "caltech101").rglob("*.jpg"))
    assert len(paths) == 9144
    return paths


def test_photographs_can_be_read(photographs: Sequence[Path]) -> None:
    """Every fourth of them: of all 102 classes, and of each class about ten or more."""

    def size(path: Path) -> tuple[int, int]:
        return decode(read_file(path, Limits()), at_least=128).image.size

    with ThreadPoolExecutor(2) as pool:
        sizes = list(pool.map(size, photographs[::4], chunksize=64))
    assert min(min(each) for each in sizes) >= 80


def test_mildly_altered_copies_find_their_originals(photographs: Sequence[Path], tmp_path: Path) -> None:
    chosen = random.Random(5).sample(photographs, 80)
    with Collection.open(tmp_path / "store", create=True) as collection:
        report = collection.add(chosen)
        assert report.rejected == []
        assert len(collection.files()) == 80
        for name, least in (("jpeg-30", 8), ("resize-40", 8), ("brighter", 8), ("crop-80", 7)):
            found = 0
            for path in chosen[:8]:
                copy = ALTERATIONS[name].apply(open_picture(path, Limits()))
                found += path in collection.search(copy, 1)[0].paths
            assert found >= least, f"{name}: {found} of 8"
