"""Names of a package whose modules are imported when one of them is first used.

A search often begins with a new process, in which each module takes a millisecond or more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def imported_later(package: str, homes: Mapping[str, tuple[str, ...]]) -> Callable[[str], Any]:
    """Make the ``__getattr__`` of a package: what Python calls for a name that the package does not have yet.

    Args:
        package: its ``__name__``.
        homes: for some of its modules, the names that each defines.
    """
    modules = {name: module for module, names in homes.items() for name in names}

    def find(name: str) -> Any:
        if name not in modules:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(f"{package}.{modules[name]}"), name)

    return find
