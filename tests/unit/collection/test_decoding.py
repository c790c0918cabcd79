"""What adding does with pictures that take long or much to decode."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

import hostile
from lookalike import Collection, Settings
from lookalike.collection.adding import Encoded, Taken, take_in
from lookalike.embed import ModelCard
from lookalike.kernels.arrays import Vectors

HUGE = 10**10  # pixels


class Counting:
    """An embedder that notes how many pictures it is given at a time."""

    def __init__(self) -> None:
        self.card = ModelCard("counting", "nothing", "public domain", 3, 8, 0.1, 4)
        self.fingerprint = "ab" * 16
        self.given: list[int] = []

    def embed(self, images: Sequence[Image.Image]) -> Vectors:
        self.given.append(len(images))
        return np.ones((len(images), 4), np.float32) / 2


def test_a_picture_that_takes_too_long_is_refused_by_name(settings: Settings, folder: Path) -> None:
    (folder / "bomb.png").write_bytes(hostile.png_bomb())
    hasty = dataclasses.replace(settings, max_pixels=HUGE, decode_seconds=0.5)
    with Collection.open(create=True, settings=hasty) as collection:
        report = collection.add([folder])
        assert report.added == len(collection) == 6
        ((path, reason),) = ((item.path, item.reason) for item in report.rejected)
    assert path == folder / "bomb.png"
    assert reason == "took more than 0.5 s to decode (setting decode_seconds)"


def test_an_upload_that_takes_too_long_does_not_stop_the_rest(settings: Settings) -> None:
    hasty = dataclasses.replace(settings, max_pixels=HUGE, decode_seconds=0.5)
    picture = hostile.encoded(hostile.photo(), "PNG")
    with Collection.open(create=True, settings=hasty) as collection:
        bomb, added = collection.add_uploads([hostile.png_bomb(), picture])
    assert bomb.reason == "took more than 0.5 s to decode (setting decode_seconds)"
    assert added.image_id is not None


def test_wide_pictures_do_not_pile_up_before_they_are_embedded() -> None:
    """Each is handed out with 12 million pixels, since its shorter side must not shrink further."""
    wide = [
        hostile.encoded(Image.new("RGB", (20_000 + number, 600)), "PNG", compress_level=1)
        for number in range(4)
    ]
    embedder, taken = Counting(), []

    def read(data: bytes) -> Encoded:
        return Encoded(hashlib.sha256(data).digest(), data)

    def record(part: Taken[bytes]) -> None:
        taken.extend(item for item, _ in part.new)

    take_in(wide, read, record, embedder, Settings(threads=1), lambda _: None)
    assert sorted(taken) == sorted(wide)
    assert [count for count in embedder.given if count] == [2, 2]
