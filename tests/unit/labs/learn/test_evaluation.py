from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
from PIL import Image

from lookalike.labs.learn.confusion import draw_confusion
from lookalike.labs.learn.evaluation import average_precision, evaluate
from lookalike.labs.shared.strangers import nearest_strangers

NAMES = ("ant", "bee", "cat")


def _clusters(seed: int, counts: tuple[int, ...], spread: float) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    centres = np.eye(8)[: len(counts)]
    labels = np.repeat(np.arange(len(counts)), counts)
    vectors = centres[labels] + spread * random.standard_normal((len(labels), 8))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32), labels


def test_against_a_plain_count() -> None:
    training, test = _clusters(1, (30, 20, 12), 0.45), _clusters(2, (10, 8, 6), 0.45)
    predicted = np.random.default_rng(3).integers(3, size=24)
    found = evaluate(NAMES, training, test, predicted)
    order = np.argsort(-(test[0].astype(float) @ training[0].T.astype(float)), axis=1, kind="stable")
    for voters, accuracy in found.neighbours.items():
        right = 0
        for row, wanted in zip(order, test[1], strict=True):
            votes = Counter(training[1][row[:voters]].tolist())
            most = max(votes.values())
            nearest = next(label for label in training[1][row].tolist() if votes[label] == most)
            right += nearest == wanted
        assert accuracy == right / 24
    assert len(set(found.neighbours.values())) > 1
    precisions = []
    for row, wanted in zip(order, test[1], strict=True):
        hits, total = 0, 0.0
        for rank, place in enumerate(row[:10], start=1):
            if training[1][place] == wanted:
                hits += 1
                total += hits / rank
        precisions.append(total / min(10, int((training[1] == wanted).sum())))
    np.testing.assert_allclose(found.mean_average_precision, np.mean(precisions))
    assert found.top_1 == float((predicted == test[1]).mean())
    for true in range(3):
        for given in range(3):
            assert found.confusion[true, given] == ((test[1] == true) & (predicted == given)).sum()
        assert found.classes[true].found == (predicted[test[1] == true] == true).mean()


def test_without_a_head_the_nearest_neighbour_stands_in() -> None:
    training, test = _clusters(1, (30, 20, 12), 0.1), _clusters(2, (10, 8, 6), 0.1)
    found = evaluate(NAMES, training, test, None)
    assert found.top_1 is None
    assert found.neighbours[1] == found.mean_average_precision == 1
    assert [score.mistaken_for for score in found.classes] == ["", "", ""]
    assert found.facts()["neighbours"] == {"1": 1.0, "5": 1.0, "10": 1.0}


def test_average_precision_by_hand() -> None:
    relevant = np.array([[True, False, True], [False, False, False], [True, True, True]])
    found = average_precision(relevant, np.array([2, 5, 7]))
    np.testing.assert_allclose(found, [(1 + 2 / 3) / 2, 0, 1])


def test_the_picture_shows_the_matrix(tmp_path: Path) -> None:
    """Dark where the share is large, light where it is not."""
    draw_confusion(NAMES, np.array([[9, 1, 0], [0, 5, 0], [2, 0, 2]]), tmp_path / "c.png", "title")
    with Image.open(tmp_path / "c.png") as image:
        assert min(image.size) > 300
        dark = (np.asarray(image.convert("L")) < 80).mean()
    assert 0.02 < dark < 0.5


def test_strangers_by_hand() -> None:
    vectors, labels = _clusters(4, (700, 20, 12), 0.5)
    found = nearest_strangers(vectors, labels, keep=100)
    distances = sorted(
        1 - float(vectors[i] @ vectors[j])
        for i in range(len(vectors))
        for j in range(i + 1, len(vectors))
        if labels[i] != labels[j]
    )
    assert found.pairs == len(distances)
    np.testing.assert_allclose(found.nearest, distances[:100], atol=1e-6)
    assert found.within(distances[49] + 1e-6) == 50 / len(distances)
    assert abs(found.distance_of(10.5 / len(distances)) - distances[10]) < 1e-6
