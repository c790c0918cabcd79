"""A real server on a real collection, and a real Chromium that looks at it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
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
_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
_WIDE = {"width": 1280, "height": 800}


@pytest.fixture(scope="module")  # while it runs there is an event loop, which other tests want to start anew
def chromium() -> Iterator[Browser]:
    """Debian's Chromium; these tests are skipped where it or what drives it is missing."""
    playwright = pytest.importorskip("playwright.sync_api")
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("there is no chromium: apt-get install chromium")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=_ARGUMENTS)
        yield browser
        browser.close()


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
