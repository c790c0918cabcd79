"""Photo-like pictures and their edited copies: what was done to them is found and said."""

from __future__ import annotations

import io
from functools import cache

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageFont, ImageOps

from lookalike.alterations import COPY_KINDS
from lookalike.alterations.lettering import write_over
from lookalike.alterations.stickers import Sticker, stick
from lookalike.sight import VERIFIED_SCORE, Evidence, Sight, decode_small, encode_small, look, reduced
from lookalike.sight.keypoints import Grey, Keypoints, find_keypoints, mirrored_descriptors
from lookalike.sight.small import MOST_BYTES


@cache
def scene(seed: int) -> Image.Image:
    """Clouds of several sizes, as unlike each other as photos."""
    random = np.random.default_rng(seed)
    layers = []
    for side in (6, 16, 40, 100):
        noise = Image.fromarray(random.integers(0, 256, (side, side, 3), dtype=np.uint8))
        layers.append(np.asarray(noise.resize((400, 300), Image.Resampling.BICUBIC), np.float64))
    return Image.fromarray(np.clip(sum(layers) / 4 * 1.8 - 100, 0, 255).astype(np.uint8))


@cache
def gravel() -> Image.Image:
    """A scene under grains of two pixels."""
    grains = np.random.default_rng(1).integers(0, 256, (300, 400), dtype=np.uint8)
    soft = np.asarray(Image.fromarray(grains).filter(ImageFilter.GaussianBlur(1)), np.float64)
    faded = 0.4 * np.asarray(scene(1), np.float64) + 77
    grained = faded + 30 * ((soft - soft.mean()) / soft.std())[..., None]
    return Image.fromarray(np.clip(grained, 0, 255).astype(np.uint8))


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (lambda image: image.rotate(-90, expand=True), ("turned by 90°",)),
        (lambda image: image.rotate(180), ("turned upside down",)),
        (ImageOps.mirror, ("mirrored",)),
        (ImageOps.flip, ("mirrored top to bottom",)),
        (lambda image: image.filter(ImageFilter.GaussianBlur(2)), ()),
        (lambda image: image.crop((80, 60, 320, 240)), ("cropped to 36 %",)),
    ],
)
def test_what_was_done_is_said(edit, words: tuple[str, ...]) -> None:  # type: ignore[no-untyped-def]
    found = look(Sight(scene(1)), Sight(edit(scene(1))))
    assert found.verified
    assert found.words == words


def test_the_matrix_lays_the_first_picture_on_the_second() -> None:
    cropped = scene(1).crop((80, 60, 320, 240))  # of 400 x 300
    found = look(Sight(scene(1)), Sight(cropped))
    corners = np.array([[51.2, 38.4, 1], [204.8, 153.6, 1]])  # of the crop, in the first at 256 pixels
    assert found.matrix is not None
    laid = corners @ found.matrix.T
    assert laid[:, :2] / laid[:, 2:] == pytest.approx(np.array([[0, 0], [240, 180]]), abs=1.5)
    assert found.facts()["matrix"] == pytest.approx(found.matrix, abs=1e-5)
    assert Evidence(0.0).facts()["matrix"] is None


@pytest.mark.parametrize("kind", ["crop-30", "pasted", "collage", "perspective", "noise", "phone-screenshot"])
def test_edited_copies_are_found_and_strangers_are_not(kind: str) -> None:
    copy = Sight(COPY_KINDS[kind](scene(1), scene(2)))
    assert look(Sight(scene(1)), copy).verified
    assert not look(Sight(scene(3)), copy).verified


@pytest.mark.parametrize(("seed", "contrast"), [(3, 0.25), (6, 0.25), (4, 0.3)])
def test_a_crop_of_a_soft_picture_is_found(seed: int, contrast: float) -> None:
    pixels = np.asarray(scene(seed).filter(ImageFilter.GaussianBlur(2)), np.float64)
    soft = Image.fromarray((contrast * pixels + 100).astype(np.uint8))
    assert look(Sight(soft), Sight(soft.crop((80, 60, 280, 210)))).score >= 2 * VERIFIED_SCORE


