"""Two pictures laid on each other on the page."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from hostile import photo
from pictures import draw
from visitor import Visitor, expect

pytestmark = pytest.mark.slow

Visit = Callable[..., Visitor]


def _original() -> Image.Image:
    return draw(31, 480, 360)


def _turned(picture: Image.Image) -> Image.Image:
    return picture.rotate(-90, expand=True)


def _cropped(picture: Image.Image) -> Image.Image:
    return picture.crop((90, 60, 400, 320))


def _mirrored_and_small(picture: Image.Image) -> Image.Image:
    return picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT).resize((200, 150))


@pytest.mark.parametrize("edit", [_turned, _cropped, _mirrored_and_small])
def test_the_first_picture_lies_where_the_second_shows_it_and_is_turned_by_hand(
    visit: Visit, tmp_path: Path, edit: Callable[[Image.Image], Image.Image]
) -> None:
    """Who asked for less motion turns the pictures."""
    visitor = _compared(visit, tmp_path, _original(), edit(_original()), reduced_motion="reduce")
    visitor.page.get_by_role("radio", name="Blink").check()
    expect(visitor.page.get_by_role("button", name="Go on")).to_be_visible()
    stage = visitor.page.locator(".stage")
    seen = {}
    for name in ("first", "second", "first"):
        expect(stage).to_have_attribute("data-shown", name)
        visitor.page.evaluate("document.querySelectorAll('.stage .tag').forEach((tag) => tag.remove())")
        if name not in seen:
            seen[name] = _pixels(stage.screenshot())
        visitor.page.get_by_role("button", name="Turn").click()
    shown = visitor.page.locator(".layer.second img").bounding_box()
    box = stage.bounding_box()
    assert shown is not None
    assert box is not None
    left, top = round(shown["x"] - box["x"]) + 4, round(shown["y"] - box["y"]) + 4
    right, bottom = left + round(shown["width"]) - 8, top + round(shown["height"]) - 8
    inside = slice(top, bottom), slice(left, right)
    first, second = (seen[name][inside] for name in ("first", "second"))
    assert np.abs(first - second).mean() < 0.35 * np.abs(first - first.mean(axis=(0, 1))).mean()
    assert np.corrcoef(first.ravel(), second.ravel())[0, 1] > 0.9


def test_the_difference_is_where_it_was_painted(visit: Visit, tmp_path: Path) -> None:
    changed = _turned(photo(480, 360)).point([20 + round(0.8 * level) for level in range(256)] * 3)
    ImageDraw.Draw(changed).rectangle((40, 300, 140, 400), fill="black")
    visitor = _compared(visit, tmp_path, photo(480, 360), changed)
    visitor.page.get_by_role("radio", name="Difference").check()
    canvas = visitor.page.locator(".stage canvas")
    expect(canvas).to_have_attribute("aria-label", re.compile(r"^\d+ % of what both show differs"))
    url: str = canvas.evaluate("(canvas) => canvas.toDataURL()")
    data = Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))).convert("RGB")
    pixels = np.asarray(data, float)
    hot = pixels[..., 0] - pixels[..., 2] > 60
    rows, columns = np.nonzero(hot)
    scale = data.width / changed.width
    inside = (rows / scale > 290) & (rows / scale < 410) & (columns / scale > 30) & (columns / scale < 150)
    assert inside.mean() > 0.9
    assert hot.mean() > 0.3 * (100 * 100) / (changed.width * changed.height)


def test_pictures_that_do_not_belong_together_have_no_difference(visit: Visit, tmp_path: Path) -> None:
    visitor = _compared(visit, tmp_path, _original(), draw(8, 300, 300))
    expect(visitor.page.get_by_role("radio", name="Difference")).to_be_disabled()
    visitor.page.get_by_role("radio", name="Blink").check()
    expect(visitor.page.get_by_role("button", name="Turn")).to_be_visible()


def test_a_picture_that_the_browser_cannot_show(visit: Visit, tmp_path: Path) -> None:
    visitor = _compared(visit, tmp_path, _original(), _turned(_original()), form="tiff")
    expect(visitor.page.get_by_role("heading", name="One is a copy of the other")).to_be_visible()
    expect(visitor.page.get_by_role("radio", name="Difference")).to_be_disabled()
    shown, box = (visitor.page.locator(name).bounding_box() for name in (".layer.first img", ".stage"))
    assert shown is not None
    assert box is not None
    for name, value in shown.items():
        assert value == pytest.approx(box[name], abs=1)  # type: ignore[literal-required]


def test_blinking_can_be_stopped(visit: Visit, tmp_path: Path) -> None:
    visitor = _compared(visit, tmp_path, _original(), _turned(_original()))
    visitor.page.get_by_role("radio", name="Blink").check()
    stage = visitor.page.locator(".stage")
    expect(stage).to_have_attribute("data-shown", "second")
    expect(stage).to_have_attribute("data-shown", "first")
    visitor.page.get_by_role("button", name="Stop").click()
    expect(visitor.page.get_by_role("button", name="Go on")).to_be_visible()


def _compared(
    visit: Visit, folder: Path, first: Image.Image, second: Image.Image, form: str = "png", **options: str
) -> Visitor:
    """The compare view with two pictures, once the answer is there."""
    visitor = visit(path="#compare", **options)
    for side, picture, name in (("a", first, "a.png"), ("b", second, f"b.{form}")):
        picture.save(folder / name)
        chooser = visitor.page.locator(f"[data-slot={side}] [data-part=choose]")
        chooser.set_input_files(folder / name)
    expect(visitor.page.locator(".bits rect")).to_have_count(256)
    return visitor


def _pixels(png: bytes) -> NDArray[np.float64]:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"), np.float64)
