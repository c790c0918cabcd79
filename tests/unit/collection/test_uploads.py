from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import tiny_model
from hostile import encoded
from inside import catalog, image_at, stored
from lookalike import Collection, Settings
from lookalike.collection.reports import Upload
from lookalike.errors import EmbedderMismatch, NotFoundError, StorageError
from lookalike.store import Recorder
from pictures import draw

FORGET = """
import sys
from contextlib import suppress
from lookalike import Collection
from lookalike.errors import NotFoundError
collection = Collection.open(sys.argv[1])
print("ready", flush=True)
while True:
    for image_id, _ in collection.catalog.places():
        with suppress(NotFoundError):
            collection.forget(image_id)
"""


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def test_a_new_picture_is_what_indexing_its_file_would_make_of_it(
    collection: Collection, settings: Settings, tmp_path: Path
) -> None:
    data = encoded(draw(3), "JPEG")
    (upload,) = collection.add_uploads([data])
    kept = tmp_path / "collection" / "uploads" / f"{sha256(data).hex()}.jpg"
    assert upload == Upload(image_at(collection, kept), sha256(data), new=True)
    assert kept.read_bytes() == data
    facts = collection.catalog.image(image_at(collection, kept))
    with Collection.open(create=True, settings=replace(settings, collection=tmp_path / "again")) as again:
        assert again.add([kept]).added == 1
        assert stored(again)[1].tolist() == stored(collection)[1].tolist()
        as_file = again.catalog.image(image_at(again, kept))
        assert (as_file.format, as_file.width, as_file.height) == (facts.format, facts.width, facts.height)
    assert collection.add([kept]).unchanged == 1  # its size and time are known


def test_pillow_images_are_kept_as_files(collection: Collection, folder: Path) -> None:
    """One that was not loaded yet as its own bytes, any other as a PNG of the same pixels."""
    known = sorted(folder.iterdir())[0]
    drawn, with_alpha = draw(60), draw(61).convert("RGBA")
    unread, one, two = collection.add_uploads(
        [Image.open(known), drawn, with_alpha], said=[{"name": "a.png"}, {"name": "b"}, {"name": "c"}]
    )
    assert unread.sha256 == sha256(known.read_bytes())
    for upload, picture in ((one, drawn), (two, draw(61))):
        facts = collection.catalog.image(upload.image_id or 0)
        with Image.open(facts.paths[0]) as kept:
            assert (kept.format, np.array_equal(np.asarray(kept), np.asarray(picture))) == ("PNG", True)
        (match, *_) = collection.search(picture, 1)
        assert (match.image_id, match.verdict, match.name) == (
            upload.image_id,
            "identical",
            "bc"[upload is two],
        )
    broken = Image.open(io.BytesIO(encoded(draw(62), "PNG")[:60]))
    (refused,) = collection.add_uploads([broken])
    assert refused.image_id is None


def test_what_was_removed_for_good_is_refused_and_not_kept(collection: Collection, folder: Path) -> None:
    collection.add([folder])
    collection.remove([folder / "picture-0001.jpg"], forever=True)
    removed, new = (folder / "picture-0001.jpg").read_bytes(), encoded(draw(70), "PNG")
    for pictures in ([removed], [removed, new]):
        refused, *_ = collection.add_uploads(pictures)
        assert (refused.image_id, refused.new) == (None, False)
        assert refused.reason.startswith("removed for good before; lookalike remove --undo")
    uploads = collection.status().folder / "uploads"
    assert [path.name for path in uploads.iterdir()] == [f"{sha256(new).hex()}.png"]


def test_each_picture_is_judged_by_itself_and_in_order(collection: Collection, folder: Path) -> None:
    collection.add([folder])
    known = (folder / "picture-0001.jpg").read_bytes()
    new, text, cut = encoded(draw(70), "PNG"), b"text", encoded(draw(71), "JPEG")[:300]
    first, refused, old, again, broken = collection.add_uploads([new, text, known, new, cut])
    assert (first.new, again.new, first.image_id) == (True, False, again.image_id)
    assert old == Upload(image_at(collection, folder / "picture-0001.jpg"), sha256(known), new=False)
    assert (refused.image_id, broken.image_id) == (None, None)
    assert "not a JPEG" in refused.reason
    assert "incomplete JPEG" in broken.reason
    uploads = collection.status().folder / "uploads"
    names = [f"{sha256(known).hex()}.jpg", f"{sha256(new).hex()}.png"]
    assert sorted(path.name for path in uploads.iterdir()) == sorted(names)
    assert collection.search(new, 1)[0].image_id == first.image_id


def test_more_than_a_thread_takes_at_once(collection: Collection) -> None:
    pictures = [encoded(draw(seed), "PNG") for seed in range(100, 121)]
    uploads = collection.add_uploads(pictures)
    assert [upload.sha256 for upload in uploads] == [sha256(data) for data in pictures]
    assert len({upload.image_id for upload in uploads}) == 21 == len(collection)
    assert collection.search(pictures[20], 1)[0].image_id == uploads[20].image_id


def test_nothing_comes_of_nothing(collection: Collection) -> None:
    assert collection.add_uploads([]) == []
    assert collection.status().embedder is None
    assert not (collection.status().folder / "uploads").exists()


