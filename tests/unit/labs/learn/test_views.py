from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch

import pictures
from lookalike.embed.preprocess import to_pixels
from lookalike.labs.learn.editing import hard
from lookalike.labs.learn.packed import open_packed, pack
from lookalike.labs.learn.recipe import Source
from lookalike.labs.learn.views import Batches, Views, load

SIDE = 32
COUNT = 12


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with packed pictures."""
    folder = tmp_path_factory.mktemp("packed")
    (folder / "drawn").mkdir()
    for number in range(COUNT):
        pictures.draw(number, 120, 90).save(folder / "drawn" / f"{number}.png")
    pack([Source("drawn", 0, "", SIDE)], 0, folder, folder, 1, 1)
    return folder


def _strangers() -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    """Each picture's next three."""
    return (np.arange(COUNT)[:, None] + np.arange(1, 4)) % COUNT


class TestViews:
    def test_two_edits_of_the_picture_that_come_again_with_the_same_key(self, packed: Path) -> None:
        number, views = Views(packed, SIDE, 1)[3, 5, 7]
        assert int(number) == 7
        assert views.shape == (2, SIDE, SIDE, 3)
        assert views.dtype == torch.uint8
        assert not torch.equal(views[0], views[1])
        assert torch.equal(Views(packed, SIDE, 1)[3, 5, 7][1], views)
        for other in ((4, 5, 7), (3, 6, 7), (3, 5, 8)):
            assert not torch.equal(Views(packed, SIDE, 1)[other][1], views), other
        assert not torch.equal(Views(packed, SIDE, 2)[3, 5, 7][1], views)

    def test_the_first_view_of_every_fourth_place_is_mild(
        self, packed: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def black(image, draw, another):  # type: ignore[no-untyped-def]
            return hard(image, draw, another).point(lambda _: 0)

        monkeypatch.setattr("lookalike.labs.learn.views.hard", black)
        shown = [[bool(view.any()) for view in Views(packed, SIDE, 1)[0, place, 0][1]] for place in range(6)]
        assert shown == [[True, False], *[[False, False]] * 3, [True, False], [False, False]]


class TestBatches:
    def test_half_at_random_then_pictures_with_their_strangers(self) -> None:
        batches = list(Batches(_strangers(), 8, 1, 2, 5))
        assert len(batches) == len(Batches(_strangers(), 8, 1, 2, 5)) == 3
        for batch, keys in zip((2, 3, 4), batches, strict=True):
            assert [key[:2] for key in keys] == [(batch, place) for place in range(8)]
            numbers = [number for _, _, number in keys]
            assert len(set(numbers)) == 8
            group = [n for n in numbers[4:] if n not in numbers[:4]]
            assert sum((b - a) % COUNT <= 3 for a, b in pairwise(group)) >= 2
        assert list(Batches(_strangers(), 8, 1, 3, 4)) == batches[1:2]
        assert list(Batches(_strangers(), 8, 2, 2, 5)) != batches

    def test_no_more_than_there_are(self) -> None:
        (keys,) = Batches(_strangers(), 100, 1, 0, 1)
        assert sorted(number for _, _, number in keys) == list(range(COUNT))


@pytest.mark.parametrize("processes", [0, 2])
def test_loaded_in_order_whoever_edits(packed: Path, processes: int) -> None:
    batches = Batches(_strangers(), 5, 1, 0, 3)
    loaded = list(load(Views(packed, SIDE, 1), batches, processes))
    for (numbers, views), keys in zip(loaded, batches, strict=True):
        assert numbers.tolist() == [number for _, _, number in keys]
        for view, key in zip(views, keys, strict=True):
            assert torch.equal(view, Views(packed, SIDE, 1)[key][1])


def test_a_packed_picture_is_what_is_edited(packed: Path) -> None:
    """Mild views keep at least four tenths of the picture: its mean colour stays near."""
    found = open_packed(packed)
    own = [to_pixels([found.image(number)], SIDE).mean((0, 1, 2)) for number in range(COUNT)]
    views = [Views(packed, SIDE, 1)[0, 0, number][1][0].numpy().mean((0, 1)) for number in range(COUNT)]
    gaps = np.linalg.norm(np.array(own)[:, None] - np.array(views), axis=2)
    assert np.median(gaps.diagonal()) < np.median(gaps)
