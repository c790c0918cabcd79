"""The estimator, against scikit-learn's own checks and its exact search."""

from __future__ import annotations

import copy
import doctest
import inspect
import pickle
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.sparse import csr_array, csr_matrix
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.exceptions import NotFittedError
from sklearn.manifold import Isomap
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier, KNeighborsTransformer, NearestNeighbors
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from lookalike.compat import neighbors
from lookalike.compat.neighbors import LSHNeighbors
from lookalike.errors import UsageError
from lookalike.index import ExactIndex, LSHIndex
from lookalike.index.settings import SCAN_BELOW

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "neighbors.md"
METRICS = ("euclidean", "cosine", "manhattan", "minkowski:3", "minkowski:1.5")


def random_rows(count: int, seed: int = 0) -> NDArray[np.float32]:
    return np.random.default_rng(seed).standard_normal((count, 7)).astype(np.float32)


def theirs(metric: str = "euclidean", **parameters: Any) -> NearestNeighbors:
    """Exact search in float64 by definition."""
    name, _, power = metric.partition(":")
    exponent = {"p": float(power)} if power else {}
    return NearestNeighbors(algorithm="brute", metric=name, **exponent, **parameters)


def check_answers(ours: Any, expected: Any) -> None:
    """Equal rows, and distances equal within the rounding to float32."""
    for our_distances, our_rows, their_distances, their_rows in zip(*ours, *expected, strict=True):
        np.testing.assert_array_equal(our_rows, their_rows)
        np.testing.assert_allclose(our_distances, their_distances, rtol=2e-6, atol=3e-7)


@parametrize_with_checks(
    [
        LSHNeighbors(n_neighbors=2),
        LSHNeighbors(n_neighbors=2, metric="cosine", tables=2, bits=3),
    ]
)
def test_scikit_learns_checks(estimator: LSHNeighbors, check: Any) -> None:
    check(estimator)


@pytest.mark.parametrize("metric", METRICS)
def test_an_exact_search_is_scikit_learns(metric: str) -> None:
    rows, queries = random_rows(300), random_rows(40, seed=1)
    ours = LSHNeighbors(metric=metric, recall=1, tables=3, bits=4).fit(rows)
    judge = theirs(metric).fit(rows.astype(np.float64))
    check_answers(ours.kneighbors(queries), judge.kneighbors(queries))
    check_answers(ours.kneighbors(queries, 300), judge.kneighbors(queries, 300))
    check_answers(ours.kneighbors(n_neighbors=9), judge.kneighbors(n_neighbors=9))
    np.testing.assert_array_equal(
        ours.kneighbors(queries, return_distance=False), judge.kneighbors(queries, return_distance=False)
    )


@pytest.mark.parametrize("metric", METRICS)
def test_a_radius_is_scikit_learns(metric: str) -> None:
    rows, queries = random_rows(300), random_rows(40, seed=1)
    radius = float(np.median(theirs(metric).fit(rows).kneighbors(queries, 2)[0]))
    ours = LSHNeighbors(metric=metric, radius=radius, recall=1, tables=3, bits=4).fit(rows)
    judge = theirs(metric, radius=radius).fit(rows.astype(np.float64))
    expected = judge.radius_neighbors(queries, sort_results=True)
    counts = {len(found) for found in expected[1]}
    assert min(counts) == 0
    assert max(counts) >= 5
    check_answers(ours.radius_neighbors(queries), expected)
    check_answers(ours.radius_neighbors(queries, sort_results=True), expected)
    check_answers(ours.radius_neighbors(), judge.radius_neighbors(sort_results=True))
    check_answers(
        ours.radius_neighbors(queries, radius / 2),
        judge.radius_neighbors(queries, radius / 2, sort_results=True),
    )
    for found, wanted in zip(ours.radius_neighbors(queries, return_distance=False), expected[1], strict=True):
        np.testing.assert_array_equal(found, wanted)


def test_a_radius_includes_its_border() -> None:
    ours = LSHNeighbors().fit([[0.0], [0.1], [0.3], [1.0]])
    for radius, count in ((0.0, 1), (0.1, 2), (0.3, 3), (0.999, 3), (1.0, 4)):
        assert len(ours.radius_neighbors([[0.0]], radius)[1][0]) == count


def test_answers_of_one_length_are_still_one_array_each() -> None:
    distances, rows = LSHNeighbors(radius=1).fit([[0.0], [1.0], [5.0], [6.0]]).radius_neighbors()
    assert rows.shape == distances.shape == (4,)
    assert [found.tolist() for found in rows] == [[1], [0], [3], [2]]


