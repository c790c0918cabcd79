"""One photo with two captions: neither picture is a copy of the other, as each has letters of its own."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from lookalike.sight import Fine, Sight, look, looked_closely
from lookalike.sight.overlay import marked_each

TRAIN = "When the last train leaves\nwithout you on it"
MANUAL = "Nobody reads the manual\nbefore pressing start"
MONDAY, MEETING = "Monday", "The meeting could have\nbeen a letter"
CAT = "My cat at\nfive in\nthe morning"
INKS = {"white": "black", "black": "white"}


def grainy(seed: int) -> Image.Image:
    """A photo of soft colours, large and small, and no two places alike."""
    random = np.random.default_rng(seed)
    levels = np.zeros((400, 520, 3))
    for side, weight in ((5, 0.4), (14, 0.35), (50, 0.25)):
        spots = random.integers(0, 256, (side, side, 3), dtype=np.uint8)
        levels += weight * np.asarray(Image.fromarray(spots).resize((520, 400), Image.Resampling.BICUBIC))
    return Image.fromarray(levels.clip(0, 255).astype(np.uint8))


def below(caption: str, photo: Image.Image, ground: str, share: float) -> Image.Image:
    """The photo below a caption that is so high, as a share of the photo."""
    tall = round(share * photo.height)
    image = Image.new("RGB", (photo.width, photo.height + tall), ground)
    image.paste(photo, (0, tall))
    pen = ImageDraw.Draw(image)
    pen.multiline_text((14, 12), caption, INKS[ground], ImageFont.load_default(photo.width // 16), spacing=8)
    return image


def said(words: str, photo: Image.Image) -> Image.Image:
    """The photo with a speech balloon over it."""
    image = photo.copy()
    pen = ImageDraw.Draw(image)
    pen.rounded_rectangle((60, 60, 330, 190), 12, "white", "black", 2)
    pen.multiline_text((72, 70), words, "black", ImageFont.load_default(24), spacing=8)
    return image


def verified(first: Image.Image, second: Image.Image, closely: bool = False) -> bool:
    evidence = look(Sight(first), Sight(second))
    return (looked_closely(evidence, Fine(first), Fine(second)) if closely else evidence).verified


@pytest.mark.parametrize(
    ("seed", "one", "other", "ground", "share"),
    [
        (0, TRAIN, MONDAY, "white", 0.18),
        (0, TRAIN, MONDAY, "white", 0.3),
        (0, MANUAL, MONDAY, "white", 0.18),
        (1, TRAIN, MANUAL, "black", 0.18),
        (1, MANUAL, MEETING, "black", 0.18),
        (2, MONDAY, MEETING, "white", 0.3),
    ],
)
def test_a_photo_with_another_caption_is_no_copy(
    seed: int, one: str, other: str, ground: str, share: float
) -> None:
    pictures = [below(caption, grainy(seed), ground, share) for caption in (one, other)]
    assert not verified(*pictures)


@pytest.mark.parametrize(("seed", "other"), [(0, CAT), (1, CAT), (2, "Not today"), (3, "Not today")])
def test_in_a_balloon_other_words_are_seen_at_a_larger_size(seed: int, other: str) -> None:
    pictures = [said(words, grainy(seed)) for words in ("Yes", other)]
    assert verified(*pictures)
    assert not verified(*pictures, closely=True)


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("ground", INKS)
def test_a_photo_with_a_caption_is_a_copy(seed: int, ground: str) -> None:
    photo = grainy(seed)
    for caption in (TRAIN, MONDAY):
        assert verified(photo, below(caption, photo, ground, 0.18), closely=True)


def test_what_goes_on_beyond_a_caption_is_no_mark_of_its_own() -> None:
    plain = np.full((192, 256), 255, np.float32)
    differing = np.zeros(plain.shape, np.bool_)
    differing[150:] = True
    lettered, otherwise, thing = plain.copy(), plain.copy(), plain.copy()
    for across in range(20, 230, 12):
        lettered[160:176, across : across + 4] = 0
        otherwise[166:184, across + 6 : across + 10] = 0
    thing[20:, 60:90] = thing[20:, 150:160] = 0  # it stands on the lower edge, where the caption is laid
    captioned = thing.copy()
    captioned[150:] = lettered[150:]
    assert marked_each(lettered, otherwise, differing)
    assert not marked_each(plain, lettered, differing)
    assert not marked_each(thing, captioned, differing)
