"""The map's page in a real browser, used as a person would use it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from lookalike.labs.view.mapping import PictureMap, make_map
from lookalike.labs.view.page import render_page
from lookalike.labs.view.points import Points
from lookalike.labs.view.thumbnails import make_sheets
from lookalike.settings import Settings
from visitor import expect

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.slow

# Waited for by the page itself, since its policy forbids the way in which Playwright waits for an expression.
_UNTIL = """new Promise((done, fail) => {
  const look = () => (%s ? done() : requestAnimationFrame(look));
  setTimeout(() => fail(Error("this never came true")), 60_000);
  look();
})"""
_DRAWN = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


class Atlas:
    """The page, open in a tab of its own; nothing on it moves by itself."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.asked: list[str] = []
        self.complaints: list[str] = []
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda said: self.complaints.append(said.text))
        page.on("dialog", lambda dialog: self.complaints.append(dialog.message))

    def open(self, file: Path) -> None:
        """Load the page and wait until its script has started and drawn."""
        self.page.goto(file.as_uri())
        self.until("typeof scatter !== 'undefined' && scatter.order")
        self.drawn()

    def drawn(self) -> None:
        """Wait until what was changed is on the screen."""
        self.page.evaluate(_DRAWN)

    def until(self, expression: str) -> None:
        """Wait until an expression is true in the page."""
        self.page.evaluate(_UNTIL % expression)

    def value(self, expression: str) -> Any:
        """What an expression comes to in the page, as JSON can hold it."""
        return self.page.evaluate(expression)

    def place(self, point: int) -> tuple[float, float]:
        """Where a point lies in the window."""
        x, y = self.value(
            "(() => { const box = scatter.canvas.getBoundingClientRect();"
            f"return [box.left + scatter.x({point}), box.top + scatter.y({point})]; }})()"
        )
        return x, y

    def click(self, selector: str) -> None:
        """Press the left button on the first element that matches."""
        self.page.locator(selector).first.click()
        self.drawn()

    def choose(self, point: int) -> None:
        """Press the left button on a point."""
        self.page.mouse.click(*self.place(point))
        self.drawn()

    def key(self, name: str) -> None:
        """Press a key."""
        self.page.keyboard.press(name)
        self.drawn()

    @property
    def states(self) -> list[int]:
        """How each point is drawn: 1 in the background, 2 lit."""
        found: list[int] = self.value("[...scatter.states]")
        return found


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> PictureMap:
    """Pictures of three classes, with embeddings in three clusters."""
    folder, random = tmp_path_factory.mktemp("pictures"), np.random.default_rng(3)
    paths, rows = [], []
    for name in ("ant", "bee", "<img onerror=alert(1) src=x>"):
        (folder / name).mkdir()
        middle = random.standard_normal(24)
        for number in range(20):
            paths.append(folder / name / f"{number:02d}.png")
            Image.new("RGB", (40, 40), (10 * number, 90, 60)).save(paths[-1])
            rows.append(middle + 0.5 * random.standard_normal(24))
    vectors = np.array(rows) / np.linalg.norm(rows, axis=1, keepdims=True)
    return make_map(Points("pictures", 60, "a model", paths, vectors.astype(np.float32)), limit=60, seed=0)


@pytest.fixture(scope="module")
def file(made: PictureMap, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "map.html"
    sheets = make_sheets(made.points.paths, Settings(threads=1))
    path.write_text(render_page(made, sheets), encoding="utf-8", newline="\n")
    return path


@pytest.fixture
def show(chromium: Browser, file: Path) -> Iterator[Callable[..., Atlas]]:
    """Open the page in a window of some size and theme."""
    contexts = []

    def shown(width: int = 1280, height: int = 800, *, dark: bool = False) -> Atlas:
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
        )
        contexts.append(context)
        atlas = Atlas(context.new_page())
        atlas.open(file)
        return atlas

    yield shown
    for context in contexts:
        context.close()


@pytest.fixture
def atlas(show: Callable[..., Atlas]) -> Atlas:
    """The page, just loaded in a wide window."""
    return show()


def test_it_starts_without_a_complaint_and_asks_for_nothing(atlas: Atlas, file: Path) -> None:
    atlas.page.wait_for_timeout(200)
    assert atlas.complaints == []
    assert atlas.asked == [file.as_uri()]
    assert atlas.value("document.images.length") == 1  # a hostile class name made no other


