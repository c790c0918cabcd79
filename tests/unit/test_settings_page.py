"""docs/settings.md against the settings themselves."""

from __future__ import annotations

import dataclasses
import re
import subprocess
import sys
from pathlib import Path

import pytest

from lookalike.errors import UsageError
from lookalike.settings import Settings, config_file, load_settings

PAGE = (Path(__file__).parents[2] / "docs" / "settings.md").read_text(encoding="utf-8")
CELLS = [
    [cell.strip() for cell in line.split("|")[1:6]] for line in PAGE.splitlines() if line.startswith("| `")
]
ROWS = {cells[0].strip("`"): cells for cells in CELLS if cells[0].strip("`").islower()}
UNITS = {"_bytes": "bytes", "_pixels": "pixels", "_seconds": "seconds"}


def test_every_setting_has_a_row() -> None:
    assert list(ROWS) == [field.name for field in dataclasses.fields(Settings)]


@pytest.mark.parametrize("name", ROWS)
def test_variable_default_and_unit_are_right(name: str) -> None:
    _, variable, _, default, unit = ROWS[name]
    assert variable == f"`LOOKALIKE_{name.upper()}`"
    value = next(field.default for field in dataclasses.fields(Settings) if field.name == name)
    if isinstance(value, bool):
        assert default == str(value).lower()
    elif isinstance(value, int | float):
        assert float(default.replace(",", "")) == value
    elif isinstance(value, str):
        assert default == f"`{value}`"
    for ending, expected in UNITS.items():
        if name.endswith(ending):
            assert unit == expected


def test_the_flags_are_those_of_the_program() -> None:
    command = [sys.executable, "-m", "lookalike", "index", "--help"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    for name, (_, _, flag, _, _) in ROWS.items():
        assert flag in ("", f"`--{name}`", f"`--no-{name}`")
        assert (f"--{name} " in shown) == bool(flag)


def test_the_file_that_is_shown_is_understood(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (shown,) = re.findall(r"^```toml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    (tmp_path / "config.toml").write_text(shown)
    monkeypatch.setenv("LOOKALIKE_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.delenv("LOOKALIKE_COLLECTION", raising=False)
    assert config_file() == tmp_path / "config.toml"
    settings = load_settings()
    assert settings.collection == Path("~/pictures-index").expanduser()
    assert settings.max_pixels == 200_000_000


def test_the_mistake_that_is_shown_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOOKALIKE_MODLE", "resnet34")
    with pytest.raises(UsageError) as caught:
        load_settings()
    assert f"```text\nlookalike: {caught.value}\n```" in PAGE
