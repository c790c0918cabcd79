"""Entries in a list, each against the picture that was put into the collection for it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import tiny_model
from lookalike import Collection, Settings
from lookalike.banks import Banks
from lookalike.banks.adding import Labels
from lookalike.store import FOR_EVER, DisabledEntries


def test_entries_name_the_pictures_that_they_stand_for(
    collection: Collection, banks: Banks, folder: Path
) -> None:
    first, second, upload = sorted(folder.iterdir())[:3]
    twin = folder / "a twin.png"
    twin.write_bytes(first.read_bytes())
    banks.create("known")
    banks.add("known", [first, twin, second], note="case 17", tags=["b", "a"])
    data = upload.read_bytes()
    banks.adding.uploads(banks.named("known"), [data], Labels(), said=[{"name": "sea.png"}])
    banks.add_hashes("known", ["md5:" + 32 * "0"])
    DisabledEntries(collection.bases.database).disable([4], FOR_EVER)
    one, two, three, four = banks.page("known", 0, 10)
    assert one.paths == tuple(sorted([first, twin]))
    assert (one.name, one.entry.note, one.entry.tags) == (one.paths[0].name, "case 17", ("a", "b"))
    assert (two.paths, two.name) == ((second,), second.name)
    assert (three.name, three.image_id) == ("sea.png", collection.catalog.image_of(three.entry.value))
    assert three.paths[0].read_bytes() == data
    assert (four.image_id, four.name, four.paths, four.disabled_until) == (None, "", (), 0)
    assert [x.disabled_until for x in (one, two, three)] == [None] * 3
    assert one.facts()["value"] == hashlib.sha256(first.read_bytes()).hexdigest()
    assert one.facts()["paths"] == list(map(str, one.paths))
    collection.remove([second])
    gone = banks.page("known", 0, 10)[1]
    assert (gone.entry_id, gone.image_id, gone.paths) == (two.entry_id, None, ())


def test_a_collection_that_keeps_vectors_names_digests(tmp_path: Path, folder: Path) -> None:
    model = tiny_model.write(tmp_path / "tiny.onnx", seed=1)
    settings = Settings(collection=tmp_path / "vectors", model=str(model), threads=2)
    with Collection.open(create=True, settings=settings, keep="vectors") as collection:
        banks = Banks(collection)
        banks.create("known")
        picture = sorted(folder.iterdir())[0]
        banks.add("known", [picture])
        (one,) = banks.page("known", 0, 10)
        digest = hashlib.sha256(picture.read_bytes()).hexdigest()
        assert (one.image_id, [str(path) for path in one.paths]) == (1, [f"sha256:{digest}"])
