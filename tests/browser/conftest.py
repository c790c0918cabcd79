"""A real server on a real collection, and a real Chromium that looks at it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PIL import ImageEnhance

from lookalike import Collection
from lookalike.settings import load_settings
from pictures import draw, write
from program import Program
from served import serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from visitor import Visitor

_PICTURES = 24
# The same browser without windows, menus and extensions computes half as much for a page.
_PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser")
_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
_WIDE = {"width": 1280, "height": 800}


class _Kept:
    """Debian's Chromium, which stays from one file of tests to the next: starting it takes a second."""

    def __init__(self) -> None:
        self._open = ExitStack()
        self._browser: Browser | None = None

    def browser(self) -> Browser:
        """The browser, started if there is none; the test is skipped if it or what drives it is missing."""
        if self._browser is None:
            playwright = pytest.importorskip("playwright.sync_api")
            programs = [found for name in _PROGRAMS if (found := shutil.which(name))]
            if not programs:
                pytest.skip("there is no chromium: apt-get install chromium-headless-shell")
            driver = self._open.enter_context(playwright.sync_playwright())
            started: Browser = driver.chromium.launch(executable_path=programs[0], args=_ARGUMENTS)
            self._open.callback(started.close)
            self._browser = started
        return self._browser

    def close(self) -> None:
        self._browser = None
        self._open.close()


_KEPT = _Kept()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> Generator[None, object, object]:
    """End the browser after the last test here: it comes with an event loop, which other tests start anew."""
    done = yield
    if nextitem is None or not nextitem.path.is_relative_to(Path(__file__).parent):
        _KEPT.close()
    return done


@pytest.fixture
def chromium() -> Browser:
    return _KEPT.browser()


@pytest.fixture(scope="session")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """A collection of drawn pictures in two folders, ``first`` and ``second``."""
    program = Program(tmp_path_factory.mktemp("gallery"))
    write(program.home / "pictures" / "first", _PICTURES // 2)
    write(program.home / "pictures" / "second", _PICTURES // 2, first_seed=_PICTURES // 2)
    _index(program)
    return program


@pytest.fixture(scope="session")
def address(gallery: Program) -> Iterator[str]:
    """Where the gallery is served."""
    with serving(gallery) as server:
        yield server.url


def _index(program: Program) -> None:
    settings = load_settings({"collection": program.collection})
    with Collection.open(create=True, settings=settings) as collection:
        collection.add([program.home / "pictures"])


@pytest.fixture(scope="session")
def growing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where another collection is served, to which tests may add."""
    program = Program(tmp_path_factory.mktemp("growing"))
    write(program.home / "pictures", 3)
    _index(program)
    with serving(program) as server:
        yield server.url


@pytest.fixture(scope="session")
def collection(gallery: Program) -> Iterator[Collection]:
    """The gallery, for asking the library what the page should show."""
    with Collection.open(settings=load_settings({"collection": gallery.collection})) as opened:
        yield opened


@pytest.fixture
def visit(chromium: Browser, address: str) -> Iterator[Callable[..., Visitor]]:
    """Open the page with options for the browser's context; nothing may go wrong in its scripts."""
    from visitor import HANG_GUARD, Visitor

    contexts, errors = [], []

    def opened(where: str = address, path: str = "", **options: Any) -> Visitor:
        context = chromium.new_context(**{"viewport": _WIDE, **options})
        context.set_default_timeout(HANG_GUARD)
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: errors.append(said.text) if "Content Security" in said.text else None)
        page.goto(f"{where}/{path}")
        return Visitor(page)

    yield opened
    for context in contexts:
        context.close()
    assert not errors


@pytest.fixture
def visitor(visit: Callable[..., Visitor]) -> Visitor:
    """Somebody with a wide screen."""
    return visit()


@pytest.fixture(scope="session")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Path]:
    """Makes a cropped, brighter and compressed copy of a drawn picture."""
    folder = tmp_path_factory.mktemp("copies")

    def made(seed: int) -> Path:
        path = folder / f"copy-{seed}.jpg"
        if not path.exists():  # a browser will not send a file that changed since it was chosen
            picture = draw(seed)
            cropped = picture.crop((2, 1, picture.width, picture.height - 1))
            ImageEnhance.Brightness(cropped).enhance(1.05).save(path, "JPEG", quality=80)
        return path

    return made
