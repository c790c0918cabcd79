"""The panels of a picture, and what is said of the picture that they are part of."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont, ImageOps

from lookalike import Hasher, sight
from lookalike.alterations.compositions import collage
from lookalike.sight import (
    Box,
    Evidence,
    Place,
    Sight,
    find_cells,
    find_panels,
    in_first,
    in_second,
    may_have_cells,
)
from scenes import scene

Boxes = Sequence[tuple[float, float, float, float]]

SIZE = 320, 240


def mounted(columns: int, rows: int, gap: int, colour: str = "white") -> tuple[Image.Image, Boxes]:
    """Pictures side by side, and where each of them lies, in pixels."""
    wide, tall = 160, 120
    sheet = Image.new("RGB", (columns * (wide + gap) + gap, rows * (tall + gap) + gap), colour)
    boxes = []
    for place in range(columns * rows):
        row, column = divmod(place, columns)
        corner = gap + column * (wide + gap), gap + row * (tall + gap)
        sheet.paste(scene(40 + place, wide, tall), corner)
        boxes.append((*corner, corner[0] + wide, corner[1] + tall))
    return sheet, boxes


def overlap(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """What two boxes share of what either covers."""
    wide = min(one[2], other[2]) - max(one[0], other[0])
    tall = min(one[3], other[3]) - max(one[1], other[1])
    shared = max(wide, 0) * max(tall, 0)
    return shared / (sum((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)) - shared)


def in_pixels(box: Box, image: Image.Image) -> tuple[float, ...]:
    return (
        box.left * image.width,
        box.top * image.height,
        box.right * image.width,
        box.bottom * image.height,
    )


@pytest.mark.parametrize("gap", [0, 6])
@pytest.mark.parametrize(("columns", "rows"), [(2, 1), (1, 2), (2, 2), (3, 2), (3, 3)])
def test_each_picture_of_a_collage_is_a_panel(columns: int, rows: int, gap: int) -> None:
    sheet, cells = mounted(columns, rows, gap)
    found = [in_pixels(box, sheet) for box in find_panels(sheet)]
    assert len(found) == len(cells)
    for cell in cells:
        assert max(overlap(cell, box) for box in found) > 0.9


def test_a_gap_may_have_any_colour() -> None:
    sheet, cells = mounted(2, 2, 8, "navy")
    assert len(find_panels(sheet)) == len(cells)


def test_one_large_picture_and_two_small_ones_are_three() -> None:
    sheet = Image.new("RGB", (480, 320))
    sheet.paste(scene(1, 320, 320), (0, 0))
    sheet.paste(scene(2, 160, 160), (320, 0))
    sheet.paste(scene(3, 160, 160), (320, 160))
    largest, *others = [in_pixels(box, sheet) for box in find_panels(sheet)]
    assert overlap(largest, (0, 0, 320, 320)) > 0.95
    assert sorted(round(box[1] / 10) for box in others) == [0, 16]


def test_of_many_the_largest_are_looked_at() -> None:
    sheet, cells = mounted(4, 3, 6)
    assert len(cells) > len(find_panels(sheet)) == len(find_cells(sheet)) == 9


@pytest.mark.parametrize("gap", [6, 8, 12])
def test_gaps_of_the_file_may_show_in_what_is_kept(gap: int) -> None:
    """In the small picture, a coarse JPEG, colours of narrow gaps run into the cells."""
    sheet, cells = mounted(3, 3, gap, "navy")
    kept = sight.decode_small(sight.encode_small(sight.reduced(sheet)))
    assert len(find_cells(sheet)) == len(cells)
    assert find_cells(kept) == []
    assert may_have_cells(kept)


def test_a_photo_has_no_cells_and_few_have_to_be_read_to_tell() -> None:
    photos = [scene(seed) for seed in range(40)]
    kept = [sight.decode_small(sight.encode_small(sight.reduced(photo))) for photo in photos]
    assert not any(map(find_cells, [*photos, *kept]))
    assert sum(map(may_have_cells, kept)) <= 8


def page() -> Image.Image:
    paper, font = Image.new("RGB", (600, 800), "white"), ImageFont.load_default(20)
    lines = [f"{line} parts of another kind at {line * 7}.50" for line in range(9)]
    for top in (60, 420):
        ImageDraw.Draw(paper).multiline_text((60, top), "\n".join(lines), fill="black", font=font, spacing=12)
    return paper


@pytest.mark.parametrize("corner", [(60, 50), (10, 90)])
def test_a_picture_laid_over_another_one_is_a_panel(corner: tuple[int, int]) -> None:
    ground = scene(1)
    ground.paste(scene(2, 160, 120), corner)
    (box,) = find_panels(ground)
    assert overlap(in_pixels(box, ground), (*corner, corner[0] + 160, corner[1] + 120)) > 0.95


def test_one_edge_of_it_may_end_in_like_tones() -> None:
    ground = Image.new("RGB", SIZE, "white")
    ground.paste(scene(1, 200, 240), (120, 0))
    over = scene(2, 160, 120)
    over.paste("white", (0, 0, 20, 60))  # the left edge, and a little of the upper one
    ground.paste(over, (100, 60))
    boxes = [in_pixels(box, ground) for box in find_panels(ground)]
    assert max(overlap(box, (100, 60, 260, 180)) for box in boxes) > 0.85


@pytest.mark.parametrize(
    "picture",
    [
        lambda: scene(7, *SIZE),
        lambda: ImageOps.expand(scene(7, *SIZE), 12, "white"),
        lambda: Image.new("RGB", SIZE, "teal"),
        lambda: Image.new("RGB", (1, 1)),
        lambda: Image.new("RGB", (2000, 1)),
        lambda: Image.fromarray(np.random.default_rng(0).integers(0, 256, (200, 300, 3), np.uint8)),
        page,
    ],
    ids=["drawn", "with a border", "plain", "a pixel", "a line", "noise", "text"],
)
def test_one_picture_has_no_panels(picture: Callable[[], Image.Image]) -> None:
    assert find_panels(picture()) == []


def test_a_picture_on_a_page_is_a_panel_and_the_text_is_none() -> None:
    paper = page()
    paper.paste(scene(7, *SIZE), (140, 160))
    (box,) = find_panels(paper)
    assert overlap(in_pixels(box, paper), (140, 160, 460, 400)) > 0.9


@pytest.mark.parametrize("gap", [0, 6])
@pytest.mark.parametrize(("columns", "rows"), [(2, 1), (2, 2), (3, 3)])
def test_a_collage_in_a_collection_has_the_same_panels(columns: int, rows: int, gap: int) -> None:
    sheet, cells = mounted(columns, rows, gap)
    found = find_cells(sheet)
    assert len(found) == len(cells)
    assert found == find_panels(sheet)


def on_paper() -> Image.Image:
    paper = Image.new("RGB", (700, 500), "white")
    paper.paste(scene(7), (200, 100))
    return paper


def on_another() -> Image.Image:
    ground = scene(1)
    ground.paste(scene(2, 160, 120), (60, 50))
    return ground


def two_small_ones() -> Image.Image:
    paper = Image.new("RGB", (600, 600), "white")
    for corner in ((20, 20), (400, 400)):
        paper.paste(scene(7, 160, 160), corner)
    return paper


@pytest.mark.parametrize("picture", [on_paper, on_another, two_small_ones, page, lambda: scene(7, *SIZE)])
def test_what_lines_do_not_part_for_the_most_part_is_no_collage(picture: Callable[[], Image.Image]) -> None:
    assert find_cells(picture()) == []


@pytest.mark.parametrize(
    ("box", "words"),
    [
        (Box(0.0, 0.0, 0.5, 0.5), "the upper left"),
        (Box(0.34, 0.67, 0.66, 1.0), "the lower middle"),
        (Box(0.34, 0.34, 0.66, 0.66), "the middle"),
        (Box(0.67, 0.34, 1.0, 0.66), "the middle right"),
        (Box(0.0, 0.5, 1.0, 1.0), "the lower part"),
        (Box(0.0, 0.0, 0.5, 1.0), "the left part"),
        (Box(0.1, 0.1, 0.9, 0.9), "the middle"),
    ],
)
def test_words_tell_where_a_panel_lies(box: Box, words: str) -> None:
    assert box.words == words


def test_a_part_of_a_picture_that_a_panel_shows_is_told_with_its_place(
    pieces: tuple[Image.Image, Image.Image, Image.Image, Box],
) -> None:
    picture, sheet, panel, box = pieces
    larger = Image.new("RGB", (640, 300), "white")
    larger.paste(picture, (0, 30))
    seen = sight.look(Sight(panel), Sight(larger))
    told = in_first(seen, Place(box, Sight(panel).grey.shape, Sight(sheet).grey.shape))
    assert told is not None
    percent = round(100 * told.first_shown), round(100 * told.second_shown)
    larger_words = f"set into a larger picture, {percent[1]} % of it"
    assert told.words[-1] == f"cropped to {percent[0]} %, the lower right, and {larger_words}"


def test_a_box_cuts_out_at_any_size() -> None:
    box = Box(0.5, 0.25, 1.0, 0.75)
    assert box.cut_out(Image.new("RGB", (200, 100))).size == (100, 50)
    assert box.cut_out(Image.new("RGB", (1, 1))).size == (1, 1)


@pytest.fixture(scope="module")
def pieces() -> tuple[Image.Image, Image.Image, Image.Image, Box]:
    """A picture, a collage that shows it turned by a quarter at the lower right, that panel, and its box."""
    picture = scene(5, *SIZE)
    turned = picture.transpose(Image.Transpose.ROTATE_270)
    sheet = collage(turned, [scene(seed, *turned.size) for seed in (11, 12, 13)], cell=3)
    (box,) = [box for box in find_panels(sheet) if min(box.left, box.top) > 0.4]
    return picture, sheet, box.cut_out(sheet), box


def check_corners(evidence: Evidence, first: Sight, corners: list[tuple[float, float]]) -> None:
    """The corners of the first picture come to lie where they should, but for two pixels."""
    assert evidence.matrix is not None
    tall, wide = first.grey.shape
    points = np.array(
        [(-0.5, -0.5, 1), (wide - 0.5, -0.5, 1), (wide - 0.5, tall - 0.5, 1), (-0.5, tall - 0.5, 1)]
    )
    moved = points @ evidence.matrix.T
    np.testing.assert_allclose(moved[:, :2] / moved[:, 2:], corners, atol=2)


def test_evidence_about_a_panel_is_told_of_the_whole(
    pieces: tuple[Image.Image, Image.Image, Image.Image, Box],
) -> None:
    picture, sheet, panel, box = pieces
    first, second, whole = Sight(picture), Sight(panel), Sight(sheet)
    seen = sight.look(first, second)
    place = Place(box, second.grey.shape, whole.grey.shape)
    told = in_second(seen, place)
    assert told is not None
    left, top, right, bottom = (
        edge * side - 0.5 for edge, side in zip(box, (*whole.grey.shape[::-1],) * 2, strict=True)
    )
    check_corners(told, first, [(right, top), (right, bottom), (left, bottom), (left, top)])
    assert (told.score, told.turned, told.first_shown) == (seen.score, seen.turned, seen.first_shown)
    assert told.second_shown == pytest.approx(0.22, abs=0.03)
    assert told.words == (
        "turned by 90°",
        f"set into a larger picture, {round(100 * told.second_shown)} % of it",
    )
    assert told.differs.shape == whole.grey.shape

    other_way = in_first(sight.look(second, first), place)
    assert other_way is not None
    assert told.matrix is not None
    back = np.linalg.inv(told.matrix)
    np.testing.assert_allclose(other_way.matrix, back / back[2, 2], atol=2)
    assert other_way.first_shown == pytest.approx(told.second_shown, abs=0.01)
    shown = f"shown in a part of it, {round(100 * other_way.first_shown)} %: the lower right"
    assert other_way.words[-1] == shown


def test_what_differs_in_a_panel_differs_there_in_the_whole() -> None:
    mask = np.zeros((100, 80), np.bool_)
    mask[:50] = True
    place = Place(Box(0.5, 0.5, 1.0, 1.0), (100, 80), (256, 200))
    words = ("changed over the upper third, 50 % of it", "seen so")
    told = in_second(
        Evidence(20.0, first_shown=1.0, second_shown=1.0, differs=mask, matrix=np.eye(3), words=words), place
    )
    assert told is not None
    expected = np.zeros((256, 200), np.bool_)
    expected[128:192, 100:] = True
    np.testing.assert_array_equal(told.differs, expected)
    assert told.words == (
        "set into a larger picture, 25 % of it",
        "changed over the lower two thirds, 12 % of it",
        *words,
    )


def test_nothing_is_told_of_what_could_not_be_laid_on() -> None:
    place = Place(Box(0, 0, 0.5, 0.5), (10, 10), (20, 20))
    assert in_first(Evidence(0.0), place) is in_second(Evidence(0.0), place) is None


@pytest.mark.parametrize(("drawn", "enough"), [(False, 0.35), (True, 0.6)])
def test_a_panel_that_shows_little_of_a_picture_is_no_copy_of_it(drawn: bool, enough: float) -> None:
    place = Place(Box(0, 0, 0.5, 0.5), (10, 10), (20, 20), drawn)
    for shown, told in ((enough - 0.01, False), (enough + 0.01, True)):
        of_first = Evidence(50.0, first_shown=shown, second_shown=1.0, matrix=np.eye(3))
        assert (in_second(of_first, place) is not None) == told
        assert in_first(of_first, place) is not None
        of_second = Evidence(50.0, first_shown=1.0, second_shown=shown, matrix=np.eye(3))
        assert (in_first(of_second, place) is not None) == told
        assert in_second(of_second, place) is not None


def test_drawings_are_told_from_photos() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (200, 300, 3), np.uint8)
    assert not Sight(Image.fromarray(noise)).drawn
    assert Sight(page()).drawn


def test_two_pages_that_share_a_photo_are_no_copies() -> None:
    pages = [Image.new("RGB", (600, 800), "white") for _ in range(2)]
    for number, paper in enumerate(pages):
        paper.paste(scene(7), (140, 60))
        paper.paste(scene(8 + number, 500, 400), (50, 350))
    assert [len(find_panels(paper)) for paper in pages] == [2, 2]
    assert not Hasher().compare(*pages).same
