"""From a collection into a table and back: the same images, and the same answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lookalike import Collection
from lookalike.cluster.addresses import path_of
from lookalike.cluster.copying import copy_from, embedder_of, export, table_for
from lookalike.cluster.places import Known
from lookalike.cluster.rows import Row
from lookalike.cluster.table import Table
from lookalike.collection.status import status_of
from lookalike.embed import load_embedder
from lookalike.errors import EmbedderMismatch, NotFoundError, UnreadableImage
from lookalike.images import Limits, read_file
from lookalike.settings import Settings
from lookalike.store import FileStamp
from pictures import draw


@pytest.fixture
def home(tmp_path: Path) -> Path:
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for seed in range(6):
        draw(seed).save(pictures / f"{seed}.png")
    (pictures / "copy.png").write_bytes((pictures / "0.png").read_bytes())
    with Collection.open(
        tmp_path / "one", create=True, settings=Settings(tmp_path / "one", threads=1)
    ) as one:
        one.add([pictures])
    return tmp_path


def test_there_and_back(home: Path, uri: str) -> None:
    table = table_for(uri, load_embedder("lite0"), "lite0")
    assert copy_from(home / "one", table) == 6
    assert copy_from(home / "one", table) == 0
    assert len(table) == 6
    assert embedder_of(home / "one") == (table.embedder, table.fingerprint)
    assert export(table, home / "two") == 6
    assert export(table, home / "two") == 0
    picture = home / "pictures" / "0.png"
    with Collection.open(home / "one") as one, Collection.open(home / "two") as two:
        assert one.files() == two.files()
        assert len(two) == 6
        first, second = (collection.search(picture, 6) for collection in (one, two))
        assert [match.paths for match in first] == [match.paths for match in second]
        np.testing.assert_array_equal([m.distance for m in first], [m.distance for m in second])
        assert [match.verdict for match in first] == [match.verdict for match in second]
        report = two.add([home / "pictures"])
        assert (report.added, report.rejected) == (0, [])


def test_doubts_about_files_go_there_and_back(home: Path, uri: str) -> None:
    """Else `duplicates` would keep a file that is cut short rather than a complete one."""
    cut = home / "pictures" / "cut.jpg"
    draw(20).save(cut)
    cut.write_bytes(cut.read_bytes()[:-60])
    with Collection.open(home / "one") as one:
        one.add([cut])
        (doubt,) = one.catalog.doubts().values()
    table = table_for(uri, load_embedder("lite0"), "lite0")
    copy_from(home / "one", table)
    export(table, home / "two")
    with Collection.open(home / "two") as two:
        (image,) = [image for image, path in two.images() if path == cut]
        assert two.catalog.doubts() == {image: doubt}
    without = Table.open(uri)
    without.at().drop_columns(["doubt"])
    assert export(Table.open(uri), home / "three") == 7


def test_addresses_of_objects_come_back_whole(
    tmp_path: Path, table: Table, rows: Callable[..., list[Row]]
) -> None:
    """Also in a collection of one machine, whose paths are those of files otherwise."""
    address = "s3://bucket/holiday/1 of 2.jpg"
    table.add([replace(rows(1)[0], paths=(path_of(address),), stamp=FileStamp(7, 8))])
    table.remember([path_of("s3://bucket/holiday")])
    export(table, tmp_path / "one")
    with Collection.open(tmp_path / "one") as one:
        assert list(map(str, one.files())) == [address]
        status = status_of(tmp_path / "one", one.catalog, "none", 0)
        assert (list(map(str, status.roots)), status.missing) == (["s3://bucket/holiday"], [])
        ((_, path),) = one.images()
        assert (str(path), one.catalog.stamp(path)) == (address, FileStamp(7, 8))
        with pytest.raises(UnreadableImage, match="only lookalike cluster reads"):
            read_file(path, Limits())
    again = Table.create(str(tmp_path / "again.lance"), table.embedder, table.fingerprint, table.dim)
    assert copy_from(tmp_path / "one", again) == 1
    (image,) = again.images(again.ids().tolist())
    assert ([str(path) for path in image.facts.paths], image.stamp) == ([address], FileStamp(7, 8))
    assert [str(source) for source in again.sources()] == ["s3://bucket/holiday"]
    assert Known(again).has(address, 7, 8)


def test_another_network_is_refused(home: Path, table: Table) -> None:
    with pytest.raises(EmbedderMismatch):
        copy_from(home / "one", table)


def test_where_there_is_nothing(tmp_path: Path, table: Table) -> None:
    with pytest.raises(NotFoundError):
        copy_from(tmp_path / "none", table)
    with pytest.raises(NotFoundError, match="empty"):
        export(table, tmp_path / "two")
