"""The check of calibrations on strangers that are known, and the drawn pictures it uses."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lookalike.embed import load_embedder
from lookalike.kernels.arrays import Vectors, unit_rows
from lookalike.labs.bench import sheets
from lookalike.labs.bench.calibrating import DIVISIONS, RATES, check, pooled_strangers
from lookalike.labs.bench.gathered import Gathered

PRINT = "f" * 32


def rows(count: int, seed: int) -> Vectors:
    return unit_rows(np.random.default_rng(seed).standard_normal((count, 12)).astype(np.float32))


def gathered(*, drawn: bool, verified_below: int = 0) -> Gathered:
    """Strangers, of which those with a number below the one given look like copies of each other."""

    def looked(first: int, second: int) -> tuple[float, bool]:
        is_copy = max(first, second) < verified_below
        return (20.0 if is_copy else float((first + second) % 3)), is_copy

    return Gathered("rows", lambda _: sheets.draw("icons", 0), rows(800, 0), drawn, looked)


def test_strangers_are_called_copies_at_the_rate_asked_for() -> None:
    kept = check(gathered(drawn=True), PRINT)
    assert (kept.images, kept.pairs, kept.verified) == (600, 480_000, 0)
    assert len(set(kept.divisions)) == DIVISIONS
    assert np.mean(kept.divisions, axis=0) == pytest.approx(kept.called)
    for factor, rate in zip(kept.factors(), RATES, strict=True):
        assert factor < 3
        assert factor > 1 / 3 or rate * kept.pairs < 10


def test_verified_strangers_count_if_they_are_known_to_be_some() -> None:
    known, unknown = (check(gathered(drawn=drawn, verified_below=400), PRINT) for drawn in (True, False))
    assert unknown.verified == 0
    assert known.verified > 100
    assert known.factors()[2] > 10 > known.unverified_factors()[2]
    assert unknown.factors()[2] < 10


def test_strangers_of_several_collections_are_pooled_with_equal_weight() -> None:
    one, other = (
        gathered(drawn=True),
        Gathered("near", sheets.draw, rows(200, 1), True, lambda *_: (5.0, False)),
    )
    tails = [pooled_strangers(some, levelled=False) for some in ([one], [other], [one, other])]
    for score in (2.0, 5.0, 9.0):
        first, second, both = (float(tail.shares_of(np.array([score]))[0]) for tail in tails)
        assert both == pytest.approx((first + second) / 2, rel=0.15)


@pytest.mark.parametrize("name", sheets.SETS)
def test_drawn_pictures_differ_and_come_out_the_same_again(name: str) -> None:
    pictures = {sheets.draw(name, number).tobytes() for number in range(60)}
    assert len(pictures) == 60
    assert sheets.draw(name, 7).tobytes() in pictures


@pytest.mark.slow
def test_copies_are_ranked_better_with_the_second_look(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    from lookalike.demo.gallery import draw_gallery
    from lookalike.labs.bench.rankings import rankings

    ranked = {one.name: one for one in rankings(draw_gallery(tmp_path, 6), 5, 1, load_embedder("lite0"))}
    assert all(0 <= one.first_false <= one.recall <= 1 for one in ranked.values())
    assert ranked["both"].micro_ap >= ranked["copy part alone"].micro_ap
    assert ranked["both"].micro_ap > 0.5
