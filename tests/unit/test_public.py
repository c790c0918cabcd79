from __future__ import annotations

import re
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

import lookalike
import lookalike.embed
import lookalike.index
from fresh import run_fresh
from lookalike import LookalikeError, errors

ROOT = Path(__file__).parents[2]
PUBLIC = [
    (module, name) for module in (lookalike, lookalike.index, lookalike.embed) for name in module.__all__
]
HEAVY = ("numpy", "numba", "onnxruntime", "PIL", "torch", "sklearn", "typer", "rich")


def _modules_after(code: str) -> set[str]:
    """Top-level modules that a fresh process has loaded after running ``code``."""
    done = run_fresh(f"{code}\nimport sys\nprint(*{{n.partition('.')[0] for n in sys.modules}})")
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


@pytest.mark.parametrize(("module", "name"), PUBLIC, ids=[f"{m.__name__}.{name}" for m, name in PUBLIC])
def test_every_public_name_can_be_had(module: ModuleType, name: str) -> None:
    assert getattr(module, name) is not None


def test_the_page_of_public_names_lists_each_of_them_with_an_example() -> None:
    text = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    sections = re.split(r"^## `(.+)`$", text, flags=re.MULTILINE)
    listed = []
    for module, section in zip(sections[1::2], sections[2::2], strict=True):
        parts = re.split(r"^### `(.+)`$", section, flags=re.MULTILINE)
        for name, part in zip(parts[1::2], parts[2::2], strict=True):
            listed.append((module, name))
            assert re.search(r"\n\n\S.*\n\n```python\n>>> ", part, re.DOTALL), name
    assert len(set(listed)) == len(listed)
    assert set(listed) == {(module.__name__, name) for module, name in PUBLIC}


def test_the_page_of_public_names_lists_each_class_of_errors_with_its_kind() -> None:
    text = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `(\w+)`.* \| `([a-z-]+)` \|", text, flags=re.MULTILINE)
    classes = [value for value in vars(errors).values() if isinstance(value, type)]
    kinds = {(error.__name__, error.kind) for error in classes if issubclass(error, LookalikeError)}
    assert set(listed) == kinds - {("LookalikeError", LookalikeError.kind)}


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


def test_a_prompt_finds_every_name_before_it_is_used() -> None:
    code = "import lookalike; assert set(lookalike.__all__) <= set(dir(lookalike)), dir(lookalike)"
    assert _modules_after(code).isdisjoint(HEAVY)


def test_another_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Colection'"):
        _ = lookalike.Colection


def test_the_version_is_the_one_that_is_packaged() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert lookalike.__version__ == project["project"]["version"]


def test_the_licence_is_named_where_people_and_programs_look() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert (project["license"], project["license-files"]) == ("Apache-2.0", ["LICENSE"])
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert text.split()[:4] == ["Apache", "License", "Version", "2.0,"]
    assert "the Lookalike authors" in text
    assert "[Apache License 2.0](LICENSE)" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_importing_the_package_costs_nothing() -> None:
    assert _modules_after("import lookalike").isdisjoint(HEAVY)


def test_settings_and_errors_cost_no_arithmetic() -> None:
    code = "import lookalike; lookalike.Settings; lookalike.LookalikeError; lookalike.load_settings"
    assert _modules_after(code).isdisjoint(HEAVY)


def test_the_collection_does_without_torch_and_compilers() -> None:
    loaded = _modules_after("from lookalike import Collection, Hasher")
    assert {"numpy", "PIL", "onnxruntime"} <= loaded
    assert loaded.isdisjoint({"numba", "torch", "onnx", "sklearn", "typer"})
