"""The vote of the nearest, against scikit-learn, against cases made by hand, and against a plain twin."""

from __future__ import annotations

import doctest
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import ArrayLike, NDArray
from sklearn.datasets import load_digits
from sklearn.neighbors import KNeighborsClassifier

from lookalike.errors import UsageError
from lookalike.index import Classifier, ExactIndex, LSHIndex, classify


def on_a_line(places: list[float], labels: ArrayLike, ids: list[int] | None = None) -> Classifier:
    """A classifier of one-dimensional rows with ids 0, 1, 2 … unless said otherwise."""
    index = ExactIndex(1, "euclidean")
    ids = list(range(len(places))) if ids is None else ids
    index.add(ids, np.reshape(places, (-1, 1)))
    return Classifier(index, ids, labels)


def theirs(vectors: Any, labels: Any, k: int, metric: str) -> KNeighborsClassifier:
    return KNeighborsClassifier(k, algorithm="brute", metric=metric).fit(vectors, labels)


def check_against_scikit_learn(
    classifier: Classifier, judge: KNeighborsClassifier, queries: NDArray[Any], k: int
) -> float:
    """Votes must be equal, and labels where no vote ties; returns the share of queries without a tie."""
    votes = classifier.votes(queries, k)
    np.testing.assert_array_equal(classifier.classes, judge.classes_)
    np.testing.assert_array_equal(votes, np.rint(judge.predict_proba(queries) * k))
    clear = np.count_nonzero(votes == votes.max(axis=1, keepdims=True), axis=1) == 1
    np.testing.assert_array_equal(classifier.predict(queries, k)[clear], judge.predict(queries)[clear])
    return float(clear.mean())


@pytest.mark.parametrize("k", [1, 2, 7, 30])
@pytest.mark.parametrize("metric", ["euclidean", "cosine", "manhattan"])
def test_random_rows_get_the_labels_of_scikit_learn(metric: str, k: int) -> None:
    random = np.random.default_rng(k)
    vectors = random.standard_normal((300, 6)).astype(np.float32)
    queries = random.standard_normal((150, 6)).astype(np.float32)
    labels = random.choice(["ant", "bee", "cat", "dog"], 300)
    ids = random.permutation(10_000)[:300]
    index = ExactIndex(6, metric)
    index.add(ids, vectors)
    clear = check_against_scikit_learn(
        Classifier(index, ids, labels), theirs(vectors, labels, k, metric), queries, k
    )
    assert clear > 0.2  # two voters with four labels mostly tie


def test_digits_get_the_labels_of_scikit_learn() -> None:
    images, digits = load_digits(return_X_y=True)
    index = LSHIndex(64, metric="cosine")
    index.add(range(1300), images[:1300])
    judge = theirs(images[:1300], digits[:1300], 5, "cosine")
    classifier = Classifier(index, range(1300), digits[:1300])
    assert check_against_scikit_learn(classifier, judge, images[1300:], 5) > 0.95


@pytest.mark.shared
def test_photographs_get_the_labels_of_scikit_learn(shared_data: Path) -> None:
    with np.load(shared_data / "embeddings" / "caltech101-crops-80k.npz") as file:
        codes = file["codes"][:4000].astype(np.float32) * file["scale"]
    vectors = codes / np.linalg.norm(codes, axis=1, keepdims=True)
    # On which side of a plane: neighbours agree more often than not.
    labels = vectors @ np.random.default_rng(0).standard_normal(vectors.shape[1]) > 0
    index = LSHIndex(vectors.shape[1])
    index.add(range(3000), vectors[:3000])
    judge = theirs(vectors[:3000], labels[:3000], 9, "cosine")
    classifier = Classifier(index, range(3000), labels[:3000])
    assert check_against_scikit_learn(classifier, judge, vectors[3000:], 9) == 1  # nine votes on two labels


def test_most_votes_win_over_the_nearest() -> None:
    assert on_a_line([0, 1, 2], ["near", "far", "far"]).predict([0.0], k=3).tolist() == ["far"]


def test_tied_votes_go_to_the_label_with_the_nearest_voter() -> None:
    # 1 + 1 votes; "b" is nearer although "a" is the smaller label and has the smaller id.
    assert on_a_line([3, 1], ["a", "b"]).predict([0.0], k=2).tolist() == ["b"]
    # 2 + 2 votes; "a" has the nearer second voter, "b" the nearest.
    assert on_a_line([2, 3, 1, 9], ["a", "a", "b", "b"]).predict([0.0], k=4).tolist() == ["b"]
    # "c" is nearest of all but has fewer votes than the tied "a" and "b".
    assert on_a_line([0, 4, 5, 2, 9], ["c", "a", "a", "b", "b"]).predict([0.0], k=5).tolist() == ["b"]


def test_tied_votes_at_one_distance_go_to_the_smaller_label() -> None:
    assert on_a_line([1, -1], ["b", "a"]).predict([0.0], k=2).tolist() == ["a"]
    assert on_a_line([1, -1], [10, 9]).predict([0.0], k=2).tolist() == [9]
    assert on_a_line([1, -1, 5, 2], ["b", "a", "b", "a"]).predict([0.0], k=4).tolist() == ["a"]


