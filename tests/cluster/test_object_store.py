"""A table, and pictures, in object stores: moto's S3 server, and servers for Google's two interfaces."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import httpx
import pyarrow as pa
import pytest

from hostile import encoded
from lookalike.cluster.addresses import read_address
from lookalike.cluster.catalog import Smalls, TableCatalog
from lookalike.cluster.copying import table_for
from lookalike.cluster.ids import spans
from lookalike.cluster.importing import Reader
from lookalike.cluster.originals import Originals
from lookalike.cluster.places import Known, found_in
from lookalike.cluster.rows import Row, rows_of
from lookalike.cluster.shard import Shard
from lookalike.cluster.table import Table
from lookalike.collection.originals import original
from lookalike.collection.presence import there_first
from lookalike.embed import load_embedder
from lookalike.errors import ImageError, ImageTooLarge, NotFoundError, UsageError
from lookalike.images import Limits
from lookalike.settings import Settings
from pictures import draw

pytestmark = pytest.mark.slow

MakeRows = Callable[..., list[Row]]


@pytest.mark.parametrize("place", ["bucket", "google_tables"])
def test_two_writers_lose_nothing_and_a_shard_follows(
    place: str, request: pytest.FixtureRequest, rows: MakeRows
) -> None:
    table = Table.create(f"{request.getfixturevalue(place)}/rows.lance", "tiny", "f" * 64, 8)
    shards = [Shard(table, span) for span in spans(2)]
    common = rows(20)
    start = threading.Barrier(2)
    told: list[dict[bytes, tuple[int, bool]]] = []

    def write(number: int) -> None:
        own = Table.open(table.uri)
        start.wait()
        for piece in range(3):
            some = [*common[5 * piece : 5 * piece + 5], *rows(4, seed=10 * number + piece)]
            done = own.add(some)
            told.append(done)

    writers = [threading.Thread(target=write, args=(number,)) for number in (1, 2)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert len(told) == 6
    assert len(table) == len({sha256 for done in told for sha256 in done}) == 15 + 2 * 3 * 4
    table.delete(f"image_id = {table.ids()[0]}")
    for shard in shards:
        shard.reach(table.version)
    assert sum(map(len, shards)) == len(table) == 38


NAMES = ("0.png", "deep/1 of #2? 100%.png", "it's/ü.png")
"""Of pictures in a bucket; each needs care where it becomes part of an address."""


def imported(address: str, table: Table, folder: Path) -> list[tuple[str, int, int]]:
    """Import as a worker does, without Ray; what was found."""
    found = [item for item in found_in([address]) if isinstance(item, tuple)]
    columns = dict(zip(("address", "size", "time"), map(list, zip(*found, strict=True)), strict=True))
    columns["address"] = [os.fsencode(name) for name in columns["address"]]
    part = Reader(table.uri, Settings(collection=folder, threads=1))(pa.table(columns))
    assert part["reason"].to_pylist() == [""] * len(found)
    table.add(rows_of(part))
    return found


@pytest.mark.parametrize(("server", "place"), [("store", "bucket"), ("google_store", "google_bucket")])
def test_pictures_are_imported_from_a_bucket(
    server: str, place: str, request: pytest.FixtureRequest, uri: str, tmp_path: Path
) -> None:
    address = f"{request.getfixturevalue(place)}/holiday"
    url = f"{request.getfixturevalue(server)}/pictures/holiday"
    given = {name: encoded(draw(seed), "PNG") for seed, name in enumerate(NAMES)}
    for name, data in (*given.items(), ("notes.txt", b"no picture")):
        httpx.put(f"{url}/{quote(name)}", content=data).raise_for_status()
    table = table_for(uri, load_embedder("lite0"), "lite0")
    found = imported(address, table, tmp_path)
    assert sorted(item[0] for item in found) == sorted(f"{address}/{name}" for name in NAMES)
    images = [image.facts for image in table.images(table.ids().tolist())]
    assert sorted(str(path) for image in images for path in image.paths) == sorted(item[0] for item in found)
    for image in images:
        data = original(image.paths, image.sha256, Limits())
        assert data == given[str(image.paths[0]).removeprefix(f"{address}/")]
        assert there_first(image.paths) == (image.paths, ())
    below = Path(address) / "deep"
    assert len(TableCatalog(table, Smalls(table)).below(below)) == 1
    (alone,) = found_in([f"{address}/{NAMES[1]}"])
    assert alone in found
    known = Known(Table.open(table.uri))
    assert all(known.has(*item) for item in found)
    assert not known.has(found[0][0], found[0][1] + 1, found[0][2])


def test_addresses_that_are_refused(bucket: str, google_bucket: str) -> None:
    for address, error in (
        ("s3://key:secret@pictures/holiday", UsageError),
        ("ftp://pictures/holiday", UsageError),
        (f"{bucket}/none", NotFoundError),
        (f"{google_bucket}/none", NotFoundError),
    ):
        with pytest.raises(error):
            list(found_in([address]))


@pytest.mark.parametrize("place", ["bucket", "google_bucket"])
def test_uploads_are_kept_and_dropped(place: str, request: pytest.FixtureRequest) -> None:
    root = request.getfixturevalue(place)
    originals = Originals(f"{root}/rows.lance")
    path = originals.keep(b"bytes", bytes(32), "PNG")
    address = f"{root}/rows.lance.uploads/{'00' * 32}.png"
    assert str(path) == address
    assert read_address(address, Limits()) == b"bytes"
    originals.drop(path)
    with pytest.raises(ImageError):
        read_address(address, Limits())


def test_an_object_that_is_too_large_is_not_read(bucket: str, store: str) -> None:
    httpx.put(f"{store}/pictures/large.png", content=bytes(2000))
    with pytest.raises(ImageTooLarge):
        read_address(f"{bucket}/large.png", Limits(file_bytes=1000))


def test_where_there_is_nothing(bucket: str) -> None:
    with pytest.raises(NotFoundError):
        Table.open(f"{bucket}/none.lance")
