"""The commands, as a person types them."""

from __future__ import annotations

from pathlib import Path

import pytest

from lookalike.cluster.table import Table
from pictures import write
from program import Program


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path / "home")


def test_a_collection_goes_into_a_table_and_comes_out(program: Program) -> None:
    first, *_ = write(program.home / "pictures", 5)
    assert program.here("index", program.home / "pictures").code == 0
    table = program.home / "pictures.lance"
    told = program.here("cluster", "import", "--from", program.collection, "--to", table, "--json").json
    assert (told["schema"], told["added"], told["images"]) == ("lookalike.cluster-import/1", 5, 5)
    again = program.here("cluster", "import", "--from", program.collection, "--to", table)
    assert again.code == 0
    assert "0 images added" in again.out
    other = program.home / "other"
    told = program.here("cluster", "export", table, "--collection", other, "--json").json
    assert (told["schema"], told["added"]) == ("lookalike.cluster-export/1", 5)
    found = program.here("search", first, "--collection", other, "--json").json
    assert found["matches"][0]["verdict"] == "identical"


def test_mistakes_cost_a_line(program: Program, table: Table) -> None:
    for arguments, code in (
        (("import", "--to", "x"), 2),
        (("import", "a", "--from", "b", "--to", "x"), 2),
        (("import", "--from", "nowhere", "--to", "x"), 3),
        (("export", "nowhere.lance", "--collection", "x"), 3),
        (("serve", "nowhere.lance"), 3),
        (("serve", "nowhere.lance", "--host", "0.0.0.0"), 2),
        (("serve", table.uri, "--banks", "nowhere"), 3),
    ):
        done = program.here("cluster", *arguments)
        assert done.code == code, (arguments, done.err)
        assert len(done.err.splitlines()) <= 2 or code == 2, done.err