@pytest.mark.parametrize("kind", COPY_KINDS)
def test_a_glance_misses_no_copy(kind: str) -> None:
    copy = Sight(COPY_KINDS[kind](scene(1), scene(2)))
    assert look(Sight(scene(1)), copy, glance=True) == look(Sight(scene(1)), copy)


@pytest.mark.parametrize("kind", ["crop-80", "crop-50", "crop-30"])
def test_a_glance_misses_no_copy_of_fine_texture(kind: str) -> None:
    original, copy = Sight(gravel()), Sight(COPY_KINDS[kind](gravel(), scene(2)))
    assert len(copy.keypoints) >= 300  # the most marked ones of many more, and all of them small
    assert look(original, copy).verified
    assert look(original, copy, glance=True) == look(original, copy)


def test_a_glance_leaves_strangers_at_that(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[tuple[int, ...]] = []

    def counted(grey: Grey) -> Keypoints:
        looked.append(grey.shape)
        return find_keypoints(grey)

    monkeypatch.setattr("lookalike.sight.looking.find_keypoints", counted)
    query = Sight(scene(3))
    assert not any(look(Sight(scene(seed)), query, glance=True).verified for seed in (4, 5, 6, 7))
    assert 1 <= len(looked) <= 2  # those of the query, and by chance of one more


def test_frames_alone_find_whole_copies_and_no_crops() -> None:
    original = Sight(scene(5))
    for kind, found in (("rotate-90", True), ("flip", True), ("blur", True), ("crop-50", False)):
        copy = Sight(COPY_KINDS[kind](scene(5), scene(6)))
        assert look(original, copy).verified
        assert look(original, copy, frames_only=True).verified is found
    assert not look(original, Sight(scene(6)), frames_only=True).verified


def rail(thick: int, slope: int, edge: tuple[int, int, int]) -> Image.Image:
    """A curtain rail on white ground."""
    image = Image.new("RGB", (500, 500), "white")
    pen = ImageDraw.Draw(image)
    for row in range(thick):
        middle = 2 < row < thick - 3
        pen.line((30, 220 + row, 470, 220 + slope + row), (240, 238, 230) if middle else edge, 2)
    return image


@pytest.mark.parametrize("thick", [8, 10, 12])
@pytest.mark.parametrize("slope", [40, 60])
def test_one_rail_is_not_stretched_until_it_is_another(thick: int, slope: int) -> None:
    first, second = rail(20, 36, (215, 213, 205)), rail(thick, slope, (60, 50, 50))
    assert not look(Sight(first), Sight(second)).verified
    assert look(Sight(first), Sight(first.resize((250, 250)))).verified


def test_the_score_does_not_depend_on_the_order() -> None:
    first, second = Sight(scene(1)), Sight(COPY_KINDS["crop-30"](scene(1), scene(2)))
    there, back = look(first, second), look(second, first)
    assert there.score == back.score
    assert there.first_shown == pytest.approx(back.second_shown, abs=0.01)
    assert there.differs.shape == second.grey.shape


@pytest.mark.parametrize("size", [(400, 300), (320, 240), (200, 150)])
@pytest.mark.parametrize("edited_first", [False, True])
def test_where_they_differ_is_shown(size: tuple[int, int], edited_first: bool) -> None:
    edited = scene(1).copy()
    edited.paste((250, 250, 250), (0, 200, 400, 300))
    pair = [Sight(scene(1)), Sight(edited.resize(size))]
    first, second = pair[::-1] if edited_first else pair
    found = look(first, second)
    assert found.differs.shape == second.grey.shape
    share = found.differs.mean(axis=1)
    assert share[: len(share) // 2].max() == 0
    assert share[len(share) * 3 // 4 :].mean() > 0.5
    assert any("over the lower third" in word for word in found.words)


def test_a_mirrored_descriptor_is_that_of_the_mirrored_picture() -> None:
    grey = np.asarray(reduced(scene(1)).convert("L"))
    found, truth = find_keypoints(grey), find_keypoints(np.ascontiguousarray(grey[:, ::-1]))
    likeness = mirrored_descriptors(found) @ truth.descriptors.T
    assert np.median(likeness.max(axis=1)) > 0.98
    assert np.median((found.descriptors @ truth.descriptors.T).max(axis=1)) < 0.95


@pytest.mark.parametrize("noisy", [False, True])
def test_a_small_picture_is_kept_in_ten_kilobytes(noisy: bool) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (700, 700, 3), dtype=np.uint8)
    small = reduced(scene(1))
    if noisy:
        small = Image.fromarray(pixels[:256, :256])
    data = encode_small(small)
    assert len(data) <= MOST_BYTES
    assert decode_small(data).size == small.size


def on_plain_ground(seed: int) -> Image.Image:
    """Something with faint texture and something with much, on plain ground, as photos of products are."""
    random = np.random.default_rng(seed)
    faint, strong = (
        cv2.GaussianBlur(random.normal(0, 1, (192, 256)).astype(np.float32), (0, 0), size) for size in (2, 4)
    )
    grey = np.full((192, 256), 230, np.float32)
    grey[:, 60:150] = 150 + 6 * (faint / faint.std())[:, 60:150]
    grey[:, 150:] = 120 + 40 * (strong / strong.std())[:, 150:]
    return Image.fromarray(np.clip(grey, 0, 255).astype(np.uint8)).convert("RGB")


@pytest.mark.parametrize("seed", range(3))
def test_faint_texture_may_suffer_from_jpeg_and_may_not_be_another_one(seed: int) -> None:
    picture, other = on_plain_ground(seed), on_plain_ground(seed)
    other.paste(on_plain_ground(seed + 50).crop((60, 0, 150, 192)), (60, 0))
    assert look(Sight(picture), Sight(COPY_KINDS["jpeg-10"](picture, picture))).verified
    assert not look(Sight(picture), Sight(other)).verified


def saved(image: Image.Image, quality: int) -> bytes:
    """The file that most programs would write."""
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    return file.getvalue()


@pytest.mark.parametrize("seed", range(3))
def test_a_small_picture_is_nearer_to_the_picture_than_the_best_usual_jpeg(seed: int) -> None:
    small = reduced(write_over(scene(seed), 1 / 3))
    usual = (saved(small, quality) for quality in range(95, 0, -1))
    best = next(data for data in usual if len(data) <= MOST_BYTES)
    grey = np.asarray(small.convert("L"), np.float64)
    errors = [
        float((np.asarray(decode_small(data).convert("L")) - grey).std())
        for data in (encode_small(small), best)
    ]
    assert errors[0] < 0.95 * errors[1]


@pytest.mark.parametrize("seed", [1, 2])
def test_text_over_one_picture_makes_a_copy_and_other_text_on_both_does_not(seed: int) -> None:
    original = Sight(scene(seed))
    first, second = (Sight(write_over(scene(seed), 1 / 3, text)) for text in ("GOOD MORNING ", "SEE YOU "))
    assert look(original, first).verified
    assert look(second, original).verified
    assert not look(first, second).verified


@pytest.mark.parametrize("seed", range(1, 9))
def test_a_sticker_makes_a_copy_and_one_on_each_picture_does_not(seed: int) -> None:
    star, heart = Sticker("star", (0.3, 0.3), 0.4), Sticker("heart", (0.7, 0.65), 0.4)
    original, first, second = (Sight(stick(scene(seed), over)) for over in ((), (star,), (heart,)))
    assert look(original, first).verified
    assert look(second, original).verified
    assert not look(first, second).verified


def test_other_colours_make_another_picture_and_none_do_not() -> None:
    red, blue = Image.new("RGB", (200, 200), "white"), Image.new("RGB", (200, 200), "white")
    for image, colour in ((red, (200, 40, 40)), (blue, (36, 80, 230))):
        pen = ImageDraw.Draw(image)
        pen.polygon([(30, 170), (100, 20), (170, 170)], colour)
        pen.text((100, 120), "Acme", "white", ImageFont.load_default(50), "mm")
    assert not look(Sight(red), Sight(blue)).verified
    assert look(Sight(red), Sight(ImageOps.grayscale(red).convert("RGB"))).verified
    assert look(Sight(red), Sight(COPY_KINDS["warm"](red, red))).verified
