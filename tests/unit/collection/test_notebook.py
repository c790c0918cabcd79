"""Matches and answers as a notebook shows them."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lookalike import Answer, Match
from pictures import draw

_DATA = re.compile(r'<img src="data:image/webp;base64,([^"]+)"')


def match(*paths: Path, rank: int = 1) -> Match:
    return Match(rank, 7, 0.9876, 0.0124, paths, 0.99, "copy", 3e-9, 2.7e-5)


def pictures_in(html: str) -> list[Image.Image]:
    return [Image.open(io.BytesIO(base64.b64decode(data))) for data in _DATA.findall(html)]


@pytest.mark.parametrize(("width", "height", "size"), [(640, 480, (160, 120)), (90, 300, (48, 160))])
def test_a_match_shows_its_picture_small(
    width: int, height: int, size: tuple[int, int], tmp_path: Path
) -> None:
    picture = draw(3, width, height)
    picture.save(tmp_path / "a.png")
    html = match(tmp_path / "a.png")._repr_html_()
    (found,) = pictures_in(html)
    assert found.size == size
    wanted = picture.resize(size, Image.Resampling.LANCZOS)
    assert np.abs(np.asarray(found.convert("RGB"), float) - np.asarray(wanted, float)).mean() < 8
    assert "1. copy<br>similarity 0.988, p 3e-09<br>" in html


def test_a_file_that_is_gone_or_none_breaks_nothing(tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("no picture")
    for path in (tmp_path / "gone.png", tmp_path / "text.png", tmp_path):
        html = match(path)._repr_html_()
        assert pictures_in(html) == []
        assert "<i>no picture</i>" in html
        assert path.name in html


def test_the_first_file_that_is_there_is_shown(tmp_path: Path) -> None:
    draw(1, 50, 40).save(tmp_path / "there.png")
    (found,) = pictures_in(match(tmp_path / "gone.png", tmp_path / "there.png")._repr_html_())
    assert found.size == (50, 40)


def test_names_are_text_and_never_markup(tmp_path: Path) -> None:
    name = '"><script>alert(1)<'
    html = match(tmp_path / name)._repr_html_()
    draw(1).save(tmp_path / "b.png")
    (tmp_path / "b.png").rename(tmp_path / name)
    for each in (html, match(tmp_path / name)._repr_html_()):
        assert "<script" not in each
        assert "&quot;&gt;&lt;script&gt;alert(1)&lt;" in each


def test_an_answer_shows_its_matches_in_order(tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.png" for number in range(3)]
    for number, path in enumerate(paths, start=1):
        draw(number, 20 * number, 20).save(path)
    found = [match(path, rank=rank) for rank, path in enumerate(paths, start=1)]
    html = Answer(found, 1234, 1e-6, 0.001, "")._repr_html_()
    assert html.startswith("<div><p>3 matches among 1,234 images</p>")
    assert [picture.width for picture in pictures_in(html)] == [20, 40, 60]
    many = Answer([match(tmp_path / "gone.png", rank=rank) for rank in range(1, 61)], 60, 1e-6, 0.0, "")
    assert many._repr_html_().count("<i>no picture</i>") == 50
    assert many._repr_html_().endswith("<p>and 10 more</p></div>")
