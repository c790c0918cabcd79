"""Lists and filters of a table, held against those of a collection with the same images."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from lookalike.cluster.catalog import Smalls, TableCatalog
from lookalike.cluster.copying import copy_from, export
from lookalike.cluster.rows import Row
from lookalike.cluster.table import Table
from lookalike.store import (
    Annotation,
    Annotations,
    Catalog,
    Change,
    Database,
    FileRecord,
    FileStamp,
    Filters,
    ListedImage,
    NewImage,
    Recorder,
    labels_wanted,
)

MakeRows = Callable[..., list[Row]]

COUNT = 300
FOLDERS = (
    "/shared/photos",
    "/shared/photos/2024",
    "/shared/it's",
    "/shared/photos 2",
    "/shared/\udcff\udcfe",
)
CHANGES: tuple[Change, ...] = (
    {"tags": ("sea", "it's", "back\\slash")},
    {"metadata": {"shop": 12, "sold": True, "colour": '"red"'}},
    {"metadata": {"shop": "12", "note": ["a", {"b": None}]}, "tags": ("ü😀", "sea")},
    {},
)
SAID = tuple(map(Annotation().changed, CHANGES))
DAY = datetime(2024, 5, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def given(rows: MakeRows) -> list[Row]:
    """Rows of many folders, sizes, times and formats, of some of which something is said."""
    made = []
    for place, row in enumerate(rows(COUNT)):
        path = Path(FOLDERS[place % 5]) / f"{place}.jpg"
        time = DAY + timedelta(hours=place)
        stamp = FileStamp(1000 * place, int(time.timestamp()) * 10**9)
        form = ("JPEG", "PNG", "it's")[place % 3]
        said = SAID[place % 4]
        made.append(replace(row, paths=(path,), stamp=stamp, format=form, annotation=said))
    return made


@pytest.fixture(scope="module")
def collection(given: list[Row], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A collection with these images."""
    folder = tmp_path_factory.mktemp("one")
    database = Database(folder / "catalog.sqlite", create=True)
    recorder = Recorder(database)
    recorder.claim("tiny", "f" * 64)
    recorder.record(
        FileRecord(
            row.paths[0],
            Path("/shared"),
            row.stamp,
            row.sha256,
            NewImage(row.sha256, row.format, row.width, row.height, row.vector, "f" * 64),
        )
        for row in given
    )
    Annotations(database).change(
        {row.sha256: {"metadata": row.annotation.metadata, "tags": row.annotation.tags} for row in given}
    )
    return folder


