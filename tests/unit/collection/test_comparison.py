from __future__ import annotations

import math
import re
from pathlib import Path

import numpy as np
import pytest

import drawn
import hostile
import tiny_model
from lookalike import Hasher
from lookalike.collection.queries import Query
from lookalike.embed import OnnxEmbedder, load_embedder
from lookalike.errors import UnreadableImage, UsageError
from lookalike.kernels.bits import sign_bytes
from lookalike.kernels.hyperplanes import keyed
from pictures import draw

LENGTHS = (96, 104, 128, 256, 512)


@pytest.fixture(scope="module")
def hasher() -> Hasher:
    return Hasher(load_embedder("resnet34"))


class TestHyperplanes:
    def test_they_are_pinned(self) -> None:
        """SHAKE-256 of "lookalike hyperplanes 7", by OpenSSL, starts with b8 15 d3: the signs of three rows.

        Made orthogonal by hand, in whole numbers, those are the rows below.
        """
        expected = [
            np.array([1, -1, 1, 1, 1, -1, -1, -1]) / math.sqrt(8),
            np.array([-3, -5, -3, 5, -3, 3, -5, 3]) / math.sqrt(120),
            np.array([9, 5, -6, 10, -6, -9, 5, 6]) / math.sqrt(420),
        ]
        np.testing.assert_allclose(keyed(8, 3, 7), expected, atol=1e-7)

    @pytest.mark.parametrize("bits", LENGTHS)
    def test_they_are_orthonormal(self, bits: int) -> None:
        planes = keyed(512, bits, 3).astype(np.float64)
        np.testing.assert_allclose(planes @ planes.T, np.eye(bits), atol=1e-6)

    def test_another_seed_has_nothing_in_common(self) -> None:
        between = keyed(512, 256, 0) @ keyed(512, 256, 1).T
        assert np.abs(between).max() < 0.3
        assert abs(between.mean()) < 0.001

    @pytest.mark.parametrize("angle", [0.1, 0.5, 1.0, math.pi / 2, 2.5, math.pi])
    def test_the_share_of_differing_bits_is_the_angle_over_pi(self, angle: float) -> None:
        random = np.random.default_rng(5)
        planes = keyed(512, 512, 0).astype(np.float64)
        first, other = random.standard_normal((2, 200, 512))
        first /= np.linalg.norm(first, axis=1, keepdims=True)
        other -= (other * first).sum(axis=1, keepdims=True) * first
        other /= np.linalg.norm(other, axis=1, keepdims=True)
        second = math.cos(angle) * first + math.sin(angle) * other
        differing = np.unpackbits(sign_bytes(first @ planes.T) ^ sign_bytes(second @ planes.T), axis=1)
        assert differing.mean() == pytest.approx(angle / math.pi, abs=0.005)


class TestHash:
    @pytest.mark.parametrize("bits", LENGTHS)
    def test_it_has_the_length_that_was_asked_for(self, bits: int) -> None:
        text = Hasher(load_embedder("resnet34"), bits=bits).hash(draw(0))
        assert len(text) == bits // 4
        assert len(bytes.fromhex(text)) == bits // 8
        assert text == text.lower()

    @pytest.mark.parametrize("bits", [0, 8, 88, 95, 97, 100, 516, 520, -96])
    def test_other_lengths_are_refused(self, bits: int) -> None:
        with pytest.raises(UsageError, match=f"multiple of 8 from 96 to 512, not {bits}"):
            Hasher(load_embedder("resnet34"), bits=bits)

    def test_more_bits_than_the_embedding_has_directions_are_refused(self, tmp_path: Path) -> None:
        embedder = OnnxEmbedder(tiny_model.write(tmp_path / "tiny.onnx"))
        with pytest.raises(UsageError, match=f"at most {tiny_model.DIM} with this model, not 128"):
            Hasher(embedder, bits=128)

    def test_it_is_the_signs_against_the_hyperplanes(self, hasher: Hasher) -> None:
        vector = load_embedder("resnet34").embed([draw(8)])[0].astype(np.float64)
        margins = keyed(512, 256, 0).astype(np.float64) @ vector
        expected = "".join("1" if margin > 0 else "0" for margin in margins)
        found = f"{int(hasher.hash(draw(8)), 16):0256b}"
        unsure = np.abs(margins) < 1e-6
        assert [a for a, b in zip(found, unsure, strict=True) if not b] == [
            a for a, b in zip(expected, unsure, strict=True) if not b
        ]
        assert unsure.sum() < 4

    def test_it_depends_on_the_seed_and_the_picture_alone(self, hasher: Hasher) -> None:
        embedder = load_embedder("resnet34")
        assert Hasher(embedder).hash(draw(8)) == hasher.hash(draw(8))
        others = {hasher.hash(draw(9)), Hasher(embedder, seed=1).hash(draw(8)), hasher.hash(draw(8))}
        assert len(others) == 3

    def test_an_unreadable_picture_is_named(self, hasher: Hasher, tmp_path: Path) -> None:
        with pytest.raises(UnreadableImage, match=r"none\.png: no such file"):
            hasher.hash(tmp_path / "none.png")


