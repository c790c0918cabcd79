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
import os, sys, threading
from pathlib import Path
end, told, networks = os._exit, sys.argv.pop(1), []
def tell(code):
    Path(told).write_text(chr(10).join([*sys.modules, *networks]))
    end(code)
def see(event, arguments):
    if event == "open" and str(arguments[0]).endswith(".onnx"):
        here = threading.current_thread() is threading.main_thread()
        networks.append("NETWORK-READ-HERE" if here else "NETWORK-READ-BESIDE")
os._exit = tell  # by which the program ends, so that nothing else is run at its end
sys.addaudithook(see)
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
OURS = {
    *{"web", "banks", "demo", "labs", "cluster", "cli.index", "collection.duplicates.step"},
    *{"collection.filling", "collection.uploads", "collection.verifying", "images.worker"},
    *{"embed.described", "embed.plugins", "store.cases", "store.listing"},
}
FOR_OTHERS = {
    *(SERVERS | COMPILERS | EXTRAS | RARE),
    *{"rich.console", "asyncio", "importlib.metadata", "multiprocessing", "send2trash", "watchfiles"},
    *{"html", "importlib.resources", "PIL.ImageCms", "tomllib"},
    *{f"lookalike.{name}" for name in OURS},
}
"""Modules that no search among a few pictures needs."""

FOR_COMMANDS = {"numpy", "onnxruntime", "PIL.Image", "cv2", "sqlite3", "lookalike.settings"}
"""Modules that neither the list of commands nor the version needs."""

VERSION = {"importlib.metadata", "importlib.resources"}
"""Modules that know the version."""


def imported(told: Path, program: Program, *arguments: str | Path) -> set[str]:
    """The modules that a run has imported when it ends; written to the file ``told``.

    For each network that it has read, ``NETWORK-READ-HERE`` if the main thread did, else
    ``NETWORK-READ-BESIDE``.
    """
    return set(lines_told(told, program, *arguments))


def lines_told(told: Path, program: Program, *arguments: str | Path) -> list[str]:
    """As ``imported``, each network by a line of its own."""
    subprocess.run(
        [sys.executable, "-c", TOLD, str(told), *map(str, arguments)],
        env=program.environment,
        cwd=program.home,
        stdout=subprocess.DEVNULL,
        timeout=HANG_GUARD,
        check=True,
    )
    return told.read_text().split()


@pytest.fixture(scope="module")
def known(indexed: Program) -> Path:
    """A picture of the collection."""
    return min((indexed.home / "pictures").iterdir())


@pytest.fixture(scope="module")
def of_known(indexed: Program, known: Path, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What a search for it tells, in the collection that the variable names."""
    return lines_told(tmp_path_factory.mktemp("known") / "told", indexed, "search", known)


@pytest.mark.parametrize("way", ["by variable", "--collection DIR", "--collection=DIR"])
def test_a_search_reads_the_network_once_beside_its_imports(
    way: str, indexed: Program, known: Path, of_known: list[str], tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.symlink_to(indexed.collection)
    options: dict[str, list[str | Path]] = {
        "--collection DIR": ["--collection", elsewhere],
        "--collection=DIR": [f"--collection={elsewhere}"],
    }
    lines = of_known
    if way in options:
        lines = lines_told(tmp_path / "told", indexed, "search", known, *options[way])
    assert [line for line in lines if line.startswith("NETWORK")] == ["NETWORK-READ-BESIDE"]


def test_a_search(indexed: Program, of_known: list[str], tmp_path: Path) -> None:
    draw(3).resize((90, 70)).save(tmp_path / "edited.jpg")
    of_edited = imported(tmp_path / "told", indexed, "search", tmp_path / "edited.jpg")
    for names in (set(of_known), of_edited):
        assert {"numpy", "onnxruntime", "cv2", "lookalike.cli.search", "lookalike.sight.looking"} <= names
        assert names & FOR_OTHERS == set()


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_the_list_of_commands_and_the_version(option: str, indexed: Program, tmp_path: Path) -> None:
    names = imported(tmp_path / "told", indexed, option)
    assert {"typer", "lookalike.cli.commands"} <= names
    own = {"rich.console", "html"} if option == "--help" else VERSION
    assert names & (FOR_OTHERS | FOR_COMMANDS) <= own
