"""The package whose interface is offered."""

from __future__ import annotations

import importlib
import importlib.metadata
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest


@pytest.fixture(scope="module")
def theirs() -> Iterator[Any]:
    """The real class. Its package asks for pkg_resources, which it does not use."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "pkg_resources", ModuleType("pkg_resources"))
        yield importlib.import_module("lshashpy3").LSHash
