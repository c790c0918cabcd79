"""Rotations, sketches and patterns, against matrices and lists of bits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

import twins
from lookalike.kernels import patterns
from lookalike.kernels.arrays import frozen
from lookalike.kernels.bits import CODE_WORDS, SKETCH_WORDS
from twins import Floats, Words


def some_signs(dim: int, random: np.random.Generator) -> Floats:
    """(2, size) as ``margins_of`` wants them: a power of two, at least 512 and dim."""
    size = max(512, 1 << (dim - 1).bit_length())
    signs = random.choice(np.array([-1, 1], np.float32), (2, size))
    signs[0] /= size
    return signs


def transformed(values: NDArray[Any]) -> Floats:
    mixed = np.full(len(values), np.nan, np.float32)
    patterns.hadamard(values.astype(np.float32), mixed)
    return mixed


def matrix(size: int) -> NDArray[np.float64]:
    """The matrix that the transform multiplies by, column by column."""
    return np.stack([transformed(unit) for unit in np.eye(size)], axis=1).astype(np.float64)


def margins_of(vector: Floats, centre: Floats, code_margins: Floats, signs: Floats) -> Floats:
    """All that comes out, the rotated vector's later components included."""
    turned, spare = (np.full(signs.shape[1], np.nan, np.float32) for _ in range(2))
    rotation = patterns.Rotation(frozen(centre), frozen(signs))
    patterns.margins_of(frozen(vector), rotation, code_margins, turned, spare)
    return turned


def pattern_of(margins: Floats) -> Words:
    pattern = np.full((4, 8), 0xDEAD, np.uint64)
    patterns.pattern_of(margins, pattern)
    return pattern


@pytest.mark.parametrize("size", [256, 512, 1024])
def test_the_transform_is_by_a_hadamard_matrix(size: int) -> None:
    entries = matrix(size)
    assert set(np.unique(entries).tolist()) == {-1, 1}
    np.testing.assert_array_equal(entries @ entries.T, size * np.eye(size))
    values = np.random.default_rng(size).integers(-100, 101, size)
    np.testing.assert_array_equal(transformed(values), entries @ values)


@pytest.mark.parametrize("dim", [1, 2, 33, 512, 600])
def test_margins_are_those_of_two_transforms(dim: int) -> None:
    random = np.random.default_rng(dim)
    signs = some_signs(dim, random)
    centre, vector = random.standard_normal((2, dim)).astype(np.float32)
    code_margins = random.standard_normal(128).astype(np.float32)
    entries = matrix(signs.shape[1])
    centred = np.zeros(signs.shape[1])
    centred[:dim] = vector.astype(np.float64) - centre
    expected = entries @ (signs[1] * (entries @ (signs[0] * centred)))
    expected[:128] = code_margins
    found = margins_of(vector, centre, code_margins, signs)
    np.testing.assert_allclose(found, expected, atol=3e-6 * float(np.linalg.norm(centred)))


@pytest.mark.parametrize("scale", [1e15, 1.0, 1e-30])
@pytest.mark.parametrize("dim", [1, 2, 33, 512, 600])
def test_the_rotation_keeps_lengths(dim: int, scale: float) -> None:
    """The first 128 components give way to the code's margins; the matrix tells what they were."""
    random = np.random.default_rng(dim)
    signs = some_signs(dim, random)
    nothing, no_margins = np.zeros(dim, np.float32), np.zeros(128, np.float32)
    vector = (np.clip(random.standard_normal(dim) / 4, -1, 1) * scale).astype(np.float32)
    turned = margins_of(vector, nothing, no_margins, signs).astype(np.float64)
    entries = matrix(signs.shape[1])
    hidden = entries[:128] @ (signs[1] * (entries[:, :dim] @ (signs[0, :dim] * vector.astype(np.float64))))
    length = np.hypot(np.linalg.norm(turned), np.linalg.norm(hidden))
    assert length == pytest.approx(np.linalg.norm(vector.astype(np.float64)), rel=1e-5)
    assert not turned[:128].any()


def test_a_rotation_spreads_what_lies_in_one_component() -> None:
    """Or most bits of a sketch would be those of noise."""
    random = np.random.default_rng(0)
    vector, nothing = np.zeros(512, np.float32), np.zeros(512, np.float32)
    vector[300] = 1
    rest = margins_of(vector, nothing, np.zeros(128, np.float32), some_signs(512, random))[128:]
    assert np.abs(rest).max() < 0.3
    assert (np.abs(rest) > 0.01).mean() > 0.7


@pytest.mark.parametrize("dim", [1, 33, 512, 600])
@pytest.mark.parametrize("count", [0, 1, 40])
def test_sketches_are_the_signs_of_margins(count: int, dim: int) -> None:
    random = np.random.default_rng(dim)
    signs, centre = some_signs(dim, random), random.standard_normal(dim).astype(np.float32)
    vectors = random.standard_normal((count, dim)).astype(np.float32)
    vectors[:1] = centre
    code_margins = random.standard_normal((count, 128)).astype(np.float32)
    code_margins[:, :4] = (0, -0.0, 1e-45, -1e-45)
    rotation = patterns.Rotation(frozen(centre), frozen(signs))
    sketches = patterns.sketch_rows(frozen(vectors), rotation, code_margins)
    assert sketches.shape == (count, 8)
    assert sketches.dtype == np.dtype("uint64")
    bits = twins.bits_of(sketches)
    np.testing.assert_array_equal(bits[:, :128], code_margins > 0)
    for row, vector in enumerate(vectors):
        margins = margins_of(vector, centre, code_margins[row], signs)[128:512]
        clear = np.abs(margins) > 1e-5 * np.linalg.norm(vector - centre)
        np.testing.assert_array_equal(bits[row, 128:][clear], margins[clear] > 0)
        assert clear.mean() > 0.9 or row == 0
    assert not bits[:1, 128:].any()  # the centre itself: margins of 0 are not positive


