"""Broken files are told once: by the first run that meets them as they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from lookalike import AddReport, Collection, Settings
from pictures import draw


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a sound picture and a broken one."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    draw(0).save(folder / "sound.png")
    (folder / "broken.png").write_text("text")
    return folder


def _names(report: AddReport) -> tuple[list[str], list[str]]:
    """Names that are told, and names that were told before."""
    return (
        sorted(item.path.name for item in report.rejected),
        sorted(item.path.name for item in report.rejected_before),
    )


def test_once_and_again_when_it_has_changed(folder: Path, settings: Settings) -> None:
    with Collection.open(create=True, settings=settings) as collection:
        assert _names(collection.add([folder])) == (["broken.png"], [])
        assert _names(collection.add([folder])) == ([], ["broken.png"])
        assert _names(collection.add([folder / "broken.png"])) == ([], ["broken.png"])
        (folder / "new.png").write_text("more text")
        (folder / "broken.png").write_text("other text")
        assert _names(collection.add([folder])) == (["broken.png", "new.png"], [])
        draw(1).save(folder / "broken.png")
        report = collection.add([folder])
        assert (report.added, _names(report)) == (1, ([], ["new.png"]))


def test_another_reason_is_told(folder: Path, settings: Settings) -> None:
    with Collection.open(create=True, settings=settings) as collection:
        collection.add([folder])
    strict = Settings(collection=settings.collection, max_file_bytes=1)
    with Collection.open(settings=strict) as collection:
        (item,) = collection.add([folder]).rejected
        assert "max_file_bytes" in item.reason
        assert _names(collection.add([folder])) == ([], ["broken.png"])


def test_a_path_that_is_not_there_is_told_each_time(folder: Path, settings: Settings) -> None:
    with Collection.open(create=True, settings=settings) as collection:
        for _ in range(2):
            assert _names(collection.add([folder / "absent.png"])) == (["absent.png"], [])


def test_a_run_that_was_interrupted_has_told_nothing(folder: Path, settings: Settings) -> None:
    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    with Collection.open(create=True, settings=settings) as collection:
        with pytest.raises(KeyboardInterrupt):
            collection.add([folder], on_progress=interrupt)
        assert _names(collection.add([folder])) == (["broken.png"], [])
