from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lookalike.errors import NotFoundError, UsageError
from lookalike.labs.learn.decoded import load_pictures, sample
from lookalike.labs.shared.splits import split
from lookalike.settings import Settings
from pictures import draw


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three classes of 20, 10 and 5 pictures, one file that is none, and one that lies too deep."""
    made = tmp_path / "pictures"
    for name, count in (("ant", 20), ("bee", 10), ("cat", 5)):
        (made / name).mkdir(parents=True)
        for number in range(count):
            draw(number, 60, 40).save(made / name / f"{number:02d}.png")
    (made / "ant" / "notes.txt").write_text("no picture")
    (made / "ant" / "deeper").mkdir()
    draw(1).save(made / "ant" / "deeper" / "x.png")
    return made


def _lists(folder: Path, training: list[str], test: list[str]) -> tuple[Path, Path]:
    paths = folder.with_name("train.txt"), folder.with_name("test.txt")
    for path, names in zip(paths, (training, test), strict=True):
        path.write_text("".join(f"{name}\n" for name in names))
    return paths


class TestSplit:
    def test_each_class_eight_to_one_to_one(self, folder: Path) -> None:
        parts = split(folder, None, None, seed=1)
        assert parts.classes == ("ant", "bee", "cat")
        for part, counts in (
            (parts.training, [16, 8, 4]),
            (parts.validation, [2, 1, 0]),
            (parts.test, [2, 1, 1]),
        ):
            assert np.bincount(parts.labels(part), minlength=3).tolist() == counts
        everything = [*parts.training, *parts.validation, *parts.test]
        assert len(set(everything)) == len(everything) == 35

    def test_the_seed_decides(self, folder: Path) -> None:
        assert split(folder, None, None, seed=1) == split(folder, None, None, seed=1)
        assert split(folder, None, None, seed=1).test != split(folder, None, None, seed=2).test

    def test_lists_are_obeyed(self, folder: Path) -> None:
        training = [f"{name}/{number:02d}.png" for name in ("ant", "bee") for number in range(10)]
        parts = split(folder, *_lists(folder, training, ["ant/15.png"]), seed=0)
        assert parts.classes == ("ant", "bee")
        assert parts.test == [folder / "ant" / "15.png"]
        assert sorted([*parts.training, *parts.validation]) == [folder / name for name in training]
        assert len(parts.validation) == 2

    @pytest.mark.parametrize(
        ("training", "test", "message"),
        [
            (["ant/00.png", "bee/00.png"], ["bee/00.png"], "in both lists"),
            (["ant/00.png"], ["ant/01.png"], "1 class folders"),
            (["ant/00.png", "bee/00.png"], ["cat/00.png"], "'cat' is measured but never learned"),
            (["/etc/passwd", "bee/00.png"], [], "not CLASS/PICTURE"),
            (["../ant/00.png", "bee/00.png"], [], "not CLASS/PICTURE"),
        ],
    )
    def test_lists_with_mistakes(
        self, training: list[str], test: list[str], message: str, folder: Path
    ) -> None:
        with pytest.raises(UsageError, match=message):
            split(folder, *_lists(folder, training, test), seed=0)

    def test_what_is_missing(self, folder: Path, tmp_path: Path) -> None:
        with pytest.raises(NotFoundError, match="there is no folder"):
            split(tmp_path / "none", None, None, seed=0)
        with pytest.raises(NotFoundError, match=r"names .*99\.png, which is not there"):
            split(folder, *_lists(folder, ["ant/99.png"], []), seed=0)
        with pytest.raises(NotFoundError, match="cannot be read"):
            split(folder, folder / "none.txt", folder / "none.txt", seed=0)
        with pytest.raises(UsageError, match="give both"):
            split(folder, folder / "none.txt", None, seed=0)
        with pytest.raises(UsageError, match="0 class folders"):
            split(folder / "bee", None, None, seed=0)


class TestPictures:
    def test_broken_ones_are_named_and_left_out(
        self, folder: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        broken = folder / "bee" / "03.png"
        broken.write_bytes(b"nothing")
        paths = sorted((folder / "bee").iterdir())
        loaded = load_pictures(paths, np.arange(10), 30, Settings())
        assert loaded.labels.tolist() == [0, 1, 2, 4, 5, 6, 7, 8, 9]
        assert {pixels.shape for pixels in loaded.pixels} == {(20, 30, 3)}
        assert f"left out {broken}: " in capsys.readouterr().err

    def test_a_sample_is_spread(self, folder: Path) -> None:
        found = sample(folder, 16, Settings(), most=12)
        assert len(found.pixels) == 12
        assert len(set(found.labels.tolist())) == 3
        with pytest.raises(NotFoundError, match="no pictures"):
            sample(folder / "none", 16, Settings())
