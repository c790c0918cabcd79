"""The page of a router, whose collection is a table, with banks beside it.

The router and its shards are in this process. ``tests/cluster/test_served.py`` has the same behind Ray Serve.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

import ray_quietly  # noqa: F401  skips where Ray is not installed
from local_shards import LocalShards, local_router
from lookalike.cluster.app import over
from lookalike.cluster.collection import TableCollection
from lookalike.cluster.copying import copy_from, table_for
from lookalike.cluster.deployment import serving_of
from lookalike.cluster.ids import spans
from lookalike.cluster.shard import Shard
from lookalike.embed import load_embedder
from pictures import draw, write
from program import Program
from visitor import Visitor, expect

pytestmark = pytest.mark.slow

Visit = Callable[..., Visitor]


@pytest.fixture(scope="module")
def router(gallery: Program, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A router over two shards of a table with the pictures of the gallery, one of which is in a bank."""
    program = Program(tmp_path_factory.mktemp("cluster"))
    table = table_for(str(program.home / "pictures.lance"), load_embedder("lite0"), "lite0")
    copy_from(gallery.collection, table)
    known = gallery.home / "pictures" / "first" / "picture-0005.webp"
    assert program.here("bank", "create", "stolen").code == 0
    assert program.here("bank", "add", "stolen", known).code == 0
    serving = serving_of(table.uri, banks=program.collection)
    shards = LocalShards([Shard(table, span) for span in spans(2)])
    collection = TableCollection(table, shards, serving.settings)  # type: ignore[arg-type]
    with local_router(over(collection, serving)) as url:
        yield url


def test_a_copy_is_found_in_its_folder(
    visit: Visit, router: str, gallery: Program, copy: Callable[[int], Path]
) -> None:
    visitor = visit(router)
    visitor.choose(copy(3))
    first = visitor.cards.first
    expect(first.locator("[data-part=file]")).to_have_text("picture-0003.png")
    expect(first.locator("img")).to_have_js_property("naturalWidth", draw(3).width)
    expect(visitor.page.locator("#found-title")).to_have_text("1 copy found")
    visitor.page.select_option("[name=folder]", str(gallery.home / "pictures" / "second"))
    expect(visitor.page.locator("#found-title")).to_have_text("No copy found")
    expect(first.locator("[data-part=place]")).to_have_text("pictures/second")
    assert set(visitor.page.locator("#answers [data-part=place]").all_text_contents()) == {"pictures/second"}


def test_what_is_added_is_found_compared_and_forgotten(visit: Visit, router: str, tmp_path: Path) -> None:
    visitor = visit(router, "#add")
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


def test_the_page_offers_nothing_that_a_table_lacks(visit: Visit, router: str) -> None:
    visitor = visit(router)
    expect(visitor.page.locator("#facts")).to_be_visible()
    expect(visitor.page.get_by_role("link", name="Add", exact=True)).to_be_visible()
    for name in ("Duplicates", "Map of the collection"):
        expect(visitor.page.get_by_role("link", name=name)).to_have_count(0)
    expect(visitor.page.locator("#problem")).to_be_hidden()
    by_address = visit(router, "#duplicates")
    expect(by_address.page.locator("#problem")).to_contain_text("has no search for duplicates")


def test_what_a_bank_reports_is_reviewed_on_the_page(
    visit: Visit, router: str, copy: Callable[[int], Path]
) -> None:
    answer = httpx.post(
        f"{router}/v1/check", files={"file": ("copy.jpg", copy(5).read_bytes())}, data={"keep": True}
    ).json()
    assert (answer["reported"], len(answer["cases"])) == (True, 1)
    visitor = visit(router)
    visitor.page.get_by_role("link", name="Review").click()
    expect(visitor.page.locator("body")).to_contain_text("copy.jpg")
    expect(visitor.page.locator("body")).to_contain_text("stolen")
    expect(visitor.page.get_by_role("link", name="Duplicates")).to_have_count(0)
