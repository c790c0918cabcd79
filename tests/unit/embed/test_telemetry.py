"""ONNX Runtime is imported only after it was told not to report to its vendor."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import lookalike
from fresh import run_fresh

SOURCE = Path(lookalike.__file__).parent
IMPORT = re.compile(r"^(?:import|from) onnxruntime", re.MULTILINE)
FIRST = ('os.environ["ORT_DISABLE_TELEMETRY"] = "1"', "import lookalike.embed.sessions")
IMPORTERS = sorted(path for path in SOURCE.rglob("*.py") if IMPORT.search(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", IMPORTERS, ids=lambda path: path.stem)
def test_every_module_that_imports_it_says_so_first(path: Path) -> None:
    before = IMPORT.split(path.read_text(encoding="utf-8"))[0]
    assert any(words in before for words in FIRST)


def test_the_variable_is_set_whatever_it_was() -> None:
    code = "import os, lookalike.embed.sessions; print(os.environ['ORT_DISABLE_TELEMETRY'])"
    done = run_fresh(code, ORT_DISABLE_TELEMETRY="0")
    assert (done.stdout, done.stderr) == ("1\n", "")
