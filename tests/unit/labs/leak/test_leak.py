"""What hashes tell of pictures, on vectors of which it is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lookalike.errors import NotFoundError, UsageError
from lookalike.kernels.bits import differing_bits, sign_bytes
from lookalike.kernels.hyperplanes import keyed
from lookalike.labs.leak.measuring import Sample, divided, measure
from lookalike.labs.leak.reading import chosen

DIM, CLASSES, EACH = 128, 10, 60


@pytest.fixture(scope="module")
def halves() -> tuple[Sample, Sample]:
    """Ten clusters that hashes of 64 bits tell apart most of the time."""
    random = np.random.default_rng(3)
    centres = random.standard_normal((CLASSES, DIM))
    labels = np.repeat(np.arange(CLASSES), EACH)
    rows = centres[labels] + 1.8 * random.standard_normal((len(labels), DIM))
    vectors = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return divided(vectors, labels.tolist(), 0.5, 0)


def test_pictures_are_divided_class_by_class(halves: tuple[Sample, Sample]) -> None:
    for half in halves:
        assert np.bincount(half.labels).tolist() == [EACH // 2] * CLASSES
        assert not np.array_equal(half.labels, np.sort(half.labels))
    rows = {row.tobytes() for half in halves for row in half.vectors}
    assert len(rows) == CLASSES * EACH


def test_shares_are_those_of_the_nearest_by_packed_bits(halves: tuple[Sample, Sample]) -> None:
    labelled, hashed = halves
    found = measure(labelled, hashed, 64, (11, 12))
    codes = [sign_bytes(half.vectors @ keyed(DIM, 64, 11).T) for half in halves]
    right = [
        labelled.labels[differing_bits(codes[0], code).argmin()] == label
        for code, label in zip(codes[1], hashed.labels, strict=True)
    ]
    assert found.same_key == pytest.approx(np.mean(right))
    exact = labelled.labels[(hashed.vectors @ labelled.vectors.T).argmax(axis=1)]
    assert found.vectors == pytest.approx(np.mean(exact == hashed.labels))
    assert (found.chance, found.classes, found.labelled, found.hashed) == (0.1, 10, 300, 300)


def test_a_key_hides_classes_until_some_hashes_are_known(halves: tuple[Sample, Sample]) -> None:
    found = measure(*halves, 64, (11, 12))
    assert found.vectors > found.same_key > 0.5
    assert found.other_key < 0.2
    assert found.joined < 0.05
    assert list(found.known) == [10, 30, 100, 300]
    assert found.known[10] < found.known[300]
    assert found.known[300] > 0.5
    assert measure(*halves, 64, (11, 11)).joined == 1
    assert measure(*halves, 64, (11, 11)).other_key == found.same_key
    assert found.facts()["known"][0] == {"pictures": 10, "share": found.known[10]}


@pytest.mark.parametrize("bits", [0, DIM + 1])
def test_hashes_are_no_longer_than_embeddings(bits: int, halves: tuple[Sample, Sample]) -> None:
    with pytest.raises(UsageError, match="bits must be from 1 to 128"):
        measure(*halves, bits, (1, 2))


def test_nothing_is_not_measured(halves: tuple[Sample, Sample]) -> None:
    nothing = Sample(halves[0].vectors[:0], halves[0].labels[:0])
    with pytest.raises(UsageError, match="pictures of known class"):
        measure(nothing, halves[1], 64, (1, 2))


def test_classes_with_too_few_pictures_are_not_chosen(tmp_path: Path) -> None:
    for name, count in (("a", 5), ("b", 3), ("c", 2), ("d", 4)):
        (tmp_path / name).mkdir()
        for number in range(count):
            (tmp_path / name / f"{number}.png").write_bytes(b"x")
    paths = chosen(tmp_path, 3, 3, 0)
    assert [path.parent.name for path in paths] == ["a"] * 3 + ["b"] * 3 + ["d"] * 3
    assert len(set(paths)) == 9
    assert chosen(tmp_path, 3, 3, 0) == paths
    for classes in (1, 4):
        with pytest.raises(NotFoundError, match="has 3 folders with 3 pictures or more"):
            chosen(tmp_path, classes, 3, 0)
