"""The map's page in a real browser: Chromium, driven through its debugging pipe as a person would use it."""

from __future__ import annotations

import json
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from lookalike.labs.view.mapping import PictureMap, make_map
from lookalike.labs.view.page import render_page
from lookalike.labs.view.points import Points
from lookalike.labs.view.thumbnails import make_sheets
from lookalike.settings import Settings

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --disable-dev-shm-usage --no-first-run "
    "--disable-sync --disable-background-networking --disable-component-update --remote-debugging-pipe"
)
# The browser reads from descriptor 3 and writes to 4; first both are moved out of the way of these.
START = """
import fcntl, os, sys
ends = [fcntl.fcntl(int(end), fcntl.F_DUPFD, 10) for end in sys.argv[1:3]]
for end, wanted in zip(ends, (3, 4)):
    os.dup2(end, wanted)
os.execv(sys.argv[3], sys.argv[3:])
"""
HANG_GUARD = 60

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine"),
]


class Browser:
    """One tab, spoken to in the DevTools protocol: JSON messages, each ended by a zero byte."""

    def __init__(self, profile: Path) -> None:
        commands, self._to = os.pipe()
        self._from, answers = os.pipe()
        browser = [str(CHROMIUM), *FLAGS.split(), f"--user-data-dir={profile}", "about:blank"]
        self._process = subprocess.Popen(
            [sys.executable, "-c", START, str(commands), str(answers), *browser],
            pass_fds=(commands, answers),
            stderr=subprocess.DEVNULL,
        )
        os.close(commands)
        os.close(answers)
        self._received, self._sent = b"", 0
        self._session: str | None = None
        self.events: list[dict[str, Any]] = []
        try:
            self._attach()
        except BaseException:
            self._process.kill()
            self._process.wait()
            raise

    def _attach(self) -> None:
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Give a command and wait for its answer; events that come meanwhile are kept."""
        self._sent += 1
        message: dict[str, Any] = {"id": self._sent, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        while True:
            while b"\0" not in self._received:
                assert select.select([self._from], [], [], HANG_GUARD)[0], f"no answer to {method}"
                part = os.read(self._from, 1 << 20)
                assert part, "the browser is gone"
                self._received += part
            first, _, self._received = self._received.partition(b"\0")
            answer = json.loads(first)
            if answer.get("id") == self._sent:
                assert "error" not in answer, answer
                result: dict[str, Any] = answer["result"]
                return result
            self.events.append(answer)

    def window(self, width: int, height: int, *, dark: bool = False) -> None:
        """Set the size of the window, and the theme; nothing moves by itself."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )
        features = {"prefers-color-scheme": "dark" if dark else "light", "prefers-reduced-motion": "reduce"}
        self.call(
            "Emulation.setEmulatedMedia",
            features=[{"name": name, "value": value} for name, value in features.items()],
        )

    def value(self, expression: str) -> Any:
        """What an expression comes to in the page, as JSON can hold it."""
        answer = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def open(self, path: Path) -> None:
        """Load a page anew and wait until its script has started and drawn."""
        self.events.clear()
        self.call("Page.navigate", url=path.as_uri())
        deadline = time.monotonic() + HANG_GUARD
        while not self.value("typeof scatter !== 'undefined' && Boolean(scatter.order)"):
            assert time.monotonic() < deadline, "the page does not start"
            time.sleep(0.05)
        self.drawn()

    def drawn(self) -> None:
        """Wait until what was changed is on the screen."""
        self.value("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def click(self, place: list[float]) -> None:
        """Press the left button at a place in the window."""
        for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
            button = {} if kind == "mouseMoved" else {"button": "left", "clickCount": 1}
            self.call("Input.dispatchMouseEvent", type=kind, x=place[0], y=place[1], **button)
        self.drawn()

    def click_on(self, selector: str) -> None:
        """Press the left button on an element."""
        place = self.value(
            f"(() => {{ const found = document.querySelector({json.dumps(selector)});"
            "found.scrollIntoView({ block: 'center' }); const box = found.getBoundingClientRect();"
            "return [box.left + box.width / 2, box.top + box.height / 2]; })()"
        )
        self.click(place)

    def key(self, name: str) -> None:
        """Press a key; one that writes something has it as its name."""
        text = {"text": name} if len(name) == 1 else {"Enter": {"text": "\r"}}.get(name, {})
        self.call("Input.dispatchKeyEvent", type="keyDown", key=name, **text)
        self.call("Input.dispatchKeyEvent", type="keyUp", key=name)
        self.drawn()

    def close(self) -> None:
        """End the process."""
        self._session = None
        self.call("Browser.close")
        self._process.wait(HANG_GUARD)
        os.close(self._to)
        os.close(self._from)


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


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    browser = Browser(tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()


@pytest.fixture
def browser(opened: Browser, file: Path) -> Browser:
    """The page, just loaded."""
    opened.window(1280, 800)
    opened.open(file)
    return opened


def place_of(browser: Browser, point: int) -> list[float]:
    """Where a point lies in the window."""
    place: list[float] = browser.value(
        "(() => { const box = scatter.canvas.getBoundingClientRect();"
        f"return [box.left + scatter.x({point}), box.top + scatter.y({point})]; }})()"
    )
    return place


def states(browser: Browser) -> list[int]:
    found: list[int] = browser.value("[...scatter.states]")
    return found


def test_it_starts_without_a_complaint_and_asks_for_nothing(browser: Browser, file: Path) -> None:
    browser.value("new Promise((done) => setTimeout(done, 200))")
    methods = [event["method"] for event in browser.events]
    assert "Log.entryAdded" not in methods
    assert "Runtime.exceptionThrown" not in methods
    assert "Page.javascriptDialogOpening" not in methods
    asked = [
        event["params"]["request"]["url"]
        for event in browser.events
        if event["method"] == "Network.requestWillBeSent"
    ]
    assert {url.partition(",")[0] for url in asked} <= {file.as_uri(), "data:image/jpeg;base64"}
    assert browser.value("document.images.length") == 1  # a hostile class name made no other


def test_points_have_the_colour_of_their_class(browser: Browser, made: PictureMap) -> None:
    browser.value("scatter.named = scatter.named.map(() => false); scatter.paintNow()")  # names lie above
    places = made.projection.places["tsne_direct"]
    apart = np.linalg.norm(places[:, None] - places, axis=2) + 1e9 * np.eye(60)
    colours = set()
    for label in range(3):
        members = np.flatnonzero(made.points.labels == label)
        point = members[apart[members].min(axis=1).argmax()]  # no other covers it
        pixel = browser.value(
            f"[...scatter.pen.getImageData(Math.round(scatter.x({point})), "
            f"Math.round(scatter.y({point})), 1, 1).data]"
        )
        wanted = browser.value(f"channels(theme().classes[slots.of.get({label})])")
        np.testing.assert_allclose(pixel, [*wanted, 255], atol=2)
        colours.add(tuple(wanted))
    assert len(colours) == 3


def test_a_click_shows_the_nearest_pictures(browser: Browser, made: PictureMap) -> None:
    browser.click(place_of(browser, 7))
    assert browser.value("scatter.chosen") == 7
    shown = browser.value(
        "[...document.querySelectorAll('.near button')].map((button) => button.getAttribute('aria-label'))"
    )
    expected = [
        f"{made.points.paths[other].parent.name}/{made.points.paths[other].name}, similarity {similarity:.2f}"
        for other, similarity in zip(made.neighbours[7], made.similarities[7].astype(float), strict=True)
    ]
    assert shown == expected
    assert browser.value("element('said').textContent").startswith("ant/07.png chosen; nearest to it is ")
    assert browser.value("scatter.near") == made.neighbours[7].tolist()
    browser.click_on(".near button")
    assert browser.value("scatter.chosen") == made.neighbours[7][0]
    assert browser.value("document.activeElement.id") == "chosen"


def test_a_hovered_point_shows_its_picture(browser: Browser) -> None:
    x, y = place_of(browser, 7)
    browser.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
    browser.drawn()
    assert browser.value("element('tip').hidden") is False
    assert browser.value("element('tip').textContent") == "ant07.png"
    pixel = browser.value(
        "[...document.querySelector('#tip canvas').getContext('2d').getImageData(9, 9, 1, 1).data]"
    )
    np.testing.assert_allclose(pixel, [70, 90, 60, 255], atol=6)
    browser.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=790)
    assert browser.value("element('tip').hidden") is True


def test_the_other_layouts(browser: Browser, made: PictureMap) -> None:
    for method in ("pca", "tsne", "tsne_direct"):
        browser.click_on(f"input[value={method}]")
        assert browser.value("[...scatter.places]") == pytest.approx(
            browser.value(f"atlas.maps.{method}"), abs=1e-6
        )
    assert browser.value("element('caption').textContent").startswith("t-SNE of the whole embedding: ")


def test_the_wheel_zooms_where_the_pointer_is(browser: Browser) -> None:
    x, y = map(round, place_of(browser, 30))
    below = f"""(() => {{ const {{ camera, canvas }} = scatter; const box = canvas.getBoundingClientRect();
        return [camera.x + ({x} - box.left - camera.width / 2) / camera.scale,
                camera.y - ({y} - box.top - camera.height / 2) / camera.scale]; }})()"""
    before = browser.value(below)
    for _ in range(4):
        browser.call("Input.dispatchMouseEvent", type="mouseWheel", x=x, y=y, deltaX=0, deltaY=-100)
    browser.drawn()
    assert browser.value("scatter.camera.zoom") == pytest.approx(np.exp(4 * 100 / 300))
    unit = 1 / browser.value("scatter.camera.scale")
    assert browser.value(below) == pytest.approx(before, abs=unit)  # a pixel
    assert browser.value("scatter.pictureSide") > 0  # so close that pictures are drawn
    browser.click_on("#whole")
    assert browser.value("scatter.camera.zoom") == 1


def test_dragging_moves_the_map_and_chooses_nothing(browser: Browser) -> None:
    x, y = place_of(browser, 30)
    for kind, shift in (("mousePressed", 0), ("mouseMoved", 25), ("mouseMoved", 50), ("mouseReleased", 50)):
        browser.call(
            "Input.dispatchMouseEvent", type=kind, x=x + shift, y=y - shift, button="left", clickCount=1
        )
    browser.drawn()
    assert place_of(browser, 30) == pytest.approx([x + 50, y - 50], abs=0.5)
    assert browser.value("scatter.chosen") is None


def test_all_goes_by_keys_too(browser: Browser) -> None:
    browser.value("scatter.canvas.focus()")
    browser.key("+")
    browser.key("+")
    assert browser.value("scatter.camera.zoom") == pytest.approx(2.25)
    browser.key("-")
    browser.key("ArrowRight")
    browser.key("ArrowUp")
    moved = [60 / browser.value("scatter.camera.scale")] * 2
    assert browser.value("[scatter.camera.x, scatter.camera.y]") == pytest.approx(moved)
    browser.key("Enter")
    away = browser.value(
        "atlas.labels.map((_, point) => Math.hypot(scatter.x(point) - scatter.camera.width / 2, "
        "scatter.y(point) - scatter.camera.height / 2))"
    )
    assert browser.value("scatter.chosen") == int(np.argmin(away))
    browser.key("Escape")
    assert browser.value("scatter.chosen") is None
    browser.key("0")
    assert browser.value("[scatter.camera.x, scatter.camera.y, scatter.camera.zoom]") == [0, 0, 1]


def test_a_search_lights_what_it_finds(browser: Browser) -> None:
    browser.value("element('query').focus()")
    for letter in "BEE":
        browser.key(letter)
    assert browser.value("element('found').textContent") == "20 pictures"
    assert states(browser) == [1] * 20 + [2] * 20 + [1] * 20
    browser.key("Enter")
    inside = browser.value("atlas.matching('bee').every((point) => scatter.isInView(point))")
    assert inside
    assert browser.value("scatter.camera.zoom") > 1
    browser.value("element('query').value = 'bee/04'; search()")
    assert states(browser).index(2) == 24
    browser.click_on("#results button")
    assert browser.value("scatter.chosen") == 24
    browser.value("element('query').value = '<'; search()")
    assert browser.value("element('found').textContent") == "20 pictures"


def test_classes_are_hidden_and_shown(browser: Browser) -> None:
    browser.click_on("#none")
    assert set(states(browser)) == {1}
    browser.click_on("#classes li:nth-child(3) input")  # the hostile name is the first
    assert states(browser) == [1] * 20 + [2] * 20 + [1] * 20
    browser.click_on("#all")
    assert set(states(browser)) == {2}


def test_buckets_are_an_overlay(browser: Browser, made: PictureMap) -> None:
    assert browser.value("element('hashing').hidden") is True
    browser.click_on("input[value=buckets]")
    for bits in (1, 4, 8):
        browser.value(f"element('bits').value = {bits}; element('bits').dispatchEvent(new Event('input'))")
        assert browser.value("[...scatter.styles]") == (made.keys >> (8 - bits)).tolist()
        assert (
            browser.value("new Set(scatter.palette.map((look) => look.colour + look.triangle)).size")
            == 2**bits
        )
        told = browser.value("element('crowding').textContent")
        row = made.crowding[bits - 1]
        assert told.startswith(
            f"{row.buckets} of {2**bits} buckets hold pictures, the fullest {row.largest}. "
        )
        assert told.endswith(f"{int(100 * row.together + 0.5)} % share its bucket.")
    browser.value("element('bits').value = 2; choose(11)")
    mates = (made.keys >> 6) == (made.keys[11] >> 6)
    assert states(browser) == np.where(mates, 2, 1).tolist()
    assert f"holds {mates.sum() - 1} other picture" in browser.value("element('picture').textContent")


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("size", [(1280, 800), (320, 640)])
def test_it_fits_the_window_and_the_theme(browser: Browser, size: tuple[int, int], dark: bool) -> None:
    browser.window(*size, dark=dark)
    browser.click(place_of(browser, 7)) if size[0] > 1000 else browser.value("choose(7)")
    browser.drawn()
    assert browser.value("document.documentElement.scrollWidth") <= size[0]
    ground = browser.value("channels(theme().ground)")
    assert (sum(ground) < 100) is dark