@pytest.mark.parametrize("scale", [1e15, 1.0, 1e-18, 1e-22, 1e-30, 0.0])
@pytest.mark.parametrize("dim", [2, 33, 600])
def test_a_vector_does_not_differ_from_itself(dim: int, scale: float) -> None:
    random = np.random.default_rng(dim)
    signs = some_signs(dim, random)
    centre = (random.random(dim) * scale).astype(np.float32)
    vectors = (random.random((5, dim)) * scale).astype(np.float32)
    code_margins = (random.standard_normal((5, 128)) * scale).astype(np.float32)
    rotation = patterns.Rotation(frozen(centre), frozen(signs))
    sketches = patterns.sketch_rows(frozen(vectors), rotation, code_margins)
    for row in range(5):
        pattern = pattern_of(margins_of(vectors[row], centre, code_margins[row], signs))
        assert patterns.difference(sketches, row, pattern, CODE_WORDS) == 0
        assert patterns.difference(sketches, row, pattern, SKETCH_WORDS) == 0


@pytest.mark.parametrize("scale", [2.0**50, 1.0, 2.0**-50])
@pytest.mark.parametrize("spread", ["normal", "heavy-tailed", "sparse"])
def test_widths_are_margins_in_steps(spread: str, scale: float) -> None:
    """Seven steps up to 2.5 times the root mean square, rounded; whatever is wider counts 7."""
    random = np.random.default_rng(3)
    drawn = random.standard_normal(600)
    if spread == "heavy-tailed":
        drawn = drawn**5
    if spread == "sparse":
        drawn[random.random(600) < 0.9] = 0
    margins = (drawn * scale).astype(np.float32)
    pattern = pattern_of(margins)
    used = margins[:512].astype(np.float64)
    np.testing.assert_array_equal(twins.bits_of(pattern[0]), used > 0)
    steps = np.minimum(np.abs(used) / np.sqrt((used**2).mean()) / 2.5 * 7, 7)
    found = twins.widths(pattern)
    assert (np.abs(found - steps) <= 0.5 + 1e-4).all()
    assert {0, 7} <= set(found.tolist()) <= set(range(8))


def test_widths_worked_out_by_hand() -> None:
    """With a root mean square of 1 a step is 2.5 / 7 wide: 0.357; halves of it are 0.179, 0.536, 0.893, …"""
    by_margin = {0.0: 0, 0.17: 0, 0.19: 1, 0.53: 1, 0.54: 2, 0.89: 2, 0.9: 3, 2.3: 6, 2.33: 7, 3.0: 7}
    margins = np.zeros(512, np.float32)
    margins[: len(by_margin)] = [-margin if place % 2 else margin for place, margin in enumerate(by_margin)]
    rest = np.sqrt((512 - (margins**2).sum()) / (512 - len(by_margin)))  # fills up the mean square to 1
    margins[len(by_margin) :] = rest
    found = twins.widths(pattern_of(margins)).tolist()
    assert found == [*by_margin.values(), *[3] * (512 - len(by_margin))]


@pytest.mark.parametrize("margin", [0.0, -0.0])
def test_margins_of_nothing_make_no_difference(margin: float) -> None:
    assert not pattern_of(np.full(512, margin, np.float32)).any()


words = st.integers(0, 2**64 - 1)


@given(
    sketches=arrays(np.uint64, st.tuples(st.integers(1, 4), st.just(8)), elements=words),
    pattern=arrays(np.uint64, (4, 8), elements=words),
)
def test_a_difference_is_the_sum_of_widths(sketches: Words, pattern: Words) -> None:
    for used in (CODE_WORDS, SKETCH_WORDS):
        found = [patterns.difference(sketches, row, pattern, used) for row in range(len(sketches))]
        assert found == twins.differences(sketches, pattern, used)


def test_the_largest_difference() -> None:
    pattern = np.full((4, 8), 2**64 - 1, np.uint64)
    nothing = np.zeros((1, 8), np.uint64)
    assert patterns.difference(nothing, 0, pattern, CODE_WORDS) == 7 * 128
    assert patterns.difference(nothing, 0, pattern, SKETCH_WORDS) == 7 * 512


@given(st.tuples(*[words] * 5))
def test_the_difference_of_a_word(given_words: tuple[int, ...]) -> None:
    stored, sign, first, second, third = given_words
    differing = stored ^ sign
    expected = sum(
        weight * (differing & plane).bit_count() for weight, plane in ((1, first), (2, second), (4, third))
    )
    assert patterns.word_difference(*map(np.uint64, given_words)) == expected
