"""The evaluation by edited copies: which pictures, which methods, and figures checked by hand."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("imagehash")
pytest.importorskip("pdqhash")

import tiny_model
from lookalike.alterations import COPY_KINDS
from lookalike.embed import Embedder, OnnxEmbedder
from lookalike.embed.onnx import CARD_KEY
from lookalike.errors import NotFoundError, UsageError
from lookalike.kernels.arrays import unit_rows
from lookalike.labs.learn.copies import Trial, describe, draw_trial
from lookalike.labs.learn.copy_evaluation import CopyEvaluation, evaluate_copies
from lookalike.labs.learn.copy_methods import (
    Describer,
    contenders,
    copy_cosines,
    cosines,
    cosines_of_nearest,
    readings,
)
from lookalike.labs.learn.copy_scores import CANDIDATES
from lookalike.labs.shared.classic_hashes import HASHES, hamming
from lookalike.settings import Settings
from pictures import draw

PICTURES, QUERIES, COPY_DIM = 14, 3, 20
SETTINGS = Settings(threads=1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("album")
    for seed in range(PICTURES):
        (made / f"{seed % 2}").mkdir(exist_ok=True)
        draw(seed, 120, 90).save(made / f"{seed % 2}" / f"{seed:02}.png")
    return made


@pytest.fixture(scope="module")
def embedder(tmp_path_factory: pytest.TempPathFactory) -> Embedder:
    """The tiny network, which says that the first 20 of its 64 numbers are a copy part."""
    card = replace(tiny_model.card(), copy_dim=COPY_DIM)
    path = tmp_path_factory.mktemp("model") / "tiny.onnx"
    return OnnxEmbedder(tiny_model.write(path, metadata={CARD_KEY: card.to_json()}))


@pytest.fixture(scope="module")
def trial(folder: Path) -> Trial:
    return draw_trial(folder, QUERIES, 0, SETTINGS)


@pytest.fixture(scope="module")
def result(folder: Path, embedder: Embedder) -> CopyEvaluation:
    return evaluate_copies(embedder, folder, QUERIES, 0, SETTINGS)


class TestTrial:
    def test_who_is_searched_and_who_is_copied(self, folder: Path, trial: Trial) -> None:
        everything = set(folder.rglob("*.png"))
        assert (len(trial.matched), len(trial.unmatched)) == (QUERIES, QUERIES)
        assert set(trial.matched) <= set(trial.database)
        assert set(trial.database) | set(trial.unmatched) == everything
        assert not set(trial.database) & set(trial.unmatched)

    def test_no_background_is_in_the_database_or_is_the_picture(self, trial: Trial) -> None:
        for place, path in enumerate(trial.copied):
            assert trial.background(place) in set(trial.unmatched) - {path}

    def test_the_seed_decides(self, folder: Path, trial: Trial) -> None:
        assert draw_trial(folder, QUERIES, 0, SETTINGS) == trial
        assert draw_trial(folder, QUERIES, 1, SETTINGS) != trial

    def test_only_listed_pictures_are_copied(self, folder: Path, tmp_path: Path) -> None:
        shutil.copytree(folder, tmp_path / "album")
        listed = [f"{seed % 2}/{seed:02}.png" for seed in (1, 4, 6, 7, 9)]
        (tmp_path / "album-test.txt").write_text("\n".join(listed) + "\n")
        found = draw_trial(tmp_path / "album", 2, 0, SETTINGS)
        assert set(found.copied) < {tmp_path / "album" / name for name in listed}
        assert len(found.database) == PICTURES - 2
        (tmp_path / "album-test.txt").write_text("1/absent.png\n")
        with pytest.raises(NotFoundError, match=r"album-test\.txt names .*absent\.png, which is not there"):
            draw_trial(tmp_path / "album", 2, 0, SETTINGS)

    def test_what_cannot_be_read_is_not_copied(self, folder: Path, tmp_path: Path) -> None:
        shutil.copytree(folder, tmp_path / "album")
        for path in (tmp_path / "album" / "0").iterdir():
            path.write_bytes(b"no picture")
        found = draw_trial(tmp_path / "album", QUERIES, 0, SETTINGS)
        assert {path.parent.name for path in found.copied} == {"1"}

    @pytest.mark.parametrize(
        ("queries", "message"), [(8, "need 16 readable ones to copy.*by --queries"), (1, "2 or more, not 1")]
    )
    def test_too_few(self, folder: Path, queries: int, message: str) -> None:
        with pytest.raises(UsageError, match=message):
            draw_trial(folder, queries, 0, SETTINGS)

    def test_no_folder(self, tmp_path: Path) -> None:
        with pytest.raises(NotFoundError, match="there is no folder"):
            draw_trial(tmp_path / "absent", 2, 0, SETTINGS)


class TestDescribe:
    def test_rows_are_of_the_pictures_and_their_copies(self, trial: Trial, embedder: Embedder) -> None:
        found = describe(trial, [Describer("tiny", embedder.embed)], SETTINGS)
        images = [draw(int(path.stem), 120, 90) for path in trial.database]
        np.testing.assert_allclose(found.database["tiny"], embedder.embed(images), atol=1e-6)
        assert found.queries["tiny"].shape == (2 * QUERIES * len(COPY_KINDS), tiny_model.DIM)
        for place, path in enumerate(trial.copied):
            image, ground = (draw(int(each.stem), 120, 90) for each in (path, trial.background(place)))
            rows = found.queries["tiny"][place * len(COPY_KINDS) :]
            for row, kind in zip(rows, COPY_KINDS.values(), strict=False):
                np.testing.assert_allclose(row, embedder.embed([kind(image, ground)])[0], atol=1e-6)
        expected = [trial.database.index(path) for path in trial.matched] + [-1] * QUERIES
        assert found.originals.tolist() == np.repeat(expected, len(COPY_KINDS)).tolist()

    def test_pictures_that_cannot_be_read_are_named(
        self, folder: Path, embedder: Embedder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        shutil.copytree(folder, tmp_path / "album")
        trial = draw_trial(tmp_path / "album", 2, 0, SETTINGS)
        broken = next(path for path in trial.database if path not in trial.matched)
        broken.write_bytes(b"no picture")
        found = describe(trial, [Describer("tiny", embedder.embed)], SETTINGS)
        assert len(found.database["tiny"]) == len(trial.database) - 1
        rest = [path for path in trial.database if path != broken]
        assert found.originals[0] == rest.index(trial.matched[0])
        assert f"left out {broken}: it cannot be read" in capsys.readouterr().err.replace("\n", "")


class TestMethods:
    def test_three_readings_of_a_vector_with_a_copy_part(self, embedder: Embedder) -> None:
        assert [method.name for method in readings(embedder)] == ["tiny copy", "tiny", "tiny both"]
        assert [method.same for method in readings(embedder)] == [0.9, None, None]

    @pytest.mark.parametrize("copy_dim", [0, tiny_model.DIM])
    def test_one_reading_if_all_or_nothing_is_the_copy_part(self, copy_dim: int, tmp_path: Path) -> None:
        card = replace(tiny_model.card(), copy_dim=copy_dim)
        path = tiny_model.write(tmp_path / "t.onnx", metadata={CARD_KEY: card.to_json()})
        assert [method.name for method in readings(OnnxEmbedder(path))] == ["tiny"]

    def test_hashes_stand_beside_it(self, embedder: Embedder) -> None:
        describers, methods = contenders(embedder)
        names = [method.name for method in methods]
        assert names[:5] == ["tiny copy", "tiny", "tiny both", "pHash", "PDQ"]
        assert {method.describer for method in methods} == {each.name for each in describers}

    def test_bits_are_scored_by_the_share_of_equal_ones(self, embedder: Embedder) -> None:
        describers, methods = contenders(embedder)
        images = [draw(seed, 120, 90) for seed in range(4)]
        for name, bits in (("pHash", 64), ("PDQ", 256)):
            (describer,) = (each for each in describers if each.name == name)
            (method,) = (each for each in methods if each.name == name)
            rows = describer.describe(images)
            distances = [hamming(HASHES[name](image), rows) for image in images]
            np.testing.assert_allclose(method.score(rows, rows), 1 - np.array(distances) / bits, atol=1e-6)

    def test_the_copy_part_ranks_what_the_whole_finds(self) -> None:
        random = np.random.default_rng(0)
        queries, pictures = (
            unit_rows(random.standard_normal((n, 12)).astype(np.float32)) for n in (5, 3 * CANDIDATES)
        )
        whole, copy = cosines(queries, pictures), copy_cosines(queries, pictures, 4)
        found = cosines_of_nearest(queries, pictures, 4)
        for row, by_whole, by_copy, query in zip(found, whole, copy, queries, strict=True):
            nearest = sorted(range(len(pictures)), key=lambda place: -by_whole[place])[:CANDIDATES]
            for place, picture in enumerate(pictures):
                part, other = query[:4].astype(float), picture[:4].astype(float)
                expected = part @ other / np.linalg.norm(part) / np.linalg.norm(other)
                assert by_copy[place] == pytest.approx(expected, abs=1e-5)
                assert row[place] == (by_copy[place] if place in nearest else -np.inf)


class TestEvaluation:
    def test_against_a_plain_count(self, trial: Trial, result: CopyEvaluation, embedder: Embedder) -> None:
        """Rank 1, nearness and recall of one kind, from pictures to figures."""
        part = embedder.card.copy_part
        known = part(embedder.embed([draw(int(path.stem), 120, 90) for path in trial.database]))
        score = result.methods[0]
        for name in ("flip", "crop-50", "collage"):
            firsts, nears, passes = [], [], []
            for place, path in enumerate(trial.matched):
                image, ground = (draw(int(each.stem), 120, 90) for each in (path, trial.background(place)))
                row = known @ part(embedder.embed([COPY_KINDS[name](image, ground)]))[0]
                own = row[trial.database.index(path)]
                firsts.append(own == row.max())
                nears.append(1 - own <= embedder.card.same_distance)
                passes.append(own > score.border)
            figures = score.kinds[name]
            assert figures.first == pytest.approx(np.mean(firsts))
            assert figures.same == pytest.approx(np.mean(nears))
            assert figures.recall == pytest.approx(np.mean(passes))

    def test_overall_is_the_mean_of_the_kinds(self, result: CopyEvaluation) -> None:
        for score in result.methods:
            assert list(score.kinds) == list(COPY_KINDS)
            for figure in ("first", "recall", "recall_normalised"):
                mean = np.mean([getattr(figures, figure) for figures in score.kinds.values()])
                assert getattr(score.overall, figure) == pytest.approx(mean)

    def test_the_setting_is_told(self, result: CopyEvaluation, embedder: Embedder) -> None:
        copies = QUERIES * len(COPY_KINDS)
        assert (result.pictures, result.queries, result.seed) == (PICTURES - QUERIES, QUERIES, 0)
        assert result.false_pairs == 2 * copies * result.pictures - copies
        assert result.rate == 1 / result.false_pairs
        assert result.fingerprint == embedder.fingerprint

    def test_it_tells_good_methods_from_bad_ones(self, result: CopyEvaluation) -> None:
        """A grey picture keeps its hash; one turned by a quarter does not."""
        scores = {score.name: score for score in result.methods}
        assert scores["PDQ"].kinds["grey"].first == 1
        assert scores["PDQ"].kinds["rotate-90"].first < 1
        assert 0 < scores["tiny"].micro_ap < 1

    def test_strangers_are_counted(self, result: CopyEvaluation) -> None:
        for score in result.methods:
            known = score.overall.same is not None
            assert known == (score.name not in ("tiny", "tiny both", "pHash", "PDQ"))
            assert (score.strangers_same is not None) == known

    def test_it_comes_out_the_same_again(
        self, folder: Path, embedder: Embedder, result: CopyEvaluation
    ) -> None:
        assert evaluate_copies(embedder, folder, QUERIES, 0, Settings(threads=2)) == result
