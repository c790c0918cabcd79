"""The table: what is written is there once, whoever writes at the same time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import lance
import numpy as np
import pytest

from lookalike.cluster.catalog import Smalls
from lookalike.cluster.ids import id_of
from lookalike.cluster.rows import Row, rows_of
from lookalike.cluster.table import Table
from lookalike.errors import DamagedError, EmbedderMismatch, NotFoundError, UsageError

MakeRows = Callable[..., list[Row]]


def held(table: Table) -> dict[bytes, int]:
    """Ids by SHA-256; every picture must be there once."""
    part = table.at().to_table(columns=["image_id", "sha256"])
    pairs = dict(zip(part["sha256"].to_pylist(), part["image_id"].to_pylist(), strict=True))
    assert len(pairs) == part.num_rows == len(set(pairs.values()))
    return pairs


def test_what_goes_in_comes_out(table: Table, rows: MakeRows) -> None:
    given = rows(20)
    given[3] = replace(given[3], paths=(Path("/a\udcff.png"), Path("/b.png")), small=b"webp", format="PNG")
    given[4] = replace(given[4], doubt="cut short, 98 % read")
    done = table.add(given)
    assert done == {row.sha256: (id_of(row.sha256), True) for row in given}
    kept = {row.sha256: row for row in rows_of(table.at().to_table())}
    assert kept.keys() == done.keys()
    for row in given:
        same = kept[row.sha256]
        np.testing.assert_array_equal(same.vector, row.vector)
        assert replace(same, vector=row.vector) == row
    assert table.small_of(id_of(given[3].sha256)) == b"webp"
    assert table.small_of(id_of(given[4].sha256)) is None


def test_a_table_without_the_column_of_doubts_is_filled_as_ever(tmp_path: Path, rows: MakeRows) -> None:
    uri = str(tmp_path / "old.lance")
    table = Table.create(uri, "lite0", "f", rows(1)[0].vector.size)
    older = table.at()
    older.drop_columns(["doubt"])
    table = Table.open(uri)
    assert "doubt" not in table.at().schema.names
    given = replace(rows(1)[0], doubt="cut short, 98 % read")
    table.add([given])
    (kept,) = rows_of(table.at().to_table())
    assert (kept.sha256, kept.doubt) == (given.sha256, "")


def test_rows_of_a_commit_lie_in_the_order_of_their_ids(table: Table, rows: MakeRows) -> None:
    table.add(rows(200))
    ids = table.ids()
    assert len(ids) == 200
    assert (np.diff(ids) > 0).all()


def test_a_picture_that_is_there_is_not_added_again(table: Table, rows: MakeRows) -> None:
    first = table.add(rows(5))
    version = table.version
    again = table.add([*rows(5), *rows(5)])
    assert again == {sha256: (image_id, False) for sha256, (image_id, _) in first.items()}
    assert table.version == version
    assert len(table) == 5


def test_two_pictures_of_one_id_get_two(table: Table, rows: MakeRows) -> None:
    first, second, third = rows(3)
    second = replace(second, sha256=first.sha256[:8] + second.sha256[8:])
    third = replace(third, sha256=first.sha256[:8] + third.sha256[8:])
    assert table.add([first]) == {first.sha256: (id_of(first.sha256), True)}
    done = table.add([first, second, third])
    assert done[second.sha256] == (id_of(second.sha256, 1), True)
    assert done[third.sha256] == (id_of(third.sha256, 1), True)
    assert len(held(table)) == 3


def test_two_of_one_id_in_one_call(table: Table, rows: MakeRows) -> None:
    first, second = rows(2)
    second = replace(second, sha256=first.sha256[:8] + second.sha256[8:])
    done = table.add([first, second])
    assert done == {first.sha256: (id_of(first.sha256), True), second.sha256: (id_of(second.sha256, 1), True)}
    assert held(table) == {sha256: image_id for sha256, (image_id, _) in done.items()}


def test_writers_at_the_same_time_lose_nothing_and_double_nothing(table: Table, rows: MakeRows) -> None:
    """Four writers add the same pictures and some of their own, and one deletes."""
    common, doomed = rows(60), rows(30, seed=99)
    table.add(doomed)
    start = threading.Barrier(5)
    told: list[dict[bytes, tuple[int, bool]]] = []
    errors: list[Exception] = []

    def write(number: int) -> None:
        try:
            own = Table.open(table.uri)
            start.wait()
            for piece in range(6):
                some = [*common[10 * piece : 10 * piece + 10], *rows(5, seed=100 * number + piece)]
                done = own.add(some)
                told.append(done)
        except Exception as error:  # noqa: BLE001  told by the test
            errors.append(error)

    def delete() -> None:
        own = Table.open(table.uri)
        start.wait()
        for row in doomed:
            assert own.delete(f"image_id = {id_of(row.sha256)}") == 1

    writers = [threading.Thread(target=write, args=(number,)) for number in range(1, 5)]
    writers.append(threading.Thread(target=delete))
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert not errors
    pairs = held(table)
    assert pairs.keys() == {sha256 for done in told for sha256 in done}
    assert len(pairs) == 60 + 4 * 6 * 5
    assert all(pairs[sha256] == image_id for done in told for sha256, (image_id, _) in done.items())


def test_an_old_version_stays_as_it_was(table: Table, rows: MakeRows) -> None:
    table.add(rows(10))
    before = table.version
    table.delete(f"image_id = {table.ids()[0]}")
    table.at().optimize.compact_files()
    assert table.at(before).count_rows() == 10
    assert len(table) == 9


def test_an_index_of_ids_that_is_behind_hides_nothing(table: Table, rows: MakeRows) -> None:
    table.add(rows(10))
    table.update_indexes()
    added = table.add(rows(3, seed=1))
    ids = [image_id for image_id, _ in added.values()]
    assert set(table.holders(ids)) == set(ids)


def test_tables_of_two_networks_do_not_mix(table: Table) -> None:
    with pytest.raises(EmbedderMismatch, match="other"):
        Table.create(table.uri, "other", "e" * 64, 8)


def test_a_vector_of_another_length_is_refused(table: Table, rows: MakeRows) -> None:
    with pytest.raises(UsageError, match="length 8"):
        table.add([replace(rows(1)[0], vector=np.ones(9, np.float32))])


def test_where_there_is_no_table(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="cluster import"):
        Table.open(str(tmp_path / "none"))


def test_another_table_is_refused(tmp_path: Path) -> None:
    import pyarrow as pa

    lance.write_dataset(pa.table({"a": [1]}), str(tmp_path / "other"))
    with pytest.raises(DamagedError, match="no table of pictures"):
        Table.open(str(tmp_path / "other"))


def test_a_small_picture_is_read_from_a_table_once(
    table: Table, rows: MakeRows, monkeypatch: pytest.MonkeyPatch
) -> None:
    (row,) = rows(1)
    table.add([replace(row, small=b"small")])
    (there,) = table.ids().tolist()
    read: list[int] = []
    small_of = table.small_of

    def counted(image_id: int) -> bytes | None:
        read.append(image_id)
        return small_of(image_id)

    monkeypatch.setattr(table, "small_of", counted)
    smalls = Smalls(table)
    assert [smalls.of(number) for number in (there, there, there + 1)] == [b"small", b"small", None]
    assert read == [there, there + 1]
