"""What a process imports: each command pays for what it needs, and for nothing else.

Times depend on the machine, and ``lookalike lab bench search_start`` measures them; which modules a real
process has imported in the end does not.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pictures import draw
from program import Program
from waiting import HANG_GUARD

TOLD = """
import os, sys
from pathlib import Path
end, told = os._exit, sys.argv.pop(1)
def tell(code):
    Path(told).write_text(chr(10).join(sys.modules))
    end(code)
os._exit = tell  # by which the program ends, so that nothing else is run at its end
from lookalike.__main__ import run
run()
"""

SERVERS = {
    "pydantic",
    "fastapi",
    "starlette",
    "uvicorn",
    "httpx",
    "prometheus_client",
    "jinja2",
    "asyncio",
    "ssl",
}
COMPILERS = {"numba", "llvmlite"}
EXTRAS = {
    "scipy",
    "sklearn",
    "torch",
    "onnx",
    "matplotlib",
    "pandas",
    "pyarrow",
    "ray",
    "lance",
    "watchfiles",
}
RARE = {"numpy.ma", "pi_heif", "PIL.AvifImagePlugin", "PIL.TiffImagePlugin", "PIL.WebPImagePlugin"}
OURS = {"web", "banks", "demo", "labs", "cluster", "collection.duplicates.search", "cli.index"}
FOR_OTHERS = {
    *(SERVERS | COMPILERS | EXTRAS | RARE),
    *{"rich.console", "asyncio", "importlib.metadata", "multiprocessing", "send2trash", "watchfiles"},
    *{f"lookalike.{name}" for name in OURS},
}
"""Modules that no search among a few pictures needs."""

FOR_COMMANDS = {"numpy", "onnxruntime", "PIL.Image", "cv2", "sqlite3", "lookalike.settings"}
"""Modules that neither the list of commands nor the version needs."""


def imported(told: Path, program: Program, *arguments: str | Path) -> set[str]:
    """The modules that a run has imported when it ends; written to the file ``told``."""
    subprocess.run(
        [sys.executable, "-c", TOLD, str(told), *map(str, arguments)],
        env=program.environment,
        cwd=program.home,
        stdout=subprocess.DEVNULL,
        timeout=HANG_GUARD,
        check=True,
    )
    return set(told.read_text().split())


def test_a_search(indexed: Program, tmp_path: Path) -> None:
    known = min((indexed.home / "pictures").iterdir())
    draw(3).resize((90, 70)).save(tmp_path / "edited.jpg")
    for picture in (known, tmp_path / "edited.jpg"):
        names = imported(tmp_path / "told", indexed, "search", picture)
        assert {"numpy", "onnxruntime", "cv2", "lookalike.cli.search", "lookalike.sight.looking"} <= names
        assert names & FOR_OTHERS == set()


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_the_list_of_commands_and_the_version(option: str, indexed: Program, tmp_path: Path) -> None:
    names = imported(tmp_path / "told", indexed, option)
    assert {"typer", "lookalike.cli.commands"} <= names
    own = {"rich.console"} if option == "--help" else {"importlib.metadata"}  # which knows the version
    assert names & (FOR_OTHERS | FOR_COMMANDS) <= own
