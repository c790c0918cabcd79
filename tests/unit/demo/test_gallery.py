from __future__ import annotations

import hashlib
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lookalike.demo.gallery import draw_gallery, draw_picture
from lookalike.demo.repertoire import MOTIFS
from lookalike.errors import UsageError


def fingerprint(image: Image.Image) -> str:
    return hashlib.sha256(repr(image.size).encode() + image.tobytes()).hexdigest()


@cache
def drawn(number: int) -> tuple[Image.Image, str]:
    """A picture of the usual seed and its name, drawn once for all tests; no test may change it."""
    return draw_picture(number, seed=7)


def test_sixty_pictures_are_sixty_different_pictures() -> None:
    pictures = [drawn(number) for number in range(60)]
    assert len({fingerprint(picture) for picture, _ in pictures}) == 60
    assert len({name for _, name in pictures}) == 60
    assert len({picture.size for picture, _ in pictures}) == 6
    for picture, name in pictures:
        assert picture.mode == "RGB"
        assert 400 <= min(picture.size) <= max(picture.size) <= 720, name
        assert np.asarray(picture).std() > 4, f"{name} is blank"


def test_the_same_seed_draws_the_same_and_another_seed_others() -> None:
    for number in (0, 5, 10, 23, 41, 82):
        first, name = drawn(number)
        again, same_name = draw_picture(number, seed=7)
        other, _ = draw_picture(number, seed=8)
        assert fingerprint(first) == fingerprint(again)
        assert name == same_name
        assert fingerprint(first) != fingerprint(other)


def test_a_motif_comes_back_in_other_colours() -> None:
    names = [drawn(len(MOTIFS) * edition + 1)[1] for edition in range(8)]
    assert len({name.rsplit("-", 1)[1] for name in names}) == 8
    assert names[0].startswith("patterns/tiles-01-")
    assert names[7].startswith("patterns/tiles-08-")


def test_a_motif_that_comes_back_in_the_same_colours_is_drawn_anew() -> None:
    for turn, motif in enumerate(MOTIFS):
        first, name = drawn(turn)
        later, later_name = drawn(turn + len(MOTIFS) * len(motif.tones))
        assert name.partition("-01-")[2] == later_name.partition(f"-{len(motif.tones) + 1:02d}-")[2] != ""
        assert fingerprint(first) != fingerprint(later)


def test_a_gallery_lies_in_folders_by_family(tmp_path: Path) -> None:
    paths = draw_gallery(tmp_path / "new", 9)
    assert sorted(paths) == sorted(path for path in (tmp_path / "new").rglob("*") if path.is_file())
    for number, path in enumerate(paths):
        picture, name = drawn(number)
        assert path.relative_to(tmp_path / "new").with_suffix("") == Path(name)
        with Image.open(path) as stored:
            assert stored.format == {".jpg": "JPEG", ".png": "PNG", ".webp": "WEBP"}[path.suffix]
            assert stored.size == picture.size
            error = np.abs(
                np.asarray(stored.convert("RGB"), dtype=int) - np.asarray(picture, dtype=int)
            ).mean()
        assert error == 0 if path.suffix == ".png" else error < 8
    assert {path.suffix for path in paths} == {".jpg", ".png", ".webp"}


def test_a_smaller_gallery_is_the_beginning_of_a_larger_one(tmp_path: Path) -> None:
    small = draw_gallery(tmp_path / "small", 3)
    large = draw_gallery(tmp_path / "large", 5)
    for one, other in zip(small, large, strict=False):
        assert one.name == other.name
        assert one.read_bytes() == other.read_bytes()


def test_every_motif_is_in_the_repertoire_once() -> None:
    names = [(motif.folder, motif.name) for motif in MOTIFS]
    assert len(set(names)) == len(names) == 10


def test_pictures_of_one_motif_in_the_same_colours_are_visibly_different() -> None:
    """Five of each, small, grey and of equal mean and contrast: no two correlate as copies of one do.

    They are drawn at half their size, at which their correlations are the same to 0.02.
    """
    for turn, motif in enumerate(MOTIFS):
        smaller = replace(motif, sizes=tuple((width // 2, height // 2) for width, height in motif.sizes))
        sheets = []
        for edition in range(5):
            picture = smaller.picture(0, np.random.default_rng([7, turn, edition]))
            small = np.asarray(picture.convert("L").resize((24, 24)), dtype=np.float64)
            sheets.append(small.ravel())
        closeness = np.corrcoef(sheets) - np.eye(5)
        assert closeness.max() < 0.97, f"{motif.name}: {closeness.max():.3f}"


@pytest.mark.parametrize("count", [0, -1])
def test_a_gallery_without_a_picture_is_refused(tmp_path: Path, count: int) -> None:
    with pytest.raises(UsageError):
        draw_gallery(tmp_path, count)


def test_a_picture_of_no_gallery_is_refused() -> None:
    for number, seed in ((-1, 7), (0, -1)):
        with pytest.raises(UsageError):
            draw_picture(number, seed)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UsageError, match="file"):
        draw_gallery(tmp_path / "file", 1)