def test_forgetting_deletes_the_file_that_was_kept_and_no_other(collection: Collection, folder: Path) -> None:
    data = encoded(draw(80), "PNG")
    (upload,) = collection.add_uploads([data])
    kept = collection.status().folder / "uploads" / f"{sha256(data).hex()}.png"
    copies = [folder / "copy.png", kept.with_name("mine.png")]
    for copy in copies:
        copy.write_bytes(data)
    collection.add(copies)
    assert upload.image_id is not None
    assert collection.forget(upload.image_id) == sorted([kept, *copies])
    assert [path.exists() for path in (kept, *copies)] == [False, True, True]
    with pytest.raises(NotFoundError):
        collection.forget(upload.image_id)


def test_a_collection_of_another_embedder_takes_no_upload(
    collection: Collection, settings: Settings, tmp_path: Path
) -> None:
    """The model's file was replaced, so that its vectors cannot be compared with those that are stored."""
    collection.add_uploads([encoded(draw(1), "PNG")])
    tiny_model.write(Path(settings.model), seed=9)
    with Collection.open(settings=settings) as again, pytest.raises(EmbedderMismatch):
        again.add_uploads([encoded(draw(2), "PNG")])


def test_a_known_picture_is_kept_and_outlives_the_file_it_was_known_from(
    collection: Collection, folder: Path
) -> None:
    collection.add([folder])
    original = folder / "picture-0001.jpg"
    data, image_id = original.read_bytes(), image_at(collection, original)
    kept = collection.status().folder / "uploads" / f"{sha256(data).hex()}.jpg"
    for damage in (lambda: None, kept.unlink, lambda: kept.write_bytes(b"cut")):
        damage()
        assert collection.add_uploads([data]) == [Upload(image_id, sha256(data), new=False)]
        assert kept.read_bytes() == data
        assert [path.name for path in kept.parent.iterdir()] == [kept.name]
    original.unlink()
    assert collection.add([folder], prune=True).pruned == 1
    assert collection.search(data, 1)[0].paths == (kept,)


def test_what_is_acknowledged_lasts_while_another_process_forgets_the_same(
    collection: Collection, settings: Settings
) -> None:
    """Two processes forget a picture again and again while this one uploads it."""
    data = encoded(draw(80), "PNG")
    kept = collection.status().folder / "uploads" / f"{sha256(data).hex()}.png"
    others = [
        subprocess.Popen([sys.executable, "-c", FORGET, settings.collection], stdout=subprocess.PIPE)
        for _ in range(2)
    ]
    try:
        for other in others:
            assert other.stdout is not None
            assert other.stdout.readline() == b"ready\n"
        news = 0
        while news < 20:
            (upload,) = collection.add_uploads([data])
            news += upload.new
            with closing(catalog(collection)) as connection:
                connection.execute("BEGIN IMMEDIATE")  # nobody forgets it while both are looked at
                recorded = connection.execute("SELECT 1 FROM files").fetchone() is not None
                assert kept.exists() or not recorded
    finally:
        for other in others:
            other.kill()
            other.communicate()
    (last,) = collection.add_uploads([data])
    assert last.image_id == image_at(collection, kept)
    assert kept.read_bytes() == data
    assert collection.check().problems == []


def test_a_picture_uploaded_again_outlives_the_end_of_its_forgetting(collection: Collection) -> None:
    """Forgetting an image is two steps, and another process may upload it between them."""
    data = encoded(draw(80), "PNG")
    kept = collection.status().folder / "uploads" / f"{sha256(data).hex()}.png"
    (upload,) = collection.add_uploads([data])
    assert upload.image_id is not None
    paths = Recorder(collection.bases.database).forget_image(upload.image_id)
    assert paths == [kept]
    (again,) = collection.add_uploads([data])
    assert again.new
    collection.uploads.delete(sha256(data), paths)
    assert kept.read_bytes() == data
    assert again.image_id is not None
    assert collection.forget(again.image_id) == [kept]
    assert not kept.exists()


def test_what_killed_uploads_left_is_found_and_deleted_and_removed_pictures_are_not(
    collection: Collection,
) -> None:
    pictures = [encoded(draw(seed), "PNG") for seed in (80, 81)]
    collection.add_uploads(pictures)
    uploads = collection.status().folder / "uploads"
    kept, removed = (uploads / f"{sha256(data).hex()}.png" for data in pictures)
    collection.remove([removed])
    whole, young = (uploads / f"{letter * 64}.png" for letter in "ab")
    left = [whole, uploads / f"{whole.name}.unfinished", uploads / f"{'c' * 64}.jpg.77.partial"]
    own = uploads / "my own.partial"
    for path in (*left, own, young):
        path.write_bytes(b"bytes")
    for path in (kept, removed, *left, own):
        os.utime(path, (1e9, 1e9))
    kept.with_name(f"{kept.name}.unfinished").touch()  # of an upload that goes on, or was killed just now
    lines = collection.check().leftovers
    assert [line.split()[0] for line in lines] == [*map(str, sorted(left)), str(removed)]
    repaired = collection.check(repair=True)
    assert [line.split()[1] for line in repaired.repaired] == [f"{path}," for path in sorted(left)]
    assert [line.split()[0] for line in repaired.leftovers] == [str(removed)]
    assert {kept, removed, own, young} < set(uploads.iterdir())
    assert not any(path.exists() for path in left)


def test_a_picture_that_cannot_be_kept_is_not_acknowledged(collection: Collection, folder: Path) -> None:
    collection.add([folder])
    (collection.status().folder / "uploads").write_text("in the way")
    with pytest.raises(StorageError, match="cannot be kept in"):
        collection.add_uploads([(folder / "picture-0001.jpg").read_bytes()])
    with pytest.raises(StorageError, match="cannot be kept in"):
        collection.add_uploads([encoded(draw(80), "PNG")])
    assert not collection.check().problems
