"""Names that packages import when they are first used, in processes that have imported nothing yet."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import import_module

import pytest

PACKAGES = ("embed", "images", "sight", "store")

NEW = """
import json, sys
package = __import__("lookalike.{0}", fromlist=["name"])
before = set(sys.modules)
missing = [name for name in package.__all__ if not hasattr(package, name)]
later = {{name for name in set(sys.modules) - before if name.startswith("lookalike.{0}.")}}
print(json.dumps([missing, sorted(later)]))
"""


@pytest.mark.parametrize("package", PACKAGES)
def test_every_public_name_is_there_and_some_came_later(package: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", NEW.format(package)], capture_output=True, text=True, check=True
    )
    missing, later = json.loads(done.stdout)
    assert missing == []
    assert later


@pytest.mark.parametrize("package", PACKAGES)
def test_an_unknown_name_is_said_as_python_says_it(package: str) -> None:
    module = import_module(f"lookalike.{package}")
    assert not hasattr(module, "nothing")
    with pytest.raises(ImportError, match=f"cannot import name 'nothing' from 'lookalike.{package}'"):
        exec(f"from lookalike.{package} import nothing")