def test_points_have_the_colour_of_their_class(atlas: Atlas, made: PictureMap) -> None:
    atlas.value("scatter.named = scatter.named.map(() => false); scatter.paintNow()")  # names lie above
    places = made.projection.places["tsne_direct"]
    apart = np.linalg.norm(places[:, None] - places, axis=2) + 1e9 * np.eye(60)
    colours = set()
    for label in range(3):
        members = np.flatnonzero(made.points.labels == label)
        point = members[apart[members].min(axis=1).argmax()]  # no other covers it
        pixel = atlas.value(
            f"[...scatter.pen.getImageData(Math.round(scatter.x({point})), "
            f"Math.round(scatter.y({point})), 1, 1).data]"
        )
        wanted = atlas.value(f"channels(theme().classes[slots.of.get({label})])")
        np.testing.assert_allclose(pixel, [*wanted, 255], atol=2)
        colours.add(tuple(wanted))
    assert len(colours) == 3


def test_a_click_shows_the_nearest_pictures(atlas: Atlas, made: PictureMap) -> None:
    atlas.choose(7)
    assert atlas.value("scatter.chosen") == 7
    shown = atlas.value(
        "[...document.querySelectorAll('.near button')].map((button) => button.getAttribute('aria-label'))"
    )
    expected = [
        f"{made.points.paths[other].parent.name}/{made.points.paths[other].name}, similarity {similarity:.2f}"
        for other, similarity in zip(made.neighbours[7], made.similarities[7].astype(float), strict=True)
    ]
    assert shown == expected
    expect(atlas.page.locator("#said")).to_contain_text("ant/07.png chosen; nearest to it is ")
    assert atlas.value("scatter.near") == made.neighbours[7].tolist()
    atlas.click(".near button")
    assert atlas.value("scatter.chosen") == made.neighbours[7][0]
    expect(atlas.page.locator("#chosen")).to_be_focused()


def test_a_hovered_point_shows_its_picture(atlas: Atlas) -> None:
    x, y = atlas.place(7)
    tip = atlas.page.locator("#tip")
    atlas.page.mouse.move(x, y)
    expect(tip).to_be_visible()
    expect(tip).to_have_text("ant07.png")
    atlas.drawn()
    pixel = atlas.value(
        "[...document.querySelector('#tip canvas').getContext('2d').getImageData(9, 9, 1, 1).data]"
    )
    np.testing.assert_allclose(pixel, [70, 90, 60, 255], atol=6)
    atlas.page.mouse.move(x, 790)
    expect(tip).to_be_hidden()


def test_the_other_layouts(atlas: Atlas, made: PictureMap) -> None:
    for method in ("pca", "tsne", "tsne_direct"):
        atlas.click(f"label:has(input[value={method}])")
        assert atlas.value("[...scatter.places]") == pytest.approx(
            atlas.value(f"atlas.maps.{method}"), abs=1e-6
        )
    assert atlas.value("element('caption').textContent").startswith("t-SNE of the whole embedding: ")


def test_the_wheel_zooms_where_the_pointer_is(atlas: Atlas) -> None:
    x, y = map(round, atlas.place(30))
    atlas.page.mouse.move(x, y)
    below = f"""(() => {{ const {{ camera, canvas }} = scatter; const box = canvas.getBoundingClientRect();
        return [camera.x + ({x} - box.left - camera.width / 2) / camera.scale,
                camera.y - ({y} - box.top - camera.height / 2) / camera.scale]; }})()"""
    before = atlas.value(below)
    for _ in range(4):
        atlas.page.mouse.wheel(0, -100)
    atlas.until("scatter.camera.zoom > 3.7")  # a wheel's events come later
    assert atlas.value("scatter.camera.zoom") == pytest.approx(np.exp(4 * 100 / 300))
    atlas.drawn()
    unit = 1 / atlas.value("scatter.camera.scale")
    assert atlas.value(below) == pytest.approx(before, abs=unit)  # a pixel
    assert atlas.value("scatter.pictureSide") > 0  # so close that pictures are drawn
    atlas.click("#whole")
    assert atlas.value("scatter.camera.zoom") == 1


