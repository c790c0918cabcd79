"""The small copy of a folder that a quick report reads."""

from __future__ import annotations

from pathlib import Path

import pytest

import pictures
from lookalike.labs.report.sampling import sampled
from lookalike.labs.report.steps import Request

CLASSES = ("ant", "bee", "cat")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for place, name in enumerate(CLASSES):
        pictures.write(tmp_path / "animals" / name, 12, first_seed=20 * place)
    return tmp_path / "animals"


def listed(request: Request, name: str) -> list[str]:
    arguments = dict(zip(request.lists[::2], request.lists[1::2], strict=True))
    return Path(arguments[name]).read_text().splitlines()


def test_it_has_a_few_of_each_class_and_the_same_ones_again(folder: Path, tmp_path: Path) -> None:
    request = Request(folder, (), tmp_path / "out", None, None, quick=True)
    small = sampled(request)
    assert small.folder.name == folder.name
    training, test = listed(small, "--train-list"), listed(small, "--test-list")
    wanted = request.settings["sample"]
    for name in CLASSES:
        assert sum(line.startswith(f"{name}/") for line in training) == wanted["train"]
        assert 1 <= sum(line.startswith(f"{name}/") for line in test) <= wanted["test"]
    assert not set(training) & set(test)
    copies = {path.relative_to(small.folder).as_posix() for path in small.folder.rglob("*") if path.is_file()}
    assert copies == {*training, *test}
    assert all((small.folder / name).read_bytes() == (folder / name).read_bytes() for name in copies)
    again = sampled(request)
    assert (listed(again, "--train-list"), listed(again, "--test-list")) == (training, test)


def test_lists_are_kept_to(folder: Path, tmp_path: Path) -> None:
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    for name, some in (("train", names[::2]), ("test", names[1::2])):
        (tmp_path / f"{name}.txt").write_text("\n".join(some))
    lists = ("--train-list", str(tmp_path / "train.txt"), "--test-list", str(tmp_path / "test.txt"))
    small = sampled(Request(folder, lists, tmp_path / "out", None, None, quick=True))
    assert set(listed(small, "--train-list")) <= set(names[::2])
    assert set(listed(small, "--test-list")) <= set(names[1::2])
