from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import lookalike

HEAVY = ("numpy", "numba", "onnxruntime", "PIL", "torch", "sklearn", "typer", "rich")


def _modules_after(code: str) -> set[str]:
    """Top-level modules that a fresh process has loaded after running ``code``."""
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys\nprint(*{{n.partition('.')[0] for n in sys.modules}})"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    return set(done.stdout.split())


@pytest.mark.parametrize("name", lookalike.__all__)
def test_every_public_name_can_be_had(name: str) -> None:
    assert getattr(lookalike, name) is not None


def test_public_names_are_what_their_homes_define() -> None:
    for name in lookalike.__all__:
        value = getattr(lookalike, name)
        if name != "__version__":
            assert value.__name__ == name
            assert value.__module__.startswith("lookalike.")
            assert value.__doc__


def test_a_star_import_gives_them_all() -> None:
    names: dict[str, object] = {}
    exec("from lookalike import *", names)
    assert set(lookalike.__all__) <= names.keys()


def test_another_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Colection'"):
        _ = lookalike.Colection


def test_the_version_is_the_one_that_is_packaged() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())
    assert lookalike.__version__ == project["project"]["version"]


def test_importing_the_package_costs_nothing() -> None:
    assert _modules_after("import lookalike").isdisjoint(HEAVY)


def test_settings_and_errors_cost_no_arithmetic() -> None:
    code = "import lookalike; lookalike.Settings; lookalike.LookalikeError; lookalike.load_settings"
    assert _modules_after(code).isdisjoint(HEAVY)


def test_the_collection_does_without_torch_and_compilers() -> None:
    loaded = _modules_after("from lookalike import Collection, Hasher")
    assert {"numpy", "PIL", "onnxruntime"} <= loaded
    assert loaded.isdisjoint({"numba", "torch", "onnx", "sklearn", "typer"})
