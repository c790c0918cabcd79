"""The page of a router, whose collection is a table that a real Ray cluster serves, with banks beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import ray_quietly  # noqa: F401  skips where Ray is not installed
from lookalike.cluster.copying import copy_from, table_for
from lookalike.embed import load_embedder
from pictures import draw, write
from program import Program
from served import Served, serving
from visitor import Visitor, expect

pytestmark = pytest.mark.slow

Visit = Callable[..., Visitor]


@pytest.fixture(scope="module")
def router(gallery: Program, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Two routers over two shards of a table with the pictures of the gallery, one of which is in a bank."""
    program = Program(tmp_path_factory.mktemp("cluster"))
    uri = program.home / "pictures.lance"
    copy_from(gallery.collection, table_for(str(uri), load_embedder("lite0"), "lite0"))
    known = gallery.home / "pictures" / "first" / "picture-0005.webp"
    assert program.here("bank", "create", "stolen").code == 0
    assert program.here("bank", "add", "stolen", known).code == 0
    size = ("--shards", "2", "--routers", "2", "--cores", "0.2")
    with serving(program, uri, *size, "--banks", program.collection, command=("cluster", "serve")) as running:
        yield running


def test_a_copy_is_found_in_its_folder(
    visit: Visit, router: Served, gallery: Program, copy: Callable[[int], Path]
) -> None:
    visitor = visit(router.url)
    visitor.choose(copy(3))
    first = visitor.cards.first
    expect(first.locator("[data-part=file]")).to_have_text("picture-0003.png")
    expect(first.locator("img")).to_have_js_property("naturalWidth", draw(3).width)
    expect(visitor.page.locator("#found-title")).to_have_text("1 copy found")
    visitor.page.select_option("[name=folder]", str(gallery.home / "pictures" / "second"))
    expect(visitor.page.locator("#found-title")).to_have_text("No copy found")
    expect(first.locator("[data-part=place]")).to_have_text("pictures/second")
    assert set(visitor.page.locator("#answers [data-part=place]").all_text_contents()) == {"pictures/second"}


def test_what_is_added_is_found_compared_and_forgotten(visit: Visit, router: Served, tmp_path: Path) -> None:
    visitor = visit(router.url, "#add")
    (file,) = write(tmp_path / "new", 1, first_seed=500)
    visitor.page.locator("#add-intake [data-part=choose]").set_input_files(file)
    expect(visitor.page.locator("#add-status")).to_have_text("1 picture added.")
    visitor.page.get_by_role("link", name="Search", exact=True).click()
    visitor.choose(file)
    expect(visitor.page.locator("#found-title")).to_have_text("1 copy found")
    expect(visitor.cards.first.locator("[data-part=file]")).to_have_text(file.name)
    visitor.page.get_by_role("button", name=f"1: {file.name}").click()
    expect(visitor.page.locator("#verdict h2")).to_have_text("Identical pictures")
    visitor.page.get_by_role("link", name="Search", exact=True).click()
    visitor.cards.first.locator("[data-part=forget]").click()
    visitor.page.get_by_role("dialog").get_by_role("button", name="Forget").click()
    expect(visitor.page.locator("#found-title")).to_have_text("No copy found")


def test_the_page_offers_nothing_that_a_table_lacks(visit: Visit, router: Served) -> None:
    visitor = visit(router.url)
    expect(visitor.page.locator("#facts")).to_be_visible()
    expect(visitor.page.get_by_role("link", name="Add", exact=True)).to_be_visible()
    for name in ("Duplicates", "Map of the collection"):
        expect(visitor.page.get_by_role("link", name=name)).to_have_count(0)
    expect(visitor.page.locator("#problem")).to_be_hidden()
    by_address = visit(router.url, "#duplicates")
    expect(by_address.page.locator("#problem")).to_contain_text("has no search for duplicates")


def test_what_a_bank_reports_is_reviewed_on_the_page(
    visit: Visit, router: Served, copy: Callable[[int], Path]
) -> None:
    answer = router.client.post(
        "/v1/check", files={"file": ("copy.jpg", copy(5).read_bytes())}, data={"keep": True}
    ).json()
    assert (answer["reported"], len(answer["cases"])) == (True, 1)
    visitor = visit(router.url)
    visitor.page.get_by_role("link", name="Review").click()
    expect(visitor.page.locator("body")).to_contain_text("copy.jpg")
    expect(visitor.page.locator("body")).to_contain_text("stolen")
    expect(visitor.page.get_by_role("link", name="Duplicates")).to_have_count(0)
