from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hostile import encoded, exif, stored_as
from lookalike.errors import NotFoundError
from lookalike.images import Limits
from lookalike.images.decoders import Decoders
from lookalike.store import ImageFacts
from lookalike.web import thumbnails
from lookalike.web.thumbnails import Thumbnails
from pictures import draw


@pytest.fixture
def decoders() -> Iterator[Decoders]:
    with Decoders(1) as pool:
        yield pool


def facts(*paths: Path, of: bytes) -> ImageFacts:
    return ImageFacts(1, hashlib.sha256(of).digest(), "JPEG", 1, 1, paths, np.zeros(4, np.float32))


def test_it_is_upright_and_never_larger_than_the_picture(decoders: Decoders, tmp_path: Path) -> None:
    small = Thumbnails(Limits(), decoders)
    for orientation in range(1, 9):
        data = encoded(stored_as(draw(3, 400, 300), orientation), "JPEG", exif=exif(orientation), quality=95)
        (tmp_path / "a.jpg").write_bytes(data)
        made = Image.open(io.BytesIO(small.make(facts(tmp_path / "a.jpg", of=data), 160)))
        wanted = draw(3, 400, 300).resize((160, 120), Image.Resampling.BICUBIC)
        assert made.size == (160, 120)
        assert np.abs(np.asarray(made, float) - np.asarray(wanted, float)).mean() < 8
    data = encoded(draw(3, 20, 10), "PNG")
    (tmp_path / "a.png").write_bytes(data)
    assert Image.open(io.BytesIO(small.make(facts(tmp_path / "a.png", of=data), 320))).size == (20, 10)


def test_any_place_that_still_holds_the_image_will_do(decoders: Decoders, tmp_path: Path) -> None:
    data = encoded(draw(1), "PNG")
    places = [tmp_path / name for name in ("gone.png", "changed.png", "kept.png")]
    places[1].write_bytes(encoded(draw(2), "PNG"))
    places[2].write_bytes(data)
    assert Thumbnails(Limits(), decoders).make(facts(*places, of=data), 160)
    with pytest.raises(NotFoundError, match="gone or hold something else"):
        Thumbnails(Limits(), decoders).make(facts(*places[:2], of=data), 160)


def test_the_oldest_make_room(decoders: Decoders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = []
    for seed in range(6):
        data = encoded(draw(seed), "PNG")
        (tmp_path / f"{seed}.png").write_bytes(data)
        known.append(facts(tmp_path / f"{seed}.png", of=data))
    sizes = [len(Thumbnails(Limits(), decoders).make(each, 160)) for each in known]
    monkeypatch.setattr(thumbnails, "_KEPT_BYTES", sum(sizes) - 1)
    small = Thumbnails(Limits(), decoders)
    for each in known[:5]:
        small.make(each, 160)
    first = small.kept(known[0], 160)  # is now the last that was looked at
    small.make(known[5], 160)
    assert [small.kept(each, 160) is not None for each in known] == [True, False, True, True, True, True]
    assert first == small.make(known[0], 160)
    assert small.kept(known[0], 320) is None
