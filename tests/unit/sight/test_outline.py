"""Stickers of many colours, letters, and things that moved: told by where they end."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageEnhance

from lookalike.alterations import ALTERATIONS
from lookalike.alterations.stickers import SHAPES, Sticker, stick
from lookalike.sight import VERIFIED_SCORE, Sight, look
from lookalike.sight.alignment import Alignment
from lookalike.sight.outline import ends_on_one
from lookalike.sight.windows import Laid

WIDE, TALL = 256, 192
SEEDS = range(4)


def photo(seed: int) -> Image.Image:
    """A picture of grains of several sizes, lit from one corner: many tones, and texture all over."""
    random = np.random.default_rng(seed)
    total = np.zeros((TALL, WIDE), np.float32)
    for size in (2, 5, 12):
        grains = cv2.GaussianBlur(random.normal(0, 1, (TALL, WIDE)).astype(np.float32), (0, 0), size)
        total += grains / grains.std()
    down, across = np.mgrid[:TALL, :WIDE]
    grey = 40 * total / total.std() + 0.5 * down + 0.3 * across + 40
    return Image.fromarray(np.clip(grey, 0, 255).astype(np.uint8)).convert("RGB")


def told(first: Image.Image, second: Image.Image) -> bool:
    """What the outlines say of two pictures, laid frame on frame."""
    a, b = (np.asarray(image.convert("L")) for image in (first, second))
    laid = Laid.by(a, b, Alignment(np.eye(3), 0))
    windows = laid.windows()
    assert windows is not None
    return ends_on_one(*laid.raw(), windows)


def stuck(image: Image.Image, *places: tuple[float, float]) -> Image.Image:
    """The picture with a sticker at each place, of three kinds in turn."""
    names = sorted(SHAPES)
    return stick(image, [Sticker(names[number % 3], place, 0.35) for number, place in enumerate(places)])


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", ["stickers", "text"])
def test_what_was_laid_over_a_photo_leaves_it_a_copy(seed: int, name: str) -> None:
    original = photo(seed)
    copy = ALTERATIONS[name].apply(original)
    assert told(original, copy)
    assert told(copy, original)
    assert look(Sight(original), Sight(copy)).score >= VERIFIED_SCORE


@pytest.mark.parametrize("seed", [1, 3])
def test_letters_may_weigh_more_than_all_that_agrees(seed: int) -> None:
    pale = ImageEnhance.Contrast(photo(seed)).enhance(0.61)
    found = look(Sight(pale), Sight(ALTERATIONS["text"].apply(pale)))
    assert found.agreement < 0.4
    assert found.verified


@pytest.mark.parametrize("seed", SEEDS)
def test_two_pictures_with_stickers_of_their_own_are_no_copies(seed: int) -> None:
    first = stuck(photo(seed), (0.25, 0.3), (0.7, 0.75))
    second = stuck(photo(seed), (0.75, 0.3), (0.25, 0.75))
    assert told(photo(seed), first)
    assert not told(first, second)


@pytest.mark.parametrize("seed", SEEDS)
def test_letters_on_one_and_a_small_sticker_on_the_other_are_seen_on_both(seed: int) -> None:
    first = ALTERATIONS["text"].apply(photo(seed))
    assert not told(first, stuck(photo(seed), (0.2, 0.15)))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_thing_that_has_moved_is_seen_at_both_places(seed: int) -> None:
    first, second = photo(seed), photo(seed)
    thing = photo(seed + 100).resize((50, 70))
    mask = Image.new("L", thing.size, 0)
    ImageDraw.Draw(mask).ellipse((0, 0, 49, 69), fill=255)
    first.paste(thing, (40, 60), mask)
    second.paste(thing, (150, 80), mask)
    assert not told(first, second)


@pytest.mark.parametrize("seed", SEEDS)
def test_two_pictures_set_into_one_frame_break_off_both(seed: int) -> None:
    dark, other = photo(seed), photo(seed)
    dark.paste(photo(seed + 100).resize((120, 90)).point(lambda level: level // 8), (70, 50))
    other.paste(photo(seed + 200).resize((120, 90)), (70, 50))
    assert told(photo(seed), dark)
    assert not told(dark, other)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_ground_must_be_the_same_to_the_pixel(seed: int) -> None:
    copy = stuck(photo(seed), (0.3, 0.4))
    other = Image.blend(copy, photo(seed + 50), 0.3)
    assert told(photo(seed), copy)
    assert not told(photo(seed), other)


def test_drawn_pictures_are_left_to_other_rules() -> None:
    page = Image.new("RGB", (WIDE, TALL), "white")
    pen = ImageDraw.Draw(page)
    for row in range(10, TALL, 14):
        pen.text((8, row), "so many words in one line of a page", fill="black")
    assert not told(page, stuck(page, (0.5, 0.5)))
