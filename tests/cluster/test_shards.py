"""Shards: which rows they own, and that they follow the table whatever happens to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from local_shards import FINGERPRINT, LocalShards
from lookalike.cluster.ids import Span, spans
from lookalike.cluster.index import ClusterIndex
from lookalike.cluster.rows import Row
from lookalike.cluster.shard import Shard
from lookalike.cluster.table import Table
from lookalike.errors import Busy, EmbedderMismatch, UsageError
from lookalike.index import ExactIndex

MakeRows = Callable[..., list[Row]]


def held(shards: list[Shard]) -> list[int]:
    """Ids in the memory of shards, each of which must be in one."""
    found = [int(i) for shard in shards for i in shard._index.ids()]
    assert len(found) == len(set(found))
    return sorted(found)


@pytest.mark.parametrize("count", [1, 2, 3, 7, 4096])
def test_every_id_belongs_to_one_shard(count: int) -> None:
    ranges = spans(count)
    assert [one.end for one in ranges[:-1]] == [one.start for one in ranges[1:]]
    assert (ranges[0].start, ranges[-1].end) == (0, None)
    lengths = {one.end - one.start for one in ranges if one.end is not None}
    assert max(lengths, default=0) - min(lengths, default=0) <= 1


@pytest.mark.parametrize("count", [0, 4097])
def test_a_number_of_shards_that_makes_no_sense(count: int) -> None:
    with pytest.raises(UsageError, match="shards"):
        spans(count)


def test_shards_are_about_equal(table: Table, rows: MakeRows) -> None:
    table.add(rows(3000))
    sizes = [len(Shard(table, span)) for span in spans(4)]
    assert sum(sizes) == 3000
    assert min(sizes) > 650


def test_shards_follow_additions_deletions_and_compaction(table: Table, rows: MakeRows) -> None:
    table.add(rows(300))
    shards = [Shard(table, span) for span in spans(3)]
    random = np.random.default_rng(1)
    for step in range(1, 9):
        table.add(rows(20, seed=step))
        gone = random.choice(table.ids(), 7, replace=False)
        table.delete(f"image_id IN ({','.join(map(str, gone.tolist()))})")
        if step % 3 == 0:
            table.at().optimize.compact_files()
        if step % 2 == 0:
            for shard in shards:
                shard.reach(table.version)
            assert held(shards) == sorted(table.ids().tolist())
    late = [Shard(table, span) for span in spans(3)]
    assert [len(shard) for shard in late] == [len(shard) for shard in shards]
    queries = np.array([row.vector for row in rows(10, seed=77)])
    for one, other in zip(shards, late, strict=True):
        a, b = (s.search(queries, 5, table.version, FINGERPRINT, exact=True) for s in (one, other))
        np.testing.assert_array_equal(a.ids, b.ids)
        np.testing.assert_array_equal(a.distances, b.distances)


def test_a_shard_that_missed_versions_loads_anew(table: Table, rows: MakeRows) -> None:
    table.add(rows(50))
    shard = Shard(table, Span())
    doomed = int(table.ids()[0])
    table.delete(f"image_id = {doomed}")
    table.add(rows(5, seed=1))
    table.at().optimize.compact_files(materialize_deletions_threshold=0.0)
    newest = Table.open(table.uri)
    newest.at().cleanup_old_versions(older_than=timedelta(0), delete_unverified=True)
    shard.reach(table.version)
    assert held([shard]) == sorted(newest.ids().tolist())
    assert doomed not in held([shard])


def test_what_others_write_is_followed_unasked(table: Table, rows: MakeRows) -> None:
    from ray_nodes import wait_for

    shard = Shard(table, Span())
    shard.follow()
    try:
        done = Table.open(table.uri).add(rows(5))
        wait_for(lambda: len(shard) == 5)
        image_id, _ = next(iter(done.values()))
        Table.open(table.uri).delete(f"image_id = {image_id}")
        wait_for(lambda: len(shard) == 4)
    finally:
        shard.close()


def test_a_picture_that_comes_back_is_found_again(table: Table, rows: MakeRows) -> None:
    (row,) = rows(1)
    shard = Shard(table, Span())
    for _ in range(2):
        ((image_id, new),) = table.add([row]).values()
        assert new
        found = shard.search(row.vector, 1, table.version, FINGERPRINT)
        assert found.ids.tolist() == [[image_id]]
        table.delete(f"image_id = {image_id}")
        assert shard.search(row.vector, 1, table.version, FINGERPRINT).ids.tolist() == [[-1]]


def test_a_version_that_is_not_there_yet(table: Table) -> None:
    with pytest.raises(Busy, match="not yet"):
        Shard(table, Span()).reach(table.version + 1)


def test_a_query_of_another_network_is_refused(table: Table, rows: MakeRows) -> None:
    table.add(rows(2))
    with pytest.raises(EmbedderMismatch):
        Shard(table, Span()).search(rows(1)[0].vector, 1, 0, "e" * 64)


class _Deaf(LocalShards):
    """Shards of which the last one never answers."""

    def ask(self, method: str, *arguments: Any, **named: Any) -> list[Any]:
        return [*super().ask(method, *arguments, **named)[:-1], None]


def test_without_a_shard_there_is_no_answer_unless_it_may_be_partial(table: Table, rows: MakeRows) -> None:
    table.add(rows(200))
    shards = [Shard(table, span) for span in spans(3)]
    index = ClusterIndex(table, _Deaf(shards))
    query = rows(1, seed=9)[0].vector
    with pytest.raises(Busy, match="1 of 3 shards"):
        index.search(query, 5)
    with pytest.raises(Busy):
        index.within(query, 0.5)
    partial = index.asked(table, partial=True)
    there = ExactIndex(table.dim)
    for shard in shards[:2]:
        ids = shard._index.ids()
        there.add(ids, np.array([_vector(table, i) for i in ids.tolist()]))
    assert partial.search(query, 5, exact=True).ids.tolist() == there.search(query, 5).ids.tolist()
    assert (partial.missing, index.missing) == (1, 1)


def _vector(table: Table, image_id: int) -> Any:
    return table.images([image_id])[0].facts.vector


def test_recall_is_what_was_asked_over_all_shards(table: Table, rows: MakeRows) -> None:
    """Shards with tables are asked for 0.9; the share of the true nearest is at least that."""
    random = np.random.default_rng(2)
    middles = random.standard_normal((60, 8))
    vectors = middles[random.integers(0, 60, 6000)] + 0.3 * random.standard_normal((6000, 8))
    vectors = np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)
    given = [replace(row, vector=vector) for row, vector in zip(rows(6000), vectors, strict=True)]
    table.add(given)
    shards = [Shard(table, span, tables=6, bits=7) for span in spans(2)]
    index = ClusterIndex(table, LocalShards(shards))
    queries = vectors[::30]
    for shard in shards:  # enough scans that the compiled kernels are worth loading
        assert shard.hashed
    found = index.search(queries, 10, recall=0.9)
    true = index.search(queries, 10, exact=True)
    share = np.mean([np.isin(a, b).mean() for a, b in zip(true.ids, found.ids, strict=True)])
    assert share >= 0.89
