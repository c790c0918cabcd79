"""The lists of modules that the folders' docstrings hold, against the folders themselves."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import lookalike

PACKAGE = Path(lookalike.__file__).parent
FOLDERS = (
    "backups",
    "banks",
    "calibration",
    "client",
    "cluster",
    "collection",
    "collection/duplicates",
    "embed",
    "images",
    "index",
    "kernels",
    "review",
    "sight",
    "store",
    "watching",
    "web",
)


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_folder_names_all_of_its_modules(folder: str) -> None:
    text = ast.get_docstring(ast.parse((PACKAGE / folder / "__init__.py").read_text(encoding="utf-8")))
    modules = {
        path.stem
        for path in (PACKAGE / folder).iterdir()
        if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert modules - {"__init__"} - set(re.findall(r"``(\w+)``", text or "")) == set()
