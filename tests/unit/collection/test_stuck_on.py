"""A page with stickers is a copy in a search, a comparison, and a search for duplicates."""

from __future__ import annotations

from pathlib import Path

import copies
from lookalike import Collection, Hasher
from lookalike.alterations import ALTERATIONS
from lookalike.labs.bench import sheets


def test_a_page_with_stickers_is_a_copy_on_all_surfaces(tmp_path: Path) -> None:
    folder = tmp_path / "pages"
    folder.mkdir()
    for number in (0, 4, 8):
        sheets.draw("pages", number).save(folder / f"{number}.png")
    copy = ALTERATIONS["stickers"].apply(sheets.draw("pages", 0))
    copy.save(folder / "stickers.png")
    with Collection.open(tmp_path / "store", create=True) as collection:
        collection.add([folder])
        found = {match.path.stem: match.verdict for match in collection.search(copy)}
        assert (found.pop("stickers"), found.pop("0")) == ("identical", "copy")
        assert set(found.values()) <= {"similar", "different"}
        assert copies.stems(collection.duplicates()) == {frozenset({"0", "stickers"})}
    hasher = Hasher()
    assert hasher.compare(folder / "0.png", folder / "stickers.png").verdict == "copy"
    assert hasher.compare(folder / "4.png", folder / "stickers.png").verdict == "different"
