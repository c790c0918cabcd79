"""A network that goes wrong for some pictures, through all of a collection's work."""

from __future__ import annotations

from pathlib import Path

import pytest

import moody_model
from lookalike import Collection, Settings
from lookalike.embed import load_embedder
from lookalike.errors import DamagedError, ImageError
from moody_model import SOUND, WRONG, Mood, picture

MOODS: tuple[Mood, ...] = ("NaN", "zero", "infinity", "long", "fails")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Twenty pictures; the network has no vector for every fifth."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in range(20):
        picture(WRONG if number % 5 == 3 else SOUND, number).save(folder / f"{number:02}.png")
    return folder


@pytest.mark.parametrize("mood", MOODS)
def test_the_picture_is_rejected_by_name_and_the_rest_goes_on(
    mood: Mood, tmp_path: Path, folder: Path
) -> None:
    model = moody_model.write(tmp_path, mood)
    settings = Settings(collection=tmp_path / "collection", model=str(model), threads=2)
    with Collection.open(create=True, settings=settings) as collection:
        report = collection.add([folder])
        assert report.added == 16
        assert sorted(file.path.name for file in report.rejected) == ["03.png", "08.png", "13.png", "18.png"]
        assert all("the network gives" in file.reason or "does not take" in file.reason
                   for file in report.rejected)  # fmt: skip
        again = collection.add([folder])
        assert (again.added, again.unchanged, len(again.rejected_before)) == (0, 16, 4)
        assert collection.check().problems == []
        assert collection.search(folder / "05.png", 1)[0].path == folder / "05.png"
        with pytest.raises((ImageError, DamagedError)):
            collection.search(folder / "03.png", 1)
        uploads = collection.add_uploads([(folder / name).read_bytes() for name in ("03.png", "04.png")])
        assert [upload.image_id is None for upload in uploads] == [True, False]


def test_a_move_to_such_a_network_names_what_it_cannot_take(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "sound").mkdir()
    sound = moody_model.write(tmp_path / "sound", "none")
    moody = moody_model.write(tmp_path, "NaN")
    settings = Settings(collection=tmp_path / "collection", model=str(sound), threads=2)
    with Collection.open(create=True, settings=settings) as collection:
        collection.add([folder])
        report = collection.reembed(str(moody))
        assert not report.moved
        assert sorted(file.path.name for file in report.missing) == ["03.png", "08.png", "13.png", "18.png"]
        assert collection.embedder.fingerprint == load_embedder(str(sound)).fingerprint
        assert len(collection.search(folder / "03.png", 20)) == 20