@pytest.fixture(scope="module")
def filled(given: list[Row], tmp_path_factory: pytest.TempPathFactory) -> Table:
    """The same images in a table: some in the indexes, some newer than these."""
    table = Table.create(str(tmp_path_factory.mktemp("many") / "rows.lance"), "tiny", "f" * 64, 8)
    table.add(given[: COUNT // 2])
    table.update_indexes()
    table.add(given[COUNT // 2 :])
    return table


def catalog_of(table: Table) -> TableCatalog:
    return TableCatalog(table, Smalls(table))


def pages(catalog: Catalog | TableCatalog, filters: Filters, limit: int) -> Iterator[ListedImage]:
    """All pages of a list; each begins after the last id of the one before."""
    after = 0
    while page := catalog.listed(filters, after=after, limit=limit):
        ids = [image.image_id for image in page]
        assert len(ids) <= limit
        assert ids == sorted(set(ids))
        assert ids[0] > after
        yield from page
        after = ids[-1]


def without_id(images: Iterator[ListedImage]) -> list[ListedImage]:
    return sorted((replace(image, image_id=0) for image in images), key=lambda image: image.sha256)


@pytest.mark.parametrize(
    ("filters", "some"),
    [
        ({}, True),
        *(({"folder": folder}, True) for folder in (*FOLDERS, "/shared", "/")),
        ({"folder": "/shared/photo"}, False),
        ({"folder": "/shared/photos') OR 1=1 --"}, False),
        ({"since": DAY + timedelta(days=2)}, True),
        ({"until": DAY + timedelta(days=2)}, True),
        ({"since": DAY + timedelta(days=2), "until": datetime(2024, 5, 4)}, True),
        ({"min_bytes": 40_000, "max_bytes": 44_000}, True),
        ({"min_bytes": 2**62}, False),
        ({"format": "jpeg"}, True),
        ({"format": "It's"}, True),
        *(({"format": text}, False) for text in ("' OR '1'='1", "\\' OR 1=1 --", "\0", "'")),
        ({"tag": "sea"}, True),
        ({"tag": ["it's", "back\\slash"]}, True),
        ({"tag": ["it's", "ü😀"]}, False),
        ({"tag": "se"}, False),
        ({"meta": {"shop": 12}}, True),
        ({"meta": {"sold": True, "colour": '"red"'}}, True),
        ({"meta": {"sold": False}}, False),
        ({"tag": "sea", "folder": "/shared/photos", "format": "PNG", "min_bytes": 1}, True),
    ],
    ids=str,
)
def test_a_list_is_that_of_a_collection(
    collection: Path, filled: Table, filters: Filters, some: bool
) -> None:
    wanted = without_id(pages(Catalog(Database(collection / "catalog.sqlite", create=False)), filters, 1000))
    assert bool(wanted) == some
    assert without_id(pages(catalog_of(filled), filters, 7)) == wanted
    assert without_id(pages(catalog_of(filled), filters, 1000)) == wanted


def test_images_by_folder_and_label_are_those_of_a_collection(collection: Path, filled: Table) -> None:
    one, many = Catalog(Database(collection / "catalog.sqlite", create=False)), catalog_of(filled)

    def told(catalog: Catalog | TableCatalog, ids: list[int]) -> set[bytes]:
        assert ids == sorted(set(ids))
        return {image.sha256 for image in catalog.images(ids).values()}

    for folder in (*FOLDERS, "/shared", "/none"):
        both = [told(catalog, catalog.below(Path(folder)).tolist()) for catalog in (one, many)]
        assert both[0] == both[1]
    labels = labels_wanted("sea", {"shop": 12})
    both = [told(catalog, catalog.having(labels).tolist()) for catalog in (one, many)]
    assert both[0] == both[1]
    assert len(both[0]) == COUNT // 4


def test_pages_neither_repeat_nor_hide_while_images_come_and_go(table: Table, rows: MakeRows) -> None:
    table.add(rows(200))
    catalog, random = catalog_of(table), np.random.default_rng(4)
    stay = set(table.ids().tolist())
    seen: list[int] = []
    after, step = 0, 1
    while page := catalog.listed({}, after=after, limit=10):
        seen += [image.image_id for image in page]
        after = seen[-1]
        gone = int(random.choice(sorted(stay)))
        stay.discard(gone)
        table.delete(f"image_id = {gone}")
        table.add(rows(5, seed=step))
        step += 1
    assert len(seen) == len(set(seen))
    assert stay <= set(seen)


def test_lists_outlive_compaction(given: list[Row], table: Table) -> None:
    for start in range(0, 100, 10):
        table.add(given[start : start + 10])
    before = list(pages(catalog_of(table), {"tag": "sea"}, 7))
    table.update_indexes()
    table.at().optimize.compact_files()
    assert list(pages(catalog_of(table), {"tag": "sea"}, 7)) == before
    assert len(before) == 50


def test_what_is_said_goes_from_a_collection_to_a_table_and_back(
    collection: Path, table: Table, tmp_path: Path
) -> None:
    assert copy_from(collection, table) == COUNT
    assert table.sources() == [Path("/shared")]
    assert export(table, tmp_path / "two") == COUNT
    one, two = (
        Catalog(Database(folder / "catalog.sqlite", create=False))
        for folder in (collection, tmp_path / "two")
    )
    assert without_id(pages(one, {}, 1000)) == without_id(pages(two, {}, 1000))
    assert len(two.having(labels_wanted("sea"))) == COUNT // 2


def test_two_imports_of_one_folder_at_the_same_time(table: Table) -> None:
    start = threading.Barrier(4)

    def remember(number: int) -> None:
        own = Table.open(table.uri)
        for step in range(5):
            start.wait()
            own.remember([Path(f"/{step}"), Path(f"/{step}/{number}")])

    with ThreadPoolExecutor(4) as writers:
        list(writers.map(remember, range(4)))
    assert len(table.sources()) == 5 + 5 * 4


def test_sources_are_kept_once_whoever_writes(table: Table, rows: MakeRows) -> None:
    odd = [Path("/shared/\udcff"), Path("/it's = here"), Path("/a"), Path("/b")]
    table.remember(odd[:3])
    version = table.version
    table.remember(odd[:2])
    assert table.version == version
    Table.open(table.uri).remember(odd)
    table.add(rows(3))
    assert table.sources() == sorted(odd)
