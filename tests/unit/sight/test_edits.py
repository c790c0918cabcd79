"""One thing in several colours on the same ground, which no edit of a whole picture makes of each other."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

import hostile
from lookalike.alterations import ALTERATIONS, COPY_KINDS, recolour
from lookalike.sight import Sight, decode_small, encode_small, look, reduced
from seen import looked

Colour = tuple[int, int, int]

BLACK, WHITE, GREY = (26, 26, 30), (232, 230, 224), (140, 142, 148)
RED, GREEN, BROWN, NAVY = (176, 26, 44), (32, 92, 52), (92, 58, 34), (34, 62, 138)


@cache
def jug(colour: Colour) -> Image.Image:
    """A jug with three grooves on white ground, lit from the left."""
    y, x = np.mgrid[0:420, 0:420].astype(float)
    levels = np.full((420, 420, 3), 255.0)
    half = 70 + 45 * np.sin(np.clip((y - 80) / 270, 0, 1) * np.pi)
    body = (np.abs(x - 190) < half) & (y > 80) & (y < 350)
    handle = np.abs(np.hypot((x - 290) / 0.8, y - 200) - 75) < 13
    light = 1.2 - 0.5 * np.abs(x - 150) / 120
    for groove in (150, 215, 280):
        light = np.where(np.abs(y - groove) < 4, 0.7 * light, light)
    for part in (handle & (x > 250), body):
        levels[part] = (light[..., None] * np.array(colour))[part]
    return Image.fromarray(np.clip(levels, 0, 255).astype(np.uint8))


@pytest.mark.parametrize(
    ("one", "other"),
    [(BLACK, GREEN), (BLACK, RED), (BLACK, GREY), (WHITE, BROWN), (GREY, NAVY), (RED, BROWN), (GREEN, GREY)],
)
def test_a_thing_in_another_colour_on_white_is_no_copy(one: Colour, other: Colour) -> None:
    assert not looked(jug(one), jug(other)).verified
    assert not looked(jug(other), ALTERATIONS["jpeg-10"].apply(jug(one))).verified


@pytest.mark.parametrize("colour", [BLACK, WHITE, RED, GREEN, BROWN, NAVY])
def test_a_thing_on_white_may_be_edited_as_a_whole(colour: Colour) -> None:
    original = jug(colour)
    pale, strong = (ImageEnhance.Color(original).enhance(times) for times in (0.4, 1.4))
    brighter, darker = (ImageEnhance.Brightness(original).enhance(times) for times in (1.2, 0.8))
    gamma = original.point([round(255 * (level / 255) ** 0.75) for level in range(256)] * 3)
    copies = [pale, strong, brighter, darker, gamma, ImageEnhance.Contrast(original).enhance(1.3)]
    copies += [
        COPY_KINDS[kind](original, original) for kind in ("grey", "noise", "jpeg-10", "flip", "thumbnail-64")
    ]
    for copy in copies:
        assert looked(original, copy).verified


@cache
def painted(seed: int, ground: int = 255) -> Image.Image:
    """A painting of many tones and colours on plain ground."""
    random = np.random.default_rng(seed)
    levels = np.zeros((300, 400, 3))
    for side in (5, 12, 40):
        spots = random.integers(0, 256, (side, side, 3), dtype=np.uint8)
        levels += np.asarray(Image.fromarray(spots).resize((400, 300), Image.Resampling.BICUBIC)) / 3
    levels = np.clip(128 + 3.5 * (levels - 128), 0, 250)
    y, x = np.mgrid[0:300, 0:400]
    levels[((x - 200) / 140) ** 2 + ((y - 150) / 110) ** 2 > 1] = ground
    return Image.fromarray(levels.astype(np.uint8))


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_two_steps_are_believed_of_many_tones(seed: int) -> None:
    grey = painted(seed).convert("L").convert("RGB")
    for copy in (ImageEnhance.Contrast(grey).enhance(1.3), ImageEnhance.Brightness(grey).enhance(1.2)):
        assert looked(painted(seed), copy).verified


def test_a_caption_may_have_any_colours() -> None:
    captioned = COPY_KINDS["caption"](painted(0), painted(0))
    assert looked(painted(0), captioned).verified


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_black_ground_stays_black_if_the_rest_is_warmer(seed: int) -> None:
    original = painted(seed, ground=0)
    warmer = recolour(original, gains=(1.12, 1.0, 0.84), saturation=1.0)
    assert looked(original, warmer).verified


def sign(letters: int) -> Image.Image:
    """A red sign with bars of white on a pale sky."""
    image = Image.new("RGB", (400, 400), (214, 226, 240))
    pen = ImageDraw.Draw(image)
    pen.regular_polygon((200, 200, 170), 8, 22, (190, 20, 30), "white", 12)
    for across in range(letters):
        pen.rectangle((90 + 26 * across, 160, 100 + 26 * across, 240), "white")
    return image


@pytest.mark.parametrize("letters", [5, 7])
def test_soft_edges_are_no_other_colours(letters: int) -> None:
    soft = sign(letters).filter(ImageFilter.GaussianBlur(5))
    assert looked(sign(letters), soft).verified


def kept(image: Image.Image) -> Sight:
    """The picture as a catalog keeps it: a small JPEG."""
    return Sight(decode_small(encode_small(reduced(image))))


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("pizza/image_0044.jpg", "jpeg-10"),
        ("kangaroo/image_0021.jpg", "jpeg-10"),
        ("anchor/image_0027.jpg", "flip"),
    ],
)
def test_colours_that_a_small_jpeg_changes_here_and_there_are_no_other_colours(
    name: str, kind: str, shared_data: Path
) -> None:
    photo = Image.open(shared_data / "caltech101" / name).convert("RGB")
    assert look(kept(photo), kept(ALTERATIONS[kind].apply(photo))).verified


def test_a_caption_over_a_photo_of_64_pixels_is_no_other_colour() -> None:
    photo = hostile.photo(64, 64)
    assert look(kept(photo), kept(ALTERATIONS["caption"].apply(photo))).verified
