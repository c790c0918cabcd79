"""Recall on real embeddings: what a caller asks for is what a caller gets."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.neighbors import NearestNeighbors

from lookalike.index import LSHIndex

pytestmark = [pytest.mark.shared, pytest.mark.slow]

ROWS, QUERIES, K = 30_000, 300, 10


@pytest.fixture(scope="module")
def embeddings(shared_data: Path) -> NDArray[np.float32]:
    """(80,000, 512) float32 unit rows, shuffled."""
    with np.load(shared_data / "embeddings" / "caltech101-crops-80k.npz") as stored:
        vectors = stored["codes"].astype(np.float32) * stored["scale"]
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors)


def test_recall_is_what_was_asked(embeddings: NDArray[np.float32], tmp_path: Path) -> None:
    rows, queries = embeddings[:ROWS], embeddings[-QUERIES:]
    index = LSHIndex(512)
    index.add(np.arange(ROWS), rows)
    assert index.hashed

    curve = index.recall_curve()
    assert [point.probes for point in curve[:3]] == [4, 8, 16]
    assert all(0 <= point.lower <= point.recall <= 1 for point in curve)
    assert max(point.recall for point in curve) > 0.95

    reference = NearestNeighbors(n_neighbors=K, algorithm="brute", metric="cosine").fit(rows)
    true_distances, true_ids = reference.kneighbors(queries)

    def recall_of(ids: NDArray[np.int64]) -> float:
        pairs = zip(true_ids, ids, strict=True)
        return float(np.mean([np.isin(true, found).mean() for true, found in pairs]))

    for asked in (0.90, 0.95, 0.99):
        for used in (index, _reopened(index, tmp_path)):
            found = used.search(queries, K, recall=asked)
            assert recall_of(found.ids) >= asked - 0.01
            chosen = next((point.probes for point in curve if point.lower >= asked), None)
            assert found.work.probes == QUERIES * (chosen or 0)
            if chosen:  # a small part of what a scan compares
                assert found.work.distances < QUERIES * ROWS / 50

    # Held-out queries see what the curve promised, at every number of probes that it holds.
    for point in curve:
        found = index.search(queries, K, probes=point.probes)
        assert recall_of(found.ids) == pytest.approx(point.recall, abs=0.05)

    exact = index.search(queries, K, recall=1.0)
    assert recall_of(exact.ids) > 0.9999
    np.testing.assert_allclose(exact.distances, true_distances, atol=1e-5)


def _reopened(index: LSHIndex, folder: Path) -> LSHIndex:
    index.save(folder / "index")
    return LSHIndex.load(folder / "index", verify=True)
