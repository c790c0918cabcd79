"""A search by recall leaves no place empty that could be filled."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lookalike.index import LSHIndex
from oracle import Oracle

DIM = 8


def random_vectors(count: int, seed: int = 0) -> NDArray[np.float32]:
    return np.random.default_rng(seed).standard_normal((count, DIM)).astype(np.float32)


def sparse_tables() -> LSHIndex:
    """1,500 rows in 16,384 buckets, nearly all of them empty."""
    index = LSHIndex(DIM, metric="euclidean", tables=4, bits=12)
    index.add(range(1500), random_vectors(1500))
    index.settle()
    return index


def test_answers_are_full_and_true_distances() -> None:
    index, queries = sparse_tables(), random_vectors(40, seed=1)
    found = index.search(queries, 100, recall=0.01)
    assert (found.ids >= 0).all()
    for query, ids, far in zip(queries, found.ids, found.distances, strict=True):
        true = np.linalg.norm(random_vectors(1500)[ids] - query, axis=1)
        np.testing.assert_allclose(far, true, rtol=1e-6)


def test_where_most_rows_are_gone_the_rest_is_still_found() -> None:
    index, oracle = sparse_tables(), Oracle("euclidean")
    index.remove(range(20, 1500))
    oracle.add(range(20), random_vectors(20))
    queries = random_vectors(10, seed=2)
    found = index.search(queries, 25, recall=0.5)
    np.testing.assert_array_equal(found.ids, oracle.search(queries, 25)[0])
    few = index.search(queries, 5, recall=0.5, among=[3, 4, 5, 6, 7, 8, 2000])
    assert (np.isin(few.ids, range(3, 9))).all()


def test_probes_given_by_hand_are_obeyed() -> None:
    index = sparse_tables()
    assert (index.search(random_vectors(10, seed=3), 100, probes=1).ids[:, -1] == -1).all()
