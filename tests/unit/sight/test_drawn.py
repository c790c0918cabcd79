"""Drawn pictures: two of a kind are no copies of each other, and each is found in its own copies."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import lru_cache
from itertools import combinations

import pytest
from PIL import Image

import drawn
from lookalike.sight import VERIFIED_SCORE, Evidence
from seen import closely, looked

SEEDS = range(3)

draw = lru_cache(8)(drawn.draw)


def half_size(image: Image.Image) -> Image.Image:
    file = io.BytesIO()
    image.resize((image.width // 2, image.height // 2)).save(file, "JPEG", quality=70)
    return Image.open(file).convert("RGB")


def cropped(image: Image.Image) -> Image.Image:
    """Without 5 % of its width and height, off centre."""
    wide, tall = image.size
    return image.crop((int(0.035 * wide), int(0.02 * tall), int(0.985 * wide), int(0.97 * tall)))


def seen(first: Image.Image, second: Image.Image) -> Evidence:
    """What a search sees of two pictures: at 256 pixels, and closely if they look the same there."""
    evidence = looked(first, second)
    return closely(first, second) if evidence.whole_copy else evidence


@pytest.mark.parametrize("kind", drawn.KINDS)
def test_two_of_a_kind_are_no_copies(kind: str) -> None:
    images = [draw(kind, seed) for seed in SEEDS]
    scores = {(a, b): seen(images[a], images[b]).score for a, b in combinations(SEEDS, 2)}
    assert {pair: score for pair, score in scores.items() if score >= VERIFIED_SCORE} == {}


@pytest.mark.parametrize("edit", [half_size, cropped], ids=lambda edit: edit.__name__)
@pytest.mark.parametrize("kind", drawn.KINDS)
def test_its_own_copies_are_found(kind: str, edit: Callable[[Image.Image], Image.Image]) -> None:
    for seed in SEEDS[1:]:
        image = draw(kind, seed)
        found = seen(image, edit(image))
        assert found.verified, (seed, found)


@pytest.mark.parametrize(("kind", "versions"), [("ledger", (0, 1)), ("bottle", (1, 2)), ("sign_in", (0, 3))])
def test_versions_of_one_form_are_told_apart_in_any_number_of_places(
    kind: str, versions: tuple[int, int]
) -> None:
    first, second = (draw(kind, seed) for seed in versions)
    assert looked(first, second).whole_copy  # at 256 pixels nobody sees it
    for other in (second, half_size(second)):
        assert seen(first, other).differs_in_detail
        assert seen(other, first).differs_in_detail


def test_flat_pictures_prove_nothing() -> None:
    grey, darker = (Image.new("RGB", (300, 200), (level,) * 3) for level in (120, 90))
    assert looked(grey, darker).score == 0
    assert looked(grey, grey).score == 0
    assert not looked(grey, draw("page", 0)).verified