def test_dragging_moves_the_map_and_chooses_nothing(atlas: Atlas) -> None:
    x, y = atlas.place(30)
    atlas.page.mouse.move(x, y)
    atlas.page.mouse.down()
    atlas.page.mouse.move(x + 50, y - 50, steps=2)
    atlas.page.mouse.up()
    atlas.drawn()
    assert atlas.place(30) == pytest.approx((x + 50, y - 50), abs=0.5)
    assert atlas.value("scatter.chosen") is None


def test_all_goes_by_keys_too(atlas: Atlas) -> None:
    atlas.value("scatter.canvas.focus()")
    atlas.key("+")
    atlas.key("+")
    assert atlas.value("scatter.camera.zoom") == pytest.approx(2.25)
    atlas.key("-")
    atlas.key("ArrowRight")
    atlas.key("ArrowUp")
    moved = [60 / atlas.value("scatter.camera.scale")] * 2
    assert atlas.value("[scatter.camera.x, scatter.camera.y]") == pytest.approx(moved)
    atlas.key("Enter")
    away = atlas.value(
        "atlas.labels.map((_, point) => Math.hypot(scatter.x(point) - scatter.camera.width / 2, "
        "scatter.y(point) - scatter.camera.height / 2))"
    )
    assert atlas.value("scatter.chosen") == int(np.argmin(away))
    atlas.key("Escape")
    assert atlas.value("scatter.chosen") is None
    atlas.key("0")
    assert atlas.value("[scatter.camera.x, scatter.camera.y, scatter.camera.zoom]") == [0, 0, 1]


def test_a_search_lights_what_it_finds(atlas: Atlas) -> None:
    atlas.value("element('query').focus()")
    for letter in "BEE":
        atlas.key(letter)
    found = atlas.page.locator("#found")
    expect(found).to_have_text("20 pictures")
    assert atlas.states == [1] * 20 + [2] * 20 + [1] * 20
    atlas.key("Enter")
    inside = atlas.value("atlas.matching('bee').every((point) => scatter.isInView(point))")
    assert inside
    assert atlas.value("scatter.camera.zoom") > 1
    atlas.value("element('query').value = 'bee/04'; search()")
    assert atlas.states.index(2) == 24
    atlas.click("#results button")
    assert atlas.value("scatter.chosen") == 24
    atlas.value("element('query').value = '<'; search()")
    expect(found).to_have_text("20 pictures")


def test_classes_are_hidden_and_shown(atlas: Atlas) -> None:
    atlas.click("#none")
    assert set(atlas.states) == {1}
    atlas.click("#classes li:nth-child(3) input")  # the hostile name is the first
    assert atlas.states == [1] * 20 + [2] * 20 + [1] * 20
    atlas.click("#all")
    assert set(atlas.states) == {2}


def test_buckets_are_an_overlay(atlas: Atlas, made: PictureMap) -> None:
    assert atlas.value("element('hashing').hidden") is True
    atlas.click("label:has(input[value=buckets])")
    for bits in (1, 4, 8):
        atlas.value(f"element('bits').value = {bits}; element('bits').dispatchEvent(new Event('input'))")
        assert atlas.value("[...scatter.styles]") == (made.keys >> (8 - bits)).tolist()
        assert (
            atlas.value("new Set(scatter.palette.map((look) => look.colour + look.triangle)).size") == 2**bits
        )
        told = atlas.value("element('crowding').textContent")
        row = made.crowding[bits - 1]
        assert told.startswith(
            f"{row.buckets} of {2**bits} buckets hold pictures, the fullest {row.largest}. "
        )
        assert told.endswith(f"{int(100 * row.together + 0.5)} % share its bucket.")
    atlas.value("element('bits').value = 2; choose(11)")
    mates = (made.keys >> 6) == (made.keys[11] >> 6)
    assert atlas.states == np.where(mates, 2, 1).tolist()
    assert f"holds {mates.sum() - 1} other picture" in atlas.value("element('picture').textContent")


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("size", [(1280, 800), (320, 640)])
def test_it_fits_the_window_and_the_theme(
    show: Callable[..., Atlas], size: tuple[int, int], dark: bool
) -> None:
    atlas = show(*size, dark=dark)
    atlas.choose(7) if size[0] > 1000 else atlas.value("choose(7)")
    atlas.drawn()
    assert atlas.value("scatter.chosen") == 7
    assert atlas.value("document.documentElement.scrollWidth") <= size[0]
    ground = atlas.value("channels(theme().ground)")
    assert (sum(ground) < 100) is dark
