"""How to search: what the page's settings change."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from lookalike import Collection
from program import Program
from visitor import Visitor, expect

pytestmark = pytest.mark.slow

Copy = Callable[[int], Path]


def test_other_metrics(visitor: Visitor, copy: Copy, collection: Collection) -> None:
    visitor.choose(copy(9))
    visitor.open_settings()
    distance = visitor.cards.first.locator("[data-part=distance]")
    for metric in ("manhattan", "hamming"):
        visitor.page.select_option("[name=metric]", metric)
        expected = collection.search(copy(9), 10, metric=metric)
        expect(distance).to_have_text(f"distance {expected[0].distance:.2f}")
        assert visitor.found() == [match.path.name for match in expected]
    exponent = visitor.page.get_by_label("Exponent")
    expect(exponent).to_be_hidden()
    visitor.page.select_option("[name=metric]", "minkowski")
    exponent.fill("1.5")
    exponent.press("Tab")
    nearest = collection.search(copy(9), 10, metric="minkowski:1.5")[0]
    expect(distance).to_have_text(f"distance {nearest.distance:.2f}")


def test_the_number_of_results_and_one_folder(visitor: Visitor, copy: Copy, gallery: Program) -> None:
    visitor.choose(copy(2))
    number = visitor.page.get_by_label("Results")
    number.fill("4")
    number.press("Enter")
    expect(visitor.cards).to_have_count(4)
    folder = gallery.home / "pictures" / "second"
    visitor.page.select_option("[name=folder]", str(folder))
    expect(visitor.cards.first.locator("[data-part=place]")).to_have_text("pictures/second")
    assert visitor.page.locator("#answers [data-part=place]").all_text_contents() == ["pictures/second"] * 4


def test_lsh_beside_exact(visitor: Visitor, copy: Copy, collection: Collection) -> None:
    visitor.choose(copy(6))
    visitor.open_settings()
    visitor.page.get_by_role("switch", name="LSH beside exact").check()
    ways = {
        name: [match.path.name for match in collection.search(copy(6), 10, exact=name == "exact")]
        for name in ("lsh", "exact")
    }
    shared = len(set(ways["lsh"]) & set(ways["exact"]))
    expect(visitor.page.locator("[data-part=overlap]")).to_have_text(f"{shared} of 10")
    for name, names in ways.items():
        side = visitor.page.locator(f"[data-side={name}]")
        assert side.locator("[data-part=file]").all_text_contents() == names
        assert side.locator("[data-part=time]").inner_text().endswith("ms")
    expect(visitor.page.locator("[data-side=exact] [data-part=work]")).to_contain_text(
        f"{len(collection)} distances"
    )
