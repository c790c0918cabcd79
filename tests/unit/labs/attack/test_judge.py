"""What counts as a success, on vectors whose distances are known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import pictures
from lookalike import Hasher
from lookalike.embed import ModelCard, load_embedder
from lookalike.kernels.arrays import Vectors
from lookalike.labs.attack.judge import (
    Aim,
    Seen,
    bits_apart,
    bits_within,
    cosine_distances,
    hashes,
    judge,
    ranks,
)
from lookalike.labs.attack.transfer import classic, near

CARD = ModelCard("test", "a test", "none", 512, 32, 0.2, 4)


def at_angles(*degrees: float) -> Vectors:
    """Unit vectors in the plane of the first two of 512 axes."""
    vectors = np.zeros((len(degrees), 512), np.float32)
    vectors[:, 0], vectors[:, 1] = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return vectors


KNOWN = at_angles(0, 90, 180, 270)
LABELS = np.array([0, 1, 2])


def aim(objective: str) -> Aim:
    originals, targets = np.array([0, 1, 2]), np.array([1, 2, 3])
    return Aim(targets if objective == "collide" else originals, originals, LABELS, objective)


@pytest.mark.parametrize("objective", ["misclassify", "evade", "collide"])
def test_nothing_succeeds_without_a_change(objective: str) -> None:
    clean = Seen(at_angles(5, 100, 170), np.array([0, 1, 0]))
    facts = judge(clean, clean, aim(objective), KNOWN, CARD)
    assert facts["success"] == 0
    assert facts["label_changed"] == 0
    assert facts["distance_mean"] == pytest.approx(0, abs=1e-6)
    assert facts["bits_flipped_mean"] == 0
    assert facts["search"]["original_lost"] == 0


def test_evading() -> None:
    clean = Seen(
        at_angles(5, 100, 120), None
    )  # the third is not within 37 degrees of its original: not counted
    now = Seen(at_angles(40, 100, 0), None)
    facts = judge(clean, now, aim("evade"), KNOWN, CARD)
    assert facts["success"] == 0.5
    assert facts["label_changed"] is None
    assert facts["search"]["original_first"] == pytest.approx(2 / 3)
    assert facts["search"]["original_lost"] == 0  # it had come first for two, and still does
    assert facts["search"]["within"] == pytest.approx(1 / 3)
    turned = np.cos(np.radians([35, 0, 120]))
    assert facts["distance_mean"] == pytest.approx(float((1 - turned).mean()), abs=1e-6)


def test_only_the_copy_part_decides() -> None:
    """The first two numbers turn by 5 degrees in one picture and by 60 in another, the next two by 90."""
    card = replace(CARD, copy_dim=2)
    known = np.zeros((2, 512), np.float32)
    known[:, 0] = known[:, 2] = np.sqrt(0.5)
    now = np.zeros_like(known)
    now[:, :2] = at_angles(5, 60)[:, :2] * np.sqrt(0.5)
    now[:, 3] = np.sqrt(0.5)
    both = Aim(np.arange(2), np.arange(2), np.arange(2), "evade")
    facts = judge(Seen(known, None), Seen(now, None), both, known, card)
    assert (facts["success"], facts["counted"]) == (0.5, 2)
    expected = 1 - np.cos(np.radians([5, 60])).mean()
    assert facts["distance_mean"] == pytest.approx(expected, abs=1e-6)
    assert judge(Seen(known, None), Seen(now, None), both, known, CARD)["success"] == 1


def test_colliding() -> None:
    clean = Seen(at_angles(5, 100, 240), None)  # the third is near its target already: not counted
    now = Seen(at_angles(70, 110, 270), None)
    facts = judge(clean, now, aim("collide"), KNOWN, CARD)
    assert facts["success"] == 0.5
    assert facts["search"]["target_first"] == pytest.approx(2 / 3)
    assert facts["target_bits_least"] == 0
    assert facts["target_distance_mean"] == pytest.approx(
        float((1 - np.cos(np.radians([20, 70, 0]))).mean()), abs=1e-6
    )


def test_misclassifying_counts_what_was_right() -> None:
    clean, now = Seen(KNOWN[:3], np.array([0, 1, 0])), Seen(KNOWN[:3], np.array([0, 2, 1]))
    facts = judge(clean, now, aim("misclassify"), KNOWN, CARD)
    assert facts["label_changed"] == facts["success"] == 0.5
    assert facts["counted"] == 2
    assert facts["label_right"] == pytest.approx(1 / 3)


def test_nothing_to_count_is_not_zero() -> None:
    facts = judge(Seen(at_angles(90, 180, 0), None), Seen(KNOWN[:3], None), aim("evade"), KNOWN, CARD)
    assert facts["success"] is None


def test_ranks_are_those_of_sorting() -> None:
    random = np.random.default_rng(0)
    known = random.standard_normal((50, 16)).astype(np.float32)
    queries = random.standard_normal((7, 16)).astype(np.float32)
    rows = random.integers(50, size=7)
    order = np.argsort(-(queries @ known.T), axis=1)
    expected = [1 + int(np.flatnonzero(line == row)[0]) for line, row in zip(order, rows, strict=True)]
    assert ranks(queries, rows, known).tolist() == expected


def test_hashes_are_those_of_the_program() -> None:
    embedder = load_embedder("resnet34")
    images = [pictures.draw(seed, 160, 120) for seed in (1, 2)]
    vectors = embedder.embed(images)
    for seed in (0, 7):
        hasher = Hasher(embedder, seed=seed)
        texts = [hasher.hash(image) for image in images]
        assert [bytes(row).hex() for row in hashes(vectors, seed)] == texts
        apart = (int(texts[0], 16) ^ int(texts[1], 16)).bit_count()
        assert bits_apart(vectors[:1], vectors[1:], seed).tolist() == [apart]
    compared = Hasher(embedder).compare(*images)
    assert cosine_distances(vectors[:1], vectors[1:])[0] == pytest.approx(compared.distance, abs=1e-5)


@pytest.mark.parametrize("name", ["pHash", "dHash", "PDQ"])
def test_classic_hashes_tell_pictures_apart(name: str) -> None:
    hashes_of_two = classic(name, [pictures.draw(1, 160, 120), pictures.draw(4, 160, 120)])
    assert near(hashes_of_two, hashes_of_two).tolist() == [[True, False], [False, True]]


def test_classic_hashes_may_differ_in_an_eighth_of_their_bits() -> None:
    plain = np.zeros((1, 32), np.uint8)
    at_the_border, beyond = plain.copy(), plain.copy()
    at_the_border[0, :4], beyond[0, 5:] = 255, 1  # 32 and 27 bits
    beyond[0, :1] = 63  # and 6 more
    assert near(plain, np.concatenate([at_the_border, beyond])).tolist() == [[True, False]]


def test_bits_at_a_distance() -> None:
    """Pictures at angle a differ in a share a / pi of the bits on average (Charikar 2002)."""
    assert bits_within(1 - np.cos(np.pi / 4)) == 64
    assert bits_within(0) == 0
    random = np.random.default_rng(0)
    pairs = random.standard_normal((2, 200, 512))
    first = pairs[0] / np.linalg.norm(pairs[0], axis=1, keepdims=True)
    aside = pairs[1] - (pairs[1] * first).sum(1, keepdims=True) * first
    aside /= np.linalg.norm(aside, axis=1, keepdims=True)
    second = 0.7 * first + np.sqrt(1 - 0.7**2) * aside
    found = bits_apart(first.astype(np.float32), second.astype(np.float32)).mean()
    assert found == pytest.approx(bits_within(0.3), abs=1.5)
