"""One row of the table of formulas is all that a new metric takes."""

from __future__ import annotations

from fresh import run_fresh

PROGRAM = """
import numpy as np
from scipy.spatial.distance import cdist
from lookalike.kernels import formulas

def exact(query, rows, _):
    return np.abs(rows - query).max(axis=1)

def screen(queries, rows, _):
    scores = np.abs(queries[:, None] - rows[None]).max(axis=2)
    return formulas.Screen(scores, np.zeros(len(queries)), 4 * float(np.finfo(np.float32).eps))

def pair(query, rows, row, _):
    largest = 0.0
    for place in range(len(query)):
        largest = max(largest, abs(np.float64(query[place]) - np.float64(rows[row, place])))
    return largest

formulas.TABLE["chebyshev"] = formulas.Formula(exact, screen, pair, product=False)

import oracle
from lookalike.index import METRICS, ExactIndex, LSHIndex, Metric
from lookalike.kernels.arrays import frozen
from lookalike.kernels.distances import Ranking, distance

assert "chebyshev" in METRICS and "chebyshev" in oracle.METRICS
random = np.random.default_rng(0)
rows, queries = random.standard_normal((2, 60, 5)).astype(np.float32)
true = cdist(queries[:1], rows, "chebyshev")[0]
np.testing.assert_allclose(oracle.distances("chebyshev", queries[:1], rows)[0], true)
for index in (ExactIndex(5, "chebyshev"), LSHIndex(5, metric="Chebyshev")):
    index.add(range(60), rows)
    found = index.search(queries[0], 60)
    np.testing.assert_array_equal(found.ids[0], np.argsort(true))
    np.testing.assert_allclose(found.distances[0], np.sort(true), rtol=1e-6)
ranking = Ranking(Metric("chebyshev").code, 0.0)
for row in range(60):
    far = distance(ranking, frozen(queries[0]), frozen(rows), row)
    np.testing.assert_allclose(far, true[row], rtol=1e-12)
print("well")
"""


def test_a_row_makes_a_metric_that_scans_and_compiled_functions_know() -> None:
    done = run_fresh(PROGRAM)
    assert (done.returncode, done.stdout) == (0, "well\n"), done.stderr
