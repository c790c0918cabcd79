"""Files of several frames or pages: which are, and what each frame shows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lookalike.errors import ImageTooLarge, UnreadableImage
from lookalike.images import Limits, decode
from lookalike.images.decoders import Decoders
from lookalike.images.sequences import MOST_FRAMES, every_frame, has_several_frames

LIMITS = Limits()
COLOURS = [(200, 30, 30), (30, 200, 30), (30, 30, 200)]


def written(path: Path, count: int) -> Path:
    """A file of plain frames of different colours."""
    plain = [Image.new("RGB", (40, 30), COLOURS[place % 3]) for place in range(count)]
    options = {} if path.suffix == ".tiff" else {"duration": 50}
    more = {"save_all": True, "append_images": plain[1:], **options} if count > 1 else {}
    plain[0].save(path, **more, **({"lossless": True} if path.suffix == ".webp" else {}))
    return path


@pytest.mark.parametrize("suffix", [".gif", ".png", ".webp", ".tiff"])
class TestFormats:
    def test_several_frames_are_told_and_each_comes_in_its_order(self, suffix: str, tmp_path: Path) -> None:
        path = written(tmp_path / f"three{suffix}", 3)
        assert has_several_frames(path, LIMITS)
        middles = [np.asarray(frame)[15, 20].astype(int) for frame in every_frame(path.read_bytes(), LIMITS)]
        assert np.abs(np.array(middles) - COLOURS).max() <= 4
        assert decode(path.read_bytes()).several
        with Decoders(1) as decoders:
            assert decoders.decode(path.read_bytes(), limits=LIMITS).several

    def test_one_frame_is_what_decode_gives(self, suffix: str, tmp_path: Path) -> None:
        path = written(tmp_path / f"one{suffix}", 1)
        assert not has_several_frames(path, LIMITS)
        (frame,) = every_frame(path.read_bytes(), LIMITS)
        assert frame == decode(path.read_bytes()).image
        assert not decode(path.read_bytes()).several


def test_pages_of_sixteen_bits_are_as_bright_as_a_single_one(tmp_path: Path) -> None:
    ramp = np.linspace(0, 65535, 60 * 40).reshape(40, 60).astype(np.uint16)
    pages = [Image.fromarray(ramp), Image.fromarray(ramp[::-1].copy())]
    pages[0].save(tmp_path / "pages.tiff", save_all=True, append_images=pages[1:])
    pages[1].save(tmp_path / "single.tiff")
    first, second = every_frame((tmp_path / "pages.tiff").read_bytes(), LIMITS)
    assert second == decode((tmp_path / "single.tiff").read_bytes()).image
    assert first != second


def test_what_is_no_picture_or_a_photo_has_no_further_frames(tmp_path: Path) -> None:
    (tmp_path / "text").write_bytes(b"no picture")
    Image.new("RGB", (8, 8)).save(tmp_path / "photo.jpg")
    assert not has_several_frames(tmp_path / "text", LIMITS)
    assert not has_several_frames(tmp_path / "photo.jpg", LIMITS)
    assert not has_several_frames(tmp_path / "gone.gif", LIMITS)


def test_too_many_frames_are_refused(tmp_path: Path) -> None:
    data = written(tmp_path / "long.gif", MOST_FRAMES + 1).read_bytes()
    with pytest.raises(ImageTooLarge, match="more than 120 frames or pages"):
        list(every_frame(data, LIMITS))
    allowed = written(tmp_path / "allowed.gif", MOST_FRAMES).read_bytes()
    assert sum(1 for _ in every_frame(allowed, LIMITS)) == MOST_FRAMES


def test_a_page_above_the_limit_of_pixels_is_refused(tmp_path: Path) -> None:
    pages = [Image.new("RGB", (10, 10)), Image.new("RGB", (300, 300))]
    pages[0].save(tmp_path / "pages.tiff", save_all=True, append_images=pages[1:])
    with pytest.raises(ImageTooLarge, match="300 x 300"):
        list(every_frame((tmp_path / "pages.tiff").read_bytes(), Limits(pixels=10_000)))


def test_a_damaged_frame_is_refused(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (3, 60, 60, 3), np.uint8)
    frames = [Image.fromarray(frame) for frame in noise]
    frames[0].save(tmp_path / "three.webp", save_all=True, append_images=frames[1:], lossless=True)
    data = bytearray((tmp_path / "three.webp").read_bytes())
    last = data.rindex(b"VP8L") + 9
    data[last : last + 3000] = bytes(3000)
    with pytest.raises(UnreadableImage, match="frame 3"):
        list(every_frame(bytes(data), LIMITS))