def test_graphs_are_scikit_learns() -> None:
    rows, queries = random_rows(80), random_rows(20, seed=1)
    ours = LSHNeighbors(radius=2.2).fit(rows)
    judge = theirs(radius=2.2).fit(rows.astype(np.float64))
    for name in ("kneighbors_graph", "radius_neighbors_graph"):
        for asked in (queries, None):
            for mode in ("connectivity", "distance"):
                graph = getattr(ours, name)(asked, mode=mode)
                expected = getattr(judge, name)(asked, mode=mode)
                assert type(graph) is type(expected)
                assert graph.nnz == expected.nnz > 0
                np.testing.assert_allclose(graph.toarray(), expected.toarray(), rtol=2e-6)
    assert ours.kneighbors_graph(queries, 3).nnz == 60


def test_transform_is_scikit_learns() -> None:
    rows, queries = random_rows(80), random_rows(20, seed=1)
    ours = LSHNeighbors(n_neighbors=4)
    judge = KNeighborsTransformer(n_neighbors=4, algorithm="brute")
    fitted, expected = ours.fit_transform(rows), judge.fit_transform(rows.astype(np.float64))
    assert fitted.nnz == expected.nnz == 400  # each row and its four neighbours
    np.testing.assert_allclose(fitted.toarray(), expected.toarray(), rtol=2e-6, atol=1e-6)
    np.testing.assert_allclose(
        ours.transform(queries).toarray(), judge.transform(queries.astype(np.float64)).toarray(), rtol=2e-6
    )
    assert list(ours.get_feature_names_out())[-1] == "lshneighbors79"


def test_types_of_answers() -> None:
    distances, rows = LSHNeighbors().fit(random_rows(9).astype(np.float64)).kneighbors()
    assert (distances.dtype, rows.dtype) == (np.float32, np.int64)
    distances, rows = LSHNeighbors(radius=2).fit(random_rows(9)).radius_neighbors()
    assert (distances[0].dtype, rows[0].dtype) == (np.float32, np.int64)