def test_each_query_has_its_own_vote() -> None:
    classifier = on_a_line([0, 1, 10, 11], [False, False, True, True])
    assert classifier.predict([[0.2], [10.6], [0.9]], k=3).tolist() == [False, True, False]
    assert classifier.votes([[0.2], [10.6]], k=3).tolist() == [[2, 1], [1, 2]]
    assert classifier.predict(np.empty((0, 1)), k=3).shape == (0,)
    assert classifier.votes(np.empty((0, 1)), k=3).shape == (0, 2)


def test_fewer_rows_than_voters() -> None:
    classifier = on_a_line([0, 1], ["a", "b"])
    assert classifier.votes([0.9], k=50).tolist() == [[1, 1]]
    assert classifier.predict([0.9], k=50).tolist() == ["b"]


def test_the_index_may_change() -> None:
    index = ExactIndex(1, "euclidean")
    classifier = Classifier(index, [4, 9], ["old", "new"])
    index.add([4], [[0.0]])
    assert classifier.predict([1.0], k=1).tolist() == ["old"]
    index.add([9], [[1.0]])
    assert classifier.predict([1.0], k=1).tolist() == ["new"]
    index.remove([9])
    assert classifier.predict([1.0], k=1).tolist() == ["old"]


def test_labels_keep_their_type() -> None:
    assert on_a_line([0], [True]).predict([0.0], k=1).dtype == np.bool_
    assert on_a_line([0], np.array([7], np.int16)).predict([0.0], k=1).dtype == np.int16
    objects = np.array(["b", "longer than others"], object)
    assert on_a_line([0, 1], objects).predict([[0.0], [1.0]], k=1).tolist() == objects.tolist()


def test_an_empty_index_is_refused() -> None:
    classifier = Classifier(ExactIndex(2), [1], ["a"])
    for ask in (classifier.predict, classifier.votes):
        with pytest.raises(UsageError, match="the index is empty"):
            ask([[0.0, 1.0]], k=1)


def test_a_neighbour_without_a_label_is_refused() -> None:
    index = ExactIndex(1, "euclidean")
    index.add([3, 8, 20], [[0.0], [1.0], [2.0]])
    classifier = Classifier(index, [3, 8], ["a", "b"])
    assert classifier.predict([0.0], k=2).tolist() == ["a"]
    with pytest.raises(UsageError, match="id 20 is a neighbour but has no label"):
        classifier.predict([0.0], k=3)
    with pytest.raises(UsageError, match="id 3 is a neighbour but has no label"):
        Classifier(index, [8, 20], ["b", "c"]).predict([0.0], k=1)


@pytest.mark.parametrize(
    ("ids", "labels", "complaint"),
    [
        ([], [], "at least one"),
        ([1, 2], ["a"], r"labels of shape \(1,\) for 2 ids"),
        ([1, 2], [["a", "b"]], r"labels of shape \(1, 2\)"),
        ([1, 1], ["a", "b"], "ids must differ"),
        ([1, 2], np.array(["a", None], object), "all numbers or all text"),
    ],
)
def test_labels_that_make_no_sense_are_refused(ids: Any, labels: Any, complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        Classifier(ExactIndex(1), ids, labels)


def test_numbers_that_make_no_sense_are_refused() -> None:
    classifier = on_a_line([0, 1], ["a", "b"])
    with pytest.raises(UsageError, match="k must be"):
        classifier.predict([0.0], k=0)
    with pytest.raises(UsageError, match="recall must be"):
        classifier.predict([0.0], k=1, recall=2)


def plain_vote(rows: dict[int, tuple[int, str]], query: int, k: int) -> str:
    """The rule as the class states it, for rows of id to (place, label) on a line."""
    voters = sorted((abs(place - query), id_, label) for id_, (place, label) in rows.items())[:k]
    votes = Counter(label for _, _, label in voters)
    nearest = {label: min(distance for distance, _, of in voters if of == label) for label in votes}
    return min(votes, key=lambda label: (-votes[label], nearest[label], label))


@given(
    st.dictionaries(
        st.integers(0, 50), st.tuples(st.integers(-4, 4), st.sampled_from("abcd")), min_size=1, max_size=12
    ),
    st.lists(st.integers(-5, 5), min_size=1, max_size=4),
    st.integers(1, 14),
)
def test_every_vote_is_the_plain_twins(rows: dict[int, tuple[int, str]], queries: list[int], k: int) -> None:
    places, labels = zip(*rows.values(), strict=True)
    classifier = on_a_line(list(places), list(labels), list(rows))
    expected = [plain_vote(rows, query, k) for query in queries]
    assert classifier.predict(np.reshape(queries, (-1, 1)), k).tolist() == expected


def test_its_example_works() -> None:
    assert doctest.testmod(classify).failed == 0
