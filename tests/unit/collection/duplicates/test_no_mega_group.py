"""Collections in which everything is near to everything, and few pictures are copies of each other."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

import drawn
import pictures
from lookalike import Collection, Settings
from lookalike.collection.duplicates.group import Group

_STEPS, _SHIFT = 20, 40
_SIZE = 320, 240


def _duplicates(tmp_path: Path) -> list[Group]:
    with Collection.open(tmp_path / "store", create=True, settings=Settings(threads=2)) as collection:
        collection.add([tmp_path / "pictures"])
        return collection.duplicates()


def test_a_chain_of_small_edits_is_not_one_group(tmp_path: Path) -> None:
    """Each picture is the one before, moved by 40 pixels: neighbours are copies, the ends share nothing."""
    wide = Image.new("RGB", (_SIZE[0] + _STEPS * _SHIFT, _SIZE[1]))
    for place, left in enumerate(range(0, wide.width, 250)):
        wide.paste(pictures.draw(100 + place, 280, _SIZE[1]), (left, 0))
    (tmp_path / "pictures").mkdir()
    for step in range(_STEPS):
        left = _SHIFT * step
        wide.crop((left, 0, left + _SIZE[0], _SIZE[1])).save(tmp_path / "pictures" / f"{step:02}.png")
    groups = _duplicates(tmp_path)
    grouped: list[int] = []
    for group in groups:
        medoid, *others = (int(member.paths[0].stem) for member in group.members)
        grouped += [medoid, *others]
        # A copy shares something with the medoid, so it is not that many steps away from it.
        assert all(abs(step - medoid) * _SHIFT < _SIZE[0] for step in others)
        assert all(member.evidence is not None and member.evidence.verified for member in group.members[1:])
    assert len(grouped) == len(set(grouped))
    assert len(grouped) >= 0.9 * _STEPS
    assert len(groups) >= _STEPS * _SHIFT // (2 * _SIZE[0])


@pytest.mark.slow
def test_texts_on_two_templates_are_not_grouped(tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    for kind in ("word_card", "table"):
        for seed in range(24):
            drawn.draw(kind, seed).save(tmp_path / "pictures" / f"{kind}-{seed}.png")
    assert _duplicates(tmp_path) == []