def test_a_row_is_never_its_own_neighbour_even_among_copies() -> None:
    rows = np.repeat(random_rows(3), 20, axis=0)
    distances, found = LSHNeighbors(n_neighbors=4).fit(rows).kneighbors()
    assert (found != np.arange(60)[:, None]).all()
    assert (found // 20 == np.arange(60)[:, None] // 20).all()
    assert (distances == 0).all()
    assert all(len(set(answer)) == 4 for answer in found.tolist())


@pytest.mark.shared
def test_recall_on_photographs(shared_data: Path) -> None:
    with np.load(shared_data / "embeddings" / "caltech101-crops-80k.npz") as file:
        codes = file["codes"][:6000].astype(np.float32) * file["scale"]
    vectors = codes / np.linalg.norm(codes, axis=1, keepdims=True)
    rows, queries = vectors[:5500], vectors[5500:]
    expected_distances, expected = theirs("cosine").fit(rows).kneighbors(queries, 10)
    reached = {}
    for recall in (0.5, 0.95, 1):
        ours = LSHNeighbors(metric="cosine", recall=recall, tables=4, bits=8).fit(rows)
        distances, found = ours.kneighbors(queries, 10)
        reached[recall] = np.mean(
            [np.isin(right, answer).mean() for right, answer in zip(expected, found, strict=True)]
        )
        true = 1 - np.einsum("qd,qkd->qk", queries, rows[found])
        np.testing.assert_allclose(distances, true, atol=1e-5)
        assert (distances >= expected_distances - 1e-5).all()
    assert 0.45 < reached[0.5] < reached[0.95] < 1
    assert reached[0.95] > 0.93  # 0.95 less three standard errors of 500 queries
    assert reached[1] > 0.999  # all but ties


def test_there_are_always_as_many_neighbours_as_were_asked_for() -> None:
    rows = random_rows(2000)
    ours = LSHNeighbors(recall=0.3, tables=1, bits=6).fit(rows)
    judge = theirs().fit(rows.astype(np.float64))
    for queries, asked in ((rows * 2, rows * 2), (rows, None)):
        distances, found = ours.kneighbors(asked, 99)
        assert found.min() >= 0
        assert (np.diff(np.sort(found, axis=1)) > 0).all()
        true = np.linalg.norm(queries[:, None] - rows[found], axis=2)
        np.testing.assert_allclose(distances, true, rtol=2e-6)
        assert (np.diff(distances) >= 0).all()
        exact = judge.kneighbors(asked, 99, return_distance=False)
        assert (found != exact).any(axis=1).mean() > 0.2  # the tables were used


def test_one_row() -> None:
    ours = LSHNeighbors().fit([[1.0, 2.0]])
    assert ours.kneighbors([[1.0, 2.0]], 1)[1].tolist() == [[0]]
    assert ours.radius_neighbors()[1][0].tolist() == []
    with pytest.raises(UsageError, match=r"n_neighbors = 1 is too many: with n_samples_fit = 1 .* 0"):
        ours.kneighbors(n_neighbors=1)


def test_the_seed_decides_the_answers() -> None:
    rows = random_rows(2000)

    def answers(seed: int) -> Any:
        ours = LSHNeighbors(recall=0.05, tables=2, bits=9, seed=seed)
        return ours.fit(rows).kneighbors(return_distance=False)

    np.testing.assert_array_equal(answers(1), answers(1))
    assert (answers(1) != answers(2)).any()


def test_rows_changed_after_fit_change_nothing() -> None:
    rows = random_rows(50)
    ours = LSHNeighbors().fit(rows)
    before = ours.kneighbors()
    rows[:] = 0
    check_answers(ours.kneighbors(), before)
    check_answers(pickle.loads(pickle.dumps(ours)).kneighbors(), before)


@pytest.mark.parametrize("again", [copy.deepcopy, lambda it: pickle.loads(pickle.dumps(it))])
def test_copies_answer_alike_even_after_parameters_were_set_anew(again: Any) -> None:
    ours = LSHNeighbors(recall=0.3, tables=2, bits=8).fit(random_rows(1500))
    ours.set_params(metric="cosine", tables=1, bits=2, seed=9)  # not in force until the next fit
    twin = again(ours)
    assert twin.get_params() == ours.get_params()
    for asked in (random_rows(30, seed=1), None):
        for one, other in zip(ours.kneighbors(asked), twin.kneighbors(asked), strict=True):
            np.testing.assert_array_equal(one, other)


def test_a_pickle_holds_the_rows_once_and_little_else() -> None:
    rows = random_rows(3000)
    size = len(pickle.dumps(LSHNeighbors(tables=8, bits=8).fit(rows)))
    assert rows.nbytes < size < rows.nbytes + 2000


def test_an_unfitted_estimator_can_be_pickled_and_cloned() -> None:
    ours = LSHNeighbors(n_neighbors=3, recall=0.7)
    assert pickle.loads(pickle.dumps(ours)).get_params() == ours.get_params()
    assert clone(ours).get_params() == ours.get_params()
    assert clone(ours).fit(random_rows(9)).kneighbors()[1].shape == (9, 3)


def test_a_pipeline_classifies_like_scikit_learn() -> None:
    images, digits = load_digits(return_X_y=True)
    ours = make_pipeline(LSHNeighbors(n_neighbors=7), KNeighborsClassifier(7, metric="precomputed"))
    judge = KNeighborsClassifier(7, algorithm="brute")
    predicted = ours.fit(images[:1200], digits[:1200]).predict(images[1200:])
    np.testing.assert_array_equal(predicted, judge.fit(images[:1200], digits[:1200]).predict(images[1200:]))


def test_a_search_for_parameters_on_several_cores() -> None:
    images, digits = load_digits(return_X_y=True)
    pipeline = make_pipeline(LSHNeighbors(n_neighbors=7), KNeighborsClassifier(metric="precomputed"))
    grid = {"lshneighbors__metric": ["cosine", "manhattan"], "kneighborsclassifier__n_neighbors": [1, 7]}
    best = GridSearchCV(pipeline, grid, cv=3, n_jobs=2).fit(images[:600], digits[:600])
    assert best.score(images[600:], digits[600:]) > 0.9


def test_a_map_from_its_graph_is_scikit_learns() -> None:
    images = load_digits().data[:300]
    images += np.random.default_rng(0).random(images.shape) / 10  # so that no distances are equal
    ours = make_pipeline(LSHNeighbors(n_neighbors=12), Isomap(n_neighbors=12, metric="precomputed"))
    judge = Isomap(n_neighbors=12)
    places, expected = ours.fit_transform(images), judge.fit_transform(images)
    np.testing.assert_allclose(np.abs(places), np.abs(expected), atol=1e-2)  # an axis may be turned round
    np.testing.assert_allclose(ours[-1].dist_matrix_, judge.dist_matrix_, rtol=1e-5)


@pytest.mark.parametrize(
    ("parameters", "complaint"),
    [
        ({"metric": "minkowski"}, "means something else in scikit-learn"),
        ({"metric": "hamming"}, "means something else in scikit-learn"),
        ({"metric": "precomputed"}, "unknown metric 'precomputed'"),
        ({"tables": 0}, "tables"),
        ({"bits": 99}, "bits"),
        ({"seed": -1}, "seed"),
    ],
)
def test_parameters_that_make_no_sense_are_refused_by_fit(parameters: dict[str, Any], complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        LSHNeighbors(**parameters).fit(random_rows(9))


@pytest.mark.parametrize(
    ("parameters", "call", "complaint"),
    [
        ({"n_neighbors": 0}, lambda it: it.kneighbors(), "n_neighbors must be .* not 0"),
        ({}, lambda it: it.kneighbors(n_neighbors=2.5), "n_neighbors must be .* not 2.5"),
        ({}, lambda it: it.kneighbors(n_neighbors=9), "n_neighbors = 9 is too many: .* has 8"),
        ({}, lambda it: it.kneighbors(random_rows(2), 10), "n_neighbors = 10 is too many: .* has 9"),
        ({"n_neighbors": 9}, lambda it: it.transform(random_rows(2)), "n_neighbors = 10 is too many"),
        ({"recall": 0}, lambda it: it.kneighbors(), "recall must be"),
        ({"recall": 2}, lambda it: it.radius_neighbors(), "recall must be"),
        ({}, lambda it: it.radius_neighbors(radius=-1), "radius must be"),
        ({"radius": "far"}, lambda it: it.radius_neighbors(), "radius must be"),
        ({}, lambda it: it.kneighbors_graph(mode="both"), "mode must be .* not 'both'"),
        ({}, lambda it: it.radius_neighbors_graph(mode="both"), "mode must be .* not 'both'"),
    ],
)
def test_questions_that_make_no_sense_are_refused(
    parameters: dict[str, Any], call: Any, complaint: str
) -> None:
    with pytest.raises(UsageError, match=complaint):
        call(LSHNeighbors(**parameters).fit(random_rows(9)))


@pytest.mark.parametrize(
    ("rows", "error", "complaint"),
    [
        (csr_array(np.eye(3)), TypeError, "[Ss]parse"),
        (csr_matrix(np.eye(3)), TypeError, "[Ss]parse"),
        ([[0.0, np.nan, 1.0]], ValueError, "NaN"),
        ([[0.0, np.inf, 1.0]], ValueError, "infinity"),
        ([[0.0, 1e300, 1.0]], UsageError, "within"),
        ([[0.0, 1e20, 1.0]], UsageError, "within"),
        ([0.0, 1.0, 2.0], ValueError, "2D array"),
        (np.empty((0, 3)), ValueError, "0 sample"),
        ([["a", "b", "c"]], ValueError, "could not convert"),
    ],
)
def test_rows_that_make_no_sense_are_refused(rows: Any, error: type[Exception], complaint: str) -> None:
    with pytest.raises(error, match=complaint):
        LSHNeighbors().fit(rows)
    fitted = LSHNeighbors(n_neighbors=1).fit(np.eye(3))
    for ask in (fitted.kneighbors, fitted.radius_neighbors, fitted.transform):
        with pytest.raises(error, match=complaint):
            ask(rows)


def test_an_unfitted_estimator_says_so() -> None:
    ours = LSHNeighbors()
    for ask in (ours.kneighbors, ours.radius_neighbors, ours.transform, ours.kneighbors_graph):
        with pytest.raises(NotFittedError):
            ask(random_rows(2))


def run(program: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout.strip()


def test_without_scikit_learn_the_error_says_what_to_install() -> None:
    told = run(
        "import sys; sys.modules['sklearn'] = None\n"
        "import lookalike.compat\n"
        "from lookalike.errors import MissingExtra\n"
        "try:\n    import lookalike.compat.neighbors\n"
        "except MissingExtra as error:\n    print(error)"
    )
    assert told.endswith("needs scikit-learn 1.6 or newer: pip install 'lookalike[sklearn]'")
    written = (DOCUMENT.parents[1] / "pyproject.toml").read_text(encoding="utf-8")
    assert '\nsklearn = ["scikit-learn>=1.6,' in written


def test_nothing_else_imports_scikit_learn() -> None:
    modules = "lookalike, lookalike.compat, lookalike.index.classify, lookalike.collection"
    assert run(f"import sys, {modules}; print('sklearn' in sys.modules)") == "False"


def test_what_the_documentation_shows_works() -> None:
    result = doctest.testfile(str(DOCUMENT), module_relative=False)
    assert result.failed == 0
    assert result.attempted > 15
    assert doctest.testmod(neighbors).failed == 0


def test_the_documentation_names_what_there_is() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert f"fewer than {SCAN_BELOW:,} rows" in text
    table = text.split("| FAISS |")[1]
    ours = "".join(line.split("|")[2] for line in table.splitlines()[2:])
    calls = re.findall(r"\.(\w+)\(([^)]*)\)", ours)
    assert {name for name, _ in calls} == {"add", "remove", "search", "within", "save", "load"}
    for name, given in calls:
        known = inspect.signature(getattr(LSHIndex, name)).parameters
        assert {word.split("=")[0] for word in given.split(", ")} <= set(known)
    assert {"recall", "probes", "among"} <= set(inspect.signature(ExactIndex.search).parameters)