class TestCompare:
    def test_the_same_picture_is_at_distance_0(self, hasher: Hasher, tmp_path: Path) -> None:
        draw(4).save(tmp_path / "a.png")
        found = hasher.compare(tmp_path / "a.png", draw(4))
        assert (found.distance, found.similarity, found.differing_bits, found.same) == (0.0, 1.0, 0, True)
        assert (found.bits, found.verdict) == (256, "identical")

    def test_a_turned_copy_is_one_however_far_its_embedding_lies(self, hasher: Hasher) -> None:
        page = drawn.draw("page", 0)
        found = hasher.compare(page, page.rotate(90, expand=True), max_distance=0)
        assert (found.verdict, found.same) == ("copy", True)
        assert found.evidence is not None
        assert found.evidence.words == ("turned by 90° to the left",)

    def test_another_page_is_similar_at_most(self, hasher: Hasher) -> None:
        found = hasher.compare(drawn.draw("page", 0), drawn.draw("page", 1), max_distance=2)
        assert (found.verdict, found.same) == ("similar", False)

    def test_a_file_that_is_cut_short_is_named_unless_both_are_the_same_bytes(self, hasher: Hasher) -> None:
        whole = hostile.encoded(drawn.draw("page", 0), "JPEG")
        cut = whole[: len(whole) * 9 // 10]
        found = hasher.compare(cut, whole)
        assert re.fullmatch(r"first picture: cut short, \d\d % read", found.remark)
        assert hasher.compare(whole, whole).remark == hasher.compare(cut, cut).remark == ""
        both = hasher.compare(cut, cut + b"\0")
        assert re.fullmatch(r"first picture: (.+); second picture: \1", both.remark)

    def test_without_the_pictures_only_distances_speak(self, hasher: Hasher) -> None:
        vector = load_embedder("resnet34").embed([draw(4)])[0]
        found = hasher.compare_seen(Query(vector), Query(vector))
        assert (found.verdict, found.evidence) == ("similar", None)

    @pytest.mark.parametrize(("first", "second"), [(0, 1), (2, 30), (7, 42), (11, 12)])
    def test_it_is_symmetric_and_agrees_with_its_parts(self, first: int, second: int, hasher: Hasher) -> None:
        there = hasher.compare(draw(first), draw(second))
        assert hasher.compare(draw(second), draw(first)) == there
        a, b = load_embedder("resnet34").embed([draw(first), draw(second)]).astype(np.float64)
        cosine = float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))
        assert there.distance == pytest.approx(1 - cosine, abs=1e-5)
        assert there.similarity == pytest.approx(cosine, abs=1e-5)
        codes = [int(hasher.hash(draw(seed)), 16) for seed in (first, second)]
        assert there.differing_bits == (codes[0] ^ codes[1]).bit_count()

    def test_differing_bits_tell_the_angle_between_real_pictures(self) -> None:
        hasher = Hasher(load_embedder("resnet34"), bits=512)
        pairs = [hasher.compare(draw(seed), draw(seed + 1)) for seed in range(10)]
        pairs += [hasher.compare(draw(seed), draw(seed).resize((30, 20))) for seed in range(10)]
        shares = np.array([pair.differing_bits / pair.bits for pair in pairs])
        angles = np.arccos([pair.similarity for pair in pairs]) / math.pi
        assert np.ptp(angles) > 0.25
        np.testing.assert_allclose(shares, angles, atol=0.06)
        assert (shares - angles).mean() == pytest.approx(0, abs=0.015)

    def test_the_border_is_the_models_unless_given(self, hasher: Hasher) -> None:
        card = load_embedder("resnet34").card
        found = hasher.compare(draw(0), draw(1))
        assert found.max_distance == card.same_distance
        assert found.verdict == ("similar" if found.distance <= card.same_distance else "different")
        assert not found.same
        borders = {2: "similar", found.distance: "similar", found.distance - 1e-4: "different"}
        for border, verdict in borders.items():
            assert hasher.compare(draw(0), draw(1), max_distance=border).verdict == verdict

    @pytest.mark.parametrize("border", [-0.1, 2.1, float("nan")])
    def test_a_border_that_is_no_distance_is_refused(self, border: float, hasher: Hasher) -> None:
        with pytest.raises(UsageError, match="max_distance must be from 0 to 2"):
            hasher.compare(draw(0), draw(1), max_distance=border)
