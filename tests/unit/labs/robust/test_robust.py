"""Borders and rates against plain loops, and what is kept between runs."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("imagehash")
pytest.importorskip("pdqhash")

from lookalike.collection.comparison import Hasher
from lookalike.embed import Embedder, ModelCard, load_embedder
from lookalike.errors import NotFoundError, UsageError
from lookalike.kernels.arrays import Vectors, unit_rows
from lookalike.labs.robust.borders import Borders, measure_borders
from lookalike.labs.robust.copies import draw_queries, opened
from lookalike.labs.robust.grid import edits
from lookalike.labs.robust.measuring import measure
from lookalike.labs.robust.methods import EMBEDDING, METHODS, between, rows_by_method
from lookalike.labs.robust.reading import read_pictures
from lookalike.labs.robust.result import Robustness, Setting
from lookalike.labs.shared.classic_hashes import ALL_HASHES
from lookalike.settings import Settings
from pictures import draw, write

SETTINGS = Settings(threads=2)
CARD = ModelCard("test", "a test", "none", 96, 32, 0.1, 4)


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return load_embedder("lite0")


@pytest.fixture(scope="module")
def found(embedder: Embedder, tmp_path_factory: pytest.TempPathFactory) -> Robustness:
    """Twelve pictures in two folders, one of them stored twice, and one mirrored."""
    folder = tmp_path_factory.mktemp("pictures")
    write(folder / "a", 6)
    write(folder / "b", 6, first_seed=6)
    draw(2).save(folder / "b" / "twin.png")
    known = read_pictures(folder, embedder, folder / "kept", SETTINGS)
    return measure(known, embedder, Setting(9, 0.01, 3, quick=True), SETTINGS)


def _bits(values: Sequence[int]) -> np.ndarray:
    """Hashes of 64 bits of which the first so many are set: their distances are the differences."""
    return np.packbits(np.arange(64) < np.array(values)[:, None], axis=1)


def _measured(bits: Sequence[int], folders: Sequence[int], rate: float) -> Borders:
    """Borders where the hash has known distances, and no pair is held to be one picture."""
    count = len(bits)
    vectors = unit_rows(np.random.default_rng(0).normal(size=(count, 96)).astype(np.float32))
    far = np.random.default_rng(1).integers(0, 256, (count, 32)).astype(np.uint8)
    return measure_borders(
        {EMBEDDING: vectors, "hash": _bits(bits), "PDQ": far},
        np.array(folders, np.int64),
        np.arange(count),
        rate,
        replace(CARD, same_distance=0.01),
        advance=lambda _: None,
    )


class TestBorders:
    @pytest.mark.parametrize(
        ("rate", "within", "reached"), [(0.0, 1, 0), (0.2, 2, 1 / 6), (0.34, 3, 2 / 6), (0.99, 8, 5 / 6)]
    )
    def test_of_a_known_list_of_distances(self, rate: float, within: int, reached: float) -> None:
        found = _measured([0, 2, 5, 9], [0, 0, 0, 0], rate).methods["hash"]  # 2 3 4 5 7 9 apart
        assert (found.within, found.rate, found.bits) == (within, reached, 64)

    def test_of_equal_hashes_lets_in_nothing(self) -> None:
        found = _measured([7, 7, 7, 30], [0, 0, 0, 0], 0.3).methods["hash"]
        assert (found.within, found.rate) == (-1, 0)

    def test_only_pairs_between_folders_count_where_there_are_enough(self) -> None:
        apart = _measured([0, 1, 10, 21], [0, 0, 1, 1], 0.0)  # 10 21 9 20 between them
        assert (apart.between_folders, apart.pairs, apart.methods["hash"].within) == (True, 4, 8)
        mostly_one = _measured([0, 1, 10, 21], [0, 0, 0, 1], 0.0)
        assert (mostly_one.between_folders, mostly_one.pairs) == (True, 3)
        one = _measured([0, 1, 10, 21, 33], [0, 0, 0, 0, 1], 0.0)
        assert (one.between_folders, one.pairs, one.methods["hash"].within) == (False, 10, 0)

    @pytest.mark.parametrize(("rate", "copy_dim"), [(0.0, 0), (0.001, 24), (0.01, 0), (0.2, 24)])
    def test_against_a_plain_loop(self, rate: float, copy_dim: int, monkeypatch: pytest.MonkeyPatch) -> None:
        """In several blocks, with pairs that two methods take for one picture."""
        monkeypatch.setattr("lookalike.labs.robust.borders._BLOCK", 16)
        random = np.random.default_rng(4)
        rows = {
            EMBEDDING: unit_rows(random.normal(size=(70, 96)).astype(np.float32)),
            "hash": random.integers(0, 256, (70, 32)).astype(np.uint8),
            "pHash": (random.integers(0, 256, (70, 8)) & random.integers(0, 256, (70, 8))).astype(np.uint8),
            "PDQ": random.integers(0, 256, (70, 32)).astype(np.uint8),
        }
        for first, second in ((3, 50), (20, 21), (0, 69)):
            for known in rows.values():
                known[second] = known[first]
        rows["PDQ"][40] = rows["PDQ"][5]
        rows[EMBEDDING][40, :24] = rows[EMBEDDING][5, :24]  # of the same copy part, and otherwise apart
        rows[EMBEDDING] = unit_rows(rows[EMBEDDING])
        folders = random.integers(0, 3, 70)
        chosen = np.sort(random.permutation(70)[:60])
        found = measure_borders(rows, folders, chosen, rate, replace(CARD, copy_dim=copy_dim), lambda _: None)
        distances: dict[str, list[float]] = {name: [] for name in rows}
        left_out = 0
        for a, b in combinations(chosen.tolist(), 2):
            if folders[a] == folders[b]:
                continue
            cosine = 1 - float(rows[EMBEDDING][a].astype(float) @ rows[EMBEDDING][b])
            parts = [rows[EMBEDDING][row][: copy_dim or None].astype(float) for row in (a, b)]
            copy = 1 - parts[0] @ parts[1] / np.linalg.norm(parts[0]) / np.linalg.norm(parts[1])
            bits = {
                name: int(np.unpackbits(known[a] ^ known[b]).sum())
                for name, known in rows.items()
                if name != EMBEDDING
            }
            if copy <= CARD.same_distance and bits["PDQ"] <= 31:
                left_out += 1
                continue
            for name, value in {EMBEDDING: cosine, **bits}.items():
                distances[name].append(value)
        assert (found.pairs, found.left_out) == (len(distances[EMBEDDING]), left_out)
        for name, values in distances.items():
            border = found.methods[name]
            inside = sum(value <= border.within for value in values)
            assert inside <= rate * len(values)
            assert border.rate == inside / len(values)
            if name != EMBEDDING:  # one bit more would let in too many
                assert sum(value <= border.within + 1 for value in values) > rate * len(values)
            else:
                assert inside == int(rate * len(values))
        nearest = sorted(distances[EMBEDDING])[:6]
        np.testing.assert_allclose([pair.distance for pair in found.nearest], nearest, atol=1e-5)

    def test_needs_two_different_pictures(self) -> None:
        rows = {EMBEDDING: np.ones((3, 96), np.float32) / 96**0.5, "PDQ": np.zeros((3, 32), np.uint8)}
        with pytest.raises(UsageError, match="taken for one"):
            measure_borders(rows, np.zeros(3, np.int64), np.arange(3), 0.1, CARD, lambda _: None)


def test_our_hash_is_that_of_the_program(embedder: Embedder, tmp_path: Path) -> None:
    paths = write(tmp_path / "pictures", 4)
    known = read_pictures(tmp_path / "pictures", embedder, tmp_path / "kept", SETTINGS)
    hasher = Hasher(embedder)
    found = [bytes(row).hex() for row in rows_by_method(known.described)["hash"]]
    assert found == [hasher.hash(path) for path in paths]


def test_the_grid_goes_from_mild_to_rough() -> None:
    full, quick = edits(quick=False), edits(quick=True)
    assert len({edit.label for edit in full}) == len(full) == 35
    assert {edit.label for edit in quick} < {edit.label for edit in full}
    assert {edit.name for edit in quick} == {edit.name for edit in full}
    image, ground = draw(1, 300, 200), draw(2, 200, 200)
    for name in {edit.name for edit in full}:
        ladder = [edit for edit in full if edit.name == name]
        assert [edit.mild for edit in ladder] == sorted((edit.mild for edit in ladder), reverse=True)
        copies = {edit.change(image, ground).tobytes() for edit in ladder}
        assert len(copies) == len(ladder)
        assert image.tobytes() not in copies


class TestReading:
    def test_what_cannot_be_read_is_named_and_the_rest_kept(
        self, embedder: Embedder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("lookalike.labs.robust.reading._FILES_A_PART", 8)
        folder = tmp_path / "pictures"
        paths = write(folder / "deep" / "er", 9)
        (folder / "broken.jpg").write_bytes(b"nothing")
        first = read_pictures(folder, embedder, tmp_path / "kept", SETTINGS)
        assert first.paths == paths
        assert [item.path.name for item in first.rejected] == ["broken.jpg"]
        np.testing.assert_allclose(
            first.described.embeddings, embedder.embed([Image.open(path) for path in paths]), atol=1e-5
        )
        for name, compute in ALL_HASHES.items():
            assert first.described.hashes[name][8].tolist() == compute(Image.open(paths[8])).tolist()

        class Tired:
            """Cannot embed any more."""

            card, fingerprint = embedder.card, embedder.fingerprint

            def embed(self, images: Sequence[Image.Image]) -> Vectors:
                raise AssertionError(len(images))

        again = read_pictures(folder, Tired(), tmp_path / "kept", SETTINGS)
        assert again.rejected == first.rejected
        assert (again.described.embeddings == first.described.embeddings).all()

        (part,) = (tmp_path / "kept").rglob("0000008.npz")
        part.write_bytes(part.read_bytes()[:100])  # a damaged part is made again, and no other
        with pytest.raises(AssertionError, match=r"^2$"):
            read_pictures(folder, Tired(), tmp_path / "kept", SETTINGS)
        mended = read_pictures(folder, embedder, tmp_path / "kept", SETTINGS)
        assert mended.paths == paths

        os.utime(paths[0], ns=(1, 1))
        with pytest.raises(AssertionError):
            read_pictures(folder, Tired(), tmp_path / "kept", SETTINGS)

    def test_nothing_to_read(self, embedder: Embedder, tmp_path: Path) -> None:
        (tmp_path / "pictures").mkdir()
        (tmp_path / "pictures" / "broken.jpg").write_bytes(b"nothing")
        with pytest.raises(NotFoundError, match="no pictures that can be read"):
            read_pictures(tmp_path / "pictures", embedder, tmp_path / "kept", SETTINGS)


class TestRates:
    def test_against_a_plain_loop(self, found: Robustness, embedder: Embedder) -> None:
        known = found.pictures.paths
        looks = {EMBEDDING: embedder.embed([Image.open(path).convert("RGB") for path in known])}
        looks |= {
            name: np.stack([compute(Image.open(path).convert("RGB")) for path in known])
            for name, compute in ALL_HASHES.items()
        }
        twins = {place for place, path in enumerate(known) if path.name in ("picture-0002.webp", "twin.png")}
        assert found.queries.places.tolist() != sorted(found.queries.places.tolist())
        count = len(found.queries.places)
        originals_and_grounds = [
            opened(found.pictures, found.queries, query, SETTINGS) for query in range(count)
        ]
        for row in found.scores:
            copies = [row.edit.change(image, ground) for image, ground in originals_and_grounds]
            for method, rows in looks.items():
                first, inside = 0.0, 0
                for query, place in enumerate(found.queries.places.tolist()):
                    copy = copies[query]
                    seen = embedder.embed([copy]) if method == EMBEDDING else ALL_HASHES[method](copy)[None]
                    distances = between(seen, rows)[0].tolist()
                    originals = twins if place in twins else {place}
                    rivals = {*range(len(known))} - originals
                    if row.edit.on_ground:
                        rivals.discard(int(found.queries.grounds[query]))
                    least = min(distances[other] for other in originals | rivals)
                    at_least = [other for other in originals | rivals if distances[other] == least]
                    first += len(originals.intersection(at_least)) / len(at_least)
                    inside += distances[place] <= found.borders.methods[method].within
                assert row.first[method] == pytest.approx(first / count), (row.edit.label, method)
                assert row.found[method] == pytest.approx(inside / count), (row.edit.label, method)

    def test_facts(self, found: Robustness) -> None:
        facts = found.facts()
        assert (facts["images"], facts["queries"], facts["false_positive_rate"]) == (13, 9, 0.01)
        assert facts["methods"] == list(METHODS)
        assert facts["pairs"]["counted"] == 6 * 7 - 1
        assert facts["pairs"]["left_out_as_the_same"] == 1
        for row, score in zip(facts["alterations"], found.scores, strict=True):
            assert row["first"][EMBEDDING] == pytest.approx(score.first[EMBEDDING], abs=1e-4)
        mild = [row["found"]["PDQ"] for row in facts["alterations"] if row["mild"]]
        assert facts["means"]["mild"]["found"]["PDQ"] == pytest.approx(np.mean(mild), abs=1e-3)

    def test_what_fails(self, found: Robustness) -> None:
        least = min(row.first[EMBEDDING] for row in found.scores if row.edit.mild)
        assert found.failing(least) == []
        failing = found.failing(1.01)
        assert {row.edit.name for row in failing} == {row.edit.name for row in found.scores if row.edit.mild}


class TestQueries:
    def test_they_depend_on_the_seed(self, embedder: Embedder, tmp_path: Path) -> None:
        write(tmp_path / "pictures", 8)
        draw(1, 12, 40).save(tmp_path / "pictures" / "small.png")
        known = read_pictures(tmp_path / "pictures", embedder, tmp_path / "kept", SETTINGS)
        drawn = draw_queries(known, 100, 0)
        assert sorted(drawn.places.tolist()) == list(range(8))  # never the one that is too small
        assert (drawn.grounds != drawn.places).all()
        assert draw_queries(known, 3, 0).places.tolist() == drawn.places[:3].tolist()
        assert draw_queries(known, 3, 1).places.tolist() != drawn.places[:3].tolist()

    def test_one_picture_is_too_few(self, embedder: Embedder, tmp_path: Path) -> None:
        write(tmp_path / "pictures", 1)
        known = read_pictures(tmp_path / "pictures", embedder, tmp_path / "kept", SETTINGS)
        with pytest.raises(UsageError, match="needs two pictures or more"):
            draw_queries(known, 5, 0)


@pytest.mark.parametrize(
    ("values", "message"),
    [((0, 1e-5, 0), "queries must be 1"), ((5, 0.02, 0), "false positives"), ((5, 1e-5, -1), "seed must be")],
)
def test_settings_that_make_no_sense(values: tuple[int, float, int], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        Setting(*values, quick=False)
