from __future__ import annotations

from pathlib import Path

import pytest

from lookalike.images import scan
from lookalike.watching.changed import leading_to
from lookalike.watching.places import states
from pictures import draw

TREE = ("a.png", "one/b.png", "one/two/c.png", "one/two/d.png", "onefold/e.png", "three/f.png")


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        (["a.png"], ["a.png"]),
        (["one/two"], ["one/two/c.png", "one/two/d.png"]),
        (["one"], ["one/b.png", "one/two/c.png", "one/two/d.png"]),
        (["one/two/d.png", "three"], ["one/two/d.png", "three/f.png"]),
        (["gone.png", "one/gone"], []),
        (["."], list(TREE)),
        ([], []),
    ],
)
def test_a_walk_meets_what_changed_and_nothing_else(
    changed: list[str], found: list[str], tmp_path: Path
) -> None:
    for name in TREE:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        draw(1).save(tmp_path / name)
    among = leading_to(tmp_path / name for name in changed)
    met = [item.path.relative_to(tmp_path).as_posix() for item in scan([tmp_path], among=among)]
    assert met == found


def test_a_state_tells_a_folder_from_the_next_one_of_its_name(tmp_path: Path) -> None:
    folder, missing = tmp_path / "folder", tmp_path / "missing"
    folder.mkdir()
    before = states([folder, missing])
    assert list(before) == [folder]
    draw(1).save(folder / "a.png")
    assert states([folder, missing]) == before
    folder.rename(tmp_path / "away")
    assert states([folder, missing]) == {}
    folder.mkdir()
    assert states([folder, missing]) != before


def test_a_state_tells_what_is_mounted_below() -> None:
    """Every Linux system has something mounted at /proc."""
    if not Path("/proc/self/mountinfo").exists():
        pytest.skip("this system does not list what is mounted")
    (_, below) = states([Path("/")])[Path("/")]
    assert Path("/proc") in below
