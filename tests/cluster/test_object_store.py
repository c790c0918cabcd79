"""A table in an object store: moto's S3 server, a process of its own on the loopback."""

from __future__ import annotations

import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pyarrow as pa
import pytest

from lookalike.cluster.addresses import read_address
from lookalike.cluster.copying import table_for
from lookalike.cluster.ids import spans
from lookalike.cluster.importing import Reader
from lookalike.cluster.originals import Originals
from lookalike.cluster.places import Known, found_in
from lookalike.cluster.rows import Row
from lookalike.cluster.shard import Shard
from lookalike.cluster.table import Table
from lookalike.embed import load_embedder
from lookalike.errors import ImageError, ImageTooLarge, NotFoundError
from lookalike.images import Limits
from lookalike.settings import Settings
from pictures import draw
from ray_nodes import wait_for

pytestmark = pytest.mark.slow

SERVER = shutil.which("moto_server")
MakeRows = Callable[..., list[Row]]


@pytest.fixture(scope="module")
def store() -> Iterator[str]:
    """Address of a server that speaks S3."""
    if SERVER is None:
        pytest.skip("moto_server is not installed")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [SERVER, "-H", "127.0.0.1", "-p", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    url = f"http://127.0.0.1:{port}"

    def up() -> bool:
        with suppress(httpx.HTTPError):
            return httpx.get(url).status_code < 500
        return False

    try:
        wait_for(up)
        yield url
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def bucket(store: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A new bucket, which this process finds by its environment."""
    for name, value in {
        "AWS_ENDPOINT_URL": store,
        "AWS_ACCESS_KEY_ID": "nobody",
        "AWS_SECRET_ACCESS_KEY": "nothing",
        "AWS_REGION": "us-east-1",
        "AWS_ALLOW_HTTP": "true",
    }.items():
        monkeypatch.setenv(name, value)
    httpx.post(f"{store}/moto-api/reset")
    assert httpx.put(f"{store}/pictures").status_code == 200
    return "s3://pictures"


def test_two_writers_lose_nothing_and_a_shard_follows(bucket: str, rows: MakeRows) -> None:
    table = Table.create(f"{bucket}/rows.lance", "tiny", "f" * 64, 8)
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


def test_pictures_are_imported_from_a_bucket(bucket: str, store: str, tmp_path: Path) -> None:
    for seed in range(3):
        draw(seed).save(tmp_path / "one.png")
        httpx.put(f"{store}/pictures/holiday/{seed}.png", content=(tmp_path / "one.png").read_bytes())
    httpx.put(f"{store}/pictures/holiday/notes.txt", content=b"no picture")
    found = [item for item in found_in([f"{bucket}/holiday"]) if isinstance(item, tuple)]
    assert [item[0] for item in found] == [f"{bucket}/holiday/{seed}.png" for seed in range(3)]
    table = table_for(f"{bucket}/pictures.lance", load_embedder("lite0"), "lite0")
    columns = dict(zip(("address", "size", "time"), map(list, zip(*found, strict=True)), strict=True))
    columns["address"] = [address.encode() for address in columns["address"]]
    from lookalike.cluster.rows import rows_of

    read = Reader(table.uri, Settings(collection=tmp_path, threads=1))(pa.table(columns))
    table.add(rows_of(read))
    paths = [str(path) for image in table.images(table.ids().tolist()) for path in image.facts.paths]
    assert sorted(paths) == [item[0] for item in found]
    known = Known(Table.open(table.uri))
    assert all(known.has(*item) for item in found)
    assert not known.has(found[0][0], found[0][1] + 1, found[0][2])


def test_uploads_are_kept_and_dropped(bucket: str) -> None:
    originals = Originals(f"{bucket}/rows.lance")
    path = originals.keep(b"bytes", bytes(32), "PNG")
    address = f"{bucket}/rows.lance.uploads/{'00' * 32}.png"
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
