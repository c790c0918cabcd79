"""What the command ``search`` does beside what it prints."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from lookalike import Collection
from lookalike.cli.main import build
from lookalike.store import checked
from pictures import draw


def test_it_remembers_that_the_index_was_checked_and_programs_that_stay_do_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checked, "_OLD_ENOUGH", -1)
    picture, store = tmp_path / "red.png", tmp_path / "mine"
    draw(1).save(picture)
    with Collection.open(store, create=True) as pictures:
        pictures.add([picture])
    with Collection.open(store) as pictures:
        pictures.ask(picture)
    assert not list((store / "index").glob("*.checked"))
    arguments = ["search", str(picture), "--collection", str(store)]
    done = CliRunner().invoke(build(arguments), arguments)
    assert (done.exit_code, done.stdout.count(str(picture))) == (0, 1)
    (note,) = (store / "index").glob("*.checked")
    assert checked.checked_before(note.with_suffix(".index")) is not None
