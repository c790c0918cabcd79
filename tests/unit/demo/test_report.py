from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from lookalike.demo.report import AlterationScore, DemoMatch, DemoReport, DemoRow
from lookalike.errors import UsageError

TILE = Image.new("RGB", (20, 20))


def match(*, is_original: bool) -> DemoMatch:
    return DemoMatch(TILE, "a.jpg", 0.5, is_original)


def test_a_score_counts_firsts_lower_ranks_and_misses() -> None:
    score = AlterationScore("flip", "Mirrored", (1, 1, 4, None, 2, 1, None))
    assert (score.first, score.lower, score.missed) == (3, 2, 2)


@pytest.mark.parametrize("ranks", [(), (0,), (1, -2)], ids=str)
def test_impossible_ranks_are_refused(ranks: tuple[int, ...]) -> None:
    with pytest.raises(UsageError, match="flip"):
        AlterationScore("flip", "Mirrored", ranks)


def test_a_row_knows_the_rank_of_its_original() -> None:
    for rank in (1, 2, 3):
        matches = tuple(match(is_original=place == rank) for place in (1, 2, 3))
        assert DemoRow("flip", "Mirrored", TILE, Path("a.jpg"), matches).rank == rank
    assert DemoRow("flip", "Mirrored", TILE, Path("a.jpg"), (match(is_original=False),)).rank is None


def test_a_report_adds_up_its_scores() -> None:
    scores = (AlterationScore("a", "A", (1, None)), AlterationScore("b", "B", (1, 1, 2)))
    report = DemoReport("pictures", 240, 6.0, 1.0, "resnet34", scores, ())
    assert (report.first, report.queries, report.images_per_second) == (3, 5, 40.0)
    assert DemoReport("pictures", 240, 0.0, 1.0, "resnet34", scores, ()).images_per_second == 0


def test_a_report_without_scores_is_refused() -> None:
    with pytest.raises(UsageError, match="at least one alteration"):
        DemoReport("pictures", 240, 6.0, 1.0, "resnet34", (), ())
