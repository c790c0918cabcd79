from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from lookalike.alterations import ALTERATIONS
from lookalike.labs.bench import sheets
from lookalike.sight import Landmarks, find_landmarks, reduced, votes
from lookalike.sight.votes import Marked

PAGES = 40
EDITED = ("crop-80", "rotate", "perspective", "rotate-30", "flip", "rotate-90")


def marks_of(image: Image.Image) -> Landmarks:
    return find_landmarks(np.asarray(reduced(image).convert("L")))


@pytest.fixture(scope="module")
def packed() -> dict[int, bytes]:
    """The landmarks of pages."""
    return {number: marks_of(sheets.draw("pages", number)).packed() for number in range(PAGES)}


@pytest.fixture(scope="module")
def copies() -> dict[int, Landmarks]:
    """The landmarks of copies of the first pages."""
    return {
        number: marks_of(ALTERATIONS[EDITED[number % len(EDITED)]].apply(sheets.draw("pages", number)))
        for number in range(12)
    }


def test_of_a_copy_the_own_page_is_the_likeliest(
    packed: dict[int, bytes], copies: dict[int, Landmarks]
) -> None:
    marked = Marked(packed)
    assert sum(marked.likely(copy)[:1] == [number] for number, copy in copies.items()) >= 10  # of 12


def test_of_a_page_itself_it_is_the_likeliest(packed: dict[int, bytes]) -> None:
    assert Marked(packed).likely(Landmarks.unpacked(packed[7]))[0] == 7


def test_all_landmarks_are_compared_however_many_at_once(
    packed: dict[int, bytes], copies: dict[int, Landmarks], monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once = [Marked(packed).likely(copy) for copy in copies.values()]
    monkeypatch.setattr(votes, "_BLOCK", 100)
    assert [Marked(packed).likely(copy) for copy in copies.values()] == at_once


def test_the_nearest_are_those_of_a_plain_comparison(
    packed: dict[int, bytes], copies: dict[int, Landmarks], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[np.ndarray] = []
    marked = Marked(packed)
    rows = marked.vectors(0, len(marked))

    def plainly(vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        asked.append(vectors)
        apart = 1 - vectors @ rows.T
        nearest = np.argsort(apart, axis=1, kind="stable")[:, : votes.NEAREST]
        return nearest, np.take_along_axis(apart, nearest, axis=1)

    monkeypatch.setattr(votes, "_BLOCK", 1000)
    for copy in copies.values():
        assert marked.likely(copy, plainly) == marked.likely(copy)
    assert [len(vectors) for vectors in asked] == [2 * len(copy) for copy in copies.values()]


def test_what_has_no_landmarks_is_like_none(packed: dict[int, bytes]) -> None:
    blank = marks_of(Image.new("RGB", (620, 880), "white"))
    assert Marked(packed).likely(blank) == []
    for none in ({}, {1: blank.packed()}):
        assert Marked(none).likely(Landmarks.unpacked(packed[0])) == []


def test_few_landmarks_are_enough(packed: dict[int, bytes]) -> None:
    few = {3: packed[3][:80]}
    assert len(Marked(few)) == 2
    assert Marked(few).likely(Landmarks.unpacked(packed[3])) in ([], [3])
