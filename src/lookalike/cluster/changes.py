"""What changed between two versions of the table, for a shard that holds a range of its ids in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import lance
import numpy as np

from lookalike.cluster.ids import Span
from lookalike.cluster.rows import ids_of, vectors_of
from lookalike.kernels.arrays import Ids, Vectors


@dataclass(frozen=True, slots=True)
class Changes:
    """What a version did to a range of ids.

    Attributes:
        removed: ids that are gone, int64, ascending.
        added: ids that are new, int64, ascending.
        vectors: (added, dim) float32.
    """

    removed: Ids
    added: Ids
    vectors: Vectors


def rows_in(
    dataset: lance.LanceDataset,
    span: Span,
    fragments: Iterable[lance.LanceFragment] | None = None,
    prepare: Callable[[Vectors], Vectors] = lambda vectors: vectors,
) -> tuple[Ids, Vectors]:
    """Read rows into arrays that hold each of them once.

    Args:
        dataset: the table as of a version.
        span: which ids.
        fragments: only rows of these; of all if None.
        prepare: applied to vectors as they are read.

    Returns:
        Ids (n,) int64, ascending, and their vectors (n, dim) float32, C order.
    """
    ids = np.sort(_ids_in(dataset, span, fragments))
    vectors = np.empty((len(ids), dataset.schema.field("vector").type.list_size), np.float32)
    part = None if fragments is None else list(fragments)
    scanner = dataset.scanner(["image_id", "vector"], filter=span.predicate, fragments=part)
    for batch in scanner.to_batches():
        vectors[np.searchsorted(ids, ids_of(batch))] = prepare(vectors_of(batch))
    return ids, vectors


def changes(old: lance.LanceDataset, new: lance.LanceDataset, span: Span) -> Changes:
    """Find what changed in a range of ids from one version to the next.

    Only fragments that came, went or lost rows are read, of those that stay nothing but ids. Rows that a
    compaction moved are in both, so they count as unchanged.
    """
    before, after = ({part.fragment_id: part for part in one.get_fragments()} for one in (old, new))
    came = [part for number, part in after.items() if not _same(before.get(number), part)]
    went = [part for number, part in before.items() if not _same(after.get(number), part)]
    ids_before, ids_after = _ids_in(old, span, went), _ids_in(new, span, came)
    removed = np.setdiff1d(ids_before, ids_after)
    added = np.setdiff1d(ids_after, ids_before)
    if not len(added):
        return Changes(removed, added, np.empty((0, new.schema.field("vector").type.list_size), np.float32))
    ids, vectors = rows_in(new, span, came)
    kept = np.isin(ids, added)
    return Changes(removed, added, vectors[kept])


def _same(one: lance.LanceFragment | None, other: lance.LanceFragment) -> bool:
    return one is not None and one.deletion_file() == other.deletion_file()


def _ids_in(dataset: lance.LanceDataset, span: Span, fragments: Iterable[lance.LanceFragment] | None) -> Ids:
    part = None if fragments is None else list(fragments)
    if part == []:
        return np.empty(0, np.int64)
    return ids_of(dataset.scanner(["image_id"], filter=span.predicate, fragments=part).to_table())
