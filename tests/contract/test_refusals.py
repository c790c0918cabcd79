"""What every index refuses by an error of its own, and that nothing has changed then."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from contenders import Kind, Pair, fill
from lookalike.errors import UsageError
from looped import looped

DIM = 9


def random_vectors(count: int, seed: int = 0) -> NDArray[np.float32]:
    return np.random.default_rng(seed).standard_normal((count, DIM)).astype(np.float32)


@pytest.fixture
def strict(kind: Kind) -> Pair:
    """One of each kind: refusals do not depend on the metric."""
    return fill(Pair(kind, "cosine", DIM))


BAD_ADDS: dict[str, tuple[Any, Any]] = {
    "an id twice": ([901, 901], [[1.0] * DIM] * 2),
    "an id that is there": ([900, 0], [[1.0] * DIM] * 2),
    "a negative id": ([900, -1], [[1.0] * DIM] * 2),
    "an id beyond int64": (np.array([900, 2**63], np.uint64), [[1.0] * DIM] * 2),
    "an id far beyond int64": ([900, 2**70], [[1.0] * DIM] * 2),
    "float ids": ([900.0, 901.0], [[1.0] * DIM] * 2),
    "boolean ids": ([True, False], [[1.0] * DIM] * 2),
    "text ids": (["900", "901"], [[1.0] * DIM] * 2),
    "ragged ids": ([[900], [901, 902]], [[1.0] * DIM] * 3),
    "ids in a square": ([[900, 901], [902, 903]], [[1.0] * DIM] * 4),
    "too few ids": ([900], [[1.0] * DIM] * 2),
    "too many ids": ([900, 901, 902], [[1.0] * DIM] * 2),
    "NaN": ([900, 901], [[1.0] * DIM, [np.nan] + [1.0] * (DIM - 1)]),
    "infinity": ([900, 901], [[1.0] * DIM, [np.inf] + [1.0] * (DIM - 1)]),
    "a value whose square overflows": ([900, 901], [[1.0] * DIM, [1e19] + [1.0] * (DIM - 1)]),
    "a value beyond float32": ([900, 901], [[1.0] * DIM, [1e300] + [1.0] * (DIM - 1)]),
    "short vectors": ([900, 901], [[1.0] * (DIM - 1)] * 2),
    "long vectors": ([900, 901], [[1.0] * (DIM + 1)] * 2),
    "ragged vectors": ([900, 901], [[1.0] * DIM, [1.0] * (DIM - 1)]),
    "a cube": ([900, 901], np.ones((2, 1, DIM))),
    "a number": ([900], 1.0),
    "text": ([900], [["a"] * DIM]),
    "complex numbers": ([900], [[1j] * DIM]),
    "nothing": ([900], None),
}
BAD_REMOVES: dict[str, Any] = {
    "an unknown id": [0, 12_345],
    "an id that is gone": "gone",
    "an id twice": [0, 0],
    "a negative id": [-1],
    "float ids": [0.0],
    "ragged ids": [[0], [0, 1]],
}
BAD_SEARCHES: dict[str, dict[str, Any]] = {
    "k=0": {"k": 0},
    "k=-1": {"k": -1},
    "k=2.0": {"k": 2.0},
    "k=None": {"k": None},
    "k='3'": {"k": "3"},
    "recall=0": {"recall": 0},
    "recall=-0.1": {"recall": -0.1},
    "recall=1.01": {"recall": 1.01},
    "recall=NaN": {"recall": float("nan")},
    "recall='0.9'": {"recall": "0.9"},
    "probes=0": {"probes": 0},
    "probes=-3": {"probes": -3},
    "probes=1.5": {"probes": 1.5},
    "recall and probes": {"recall": 0.9, "probes": 3},
    "NaN": {"queries": [np.nan] * DIM},
    "infinity": {"queries": [[-np.inf] * DIM]},
    "a short query": {"queries": [1.0] * (DIM - 1)},
    "a ragged batch": {"queries": [[1.0] * DIM, [1.0]]},
    "a cube": {"queries": np.ones((1, 1, DIM))},
    "a text": {"queries": "picture.jpg"},
}


@looped("case", BAD_ADDS)
def test_a_bad_add_changes_nothing(strict: Pair, case: str) -> None:
    ids, vectors = BAD_ADDS[case]
    with pytest.raises(UsageError):
        strict.index.add(ids, vectors)
    assert len(strict.index) == len(strict.oracle)
    strict.check(random_vectors(2, seed=1), 80)
    strict.add([900, 901], random_vectors(2, seed=5))
    strict.check(random_vectors(2, seed=1), 82)
    strict.remove([900, 901])


@looped("case", BAD_REMOVES)
def test_a_bad_remove_changes_nothing(strict: Pair, case: str) -> None:
    gone = strict.oracle.ids()[1:2]  # a row of the tables
    strict.remove(gone)
    ids = gone if BAD_REMOVES[case] == "gone" else BAD_REMOVES[case]
    with pytest.raises(UsageError):
        strict.index.remove(ids)
    assert len(strict.index) == len(strict.oracle)
    strict.check(random_vectors(2, seed=1), 80)


@looped("case", BAD_SEARCHES)
def test_a_bad_search_is_refused(strict: Pair, case: str) -> None:
    with pytest.raises(UsageError):
        strict.index.search(**{"queries": random_vectors(1), "k": 3, **BAD_SEARCHES[case]})


@looped("dim", [0, -4, 2.5, "9", None])
def test_a_bad_length_is_refused(kind: Kind, dim: Any) -> None:
    with pytest.raises(UsageError, match="dim"):
        kind.make(dim, "cosine")


@looped("name", ["", "cosin", "cosine:", "minkowski:0.5", "minkowski:21", "minkowski:", None, 2])
def test_a_bad_metric_is_refused(kind: Kind, name: Any) -> None:
    with pytest.raises(UsageError, match="metric"):
        kind.make(4, name)
