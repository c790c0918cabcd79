"""Imports that wait: of modules whose names are not used yet, and of packages that may not be installed.

A search often begins with a new process, in which each module takes a millisecond or more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from lookalike.errors import MissingExtra


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


@contextmanager
def needing(extra: str) -> Iterator[None]:
    """Turn a failed import of another program's package into an error that names the extra to install.

    Args:
        extra: that brings the package.

    Raises:
        MissingExtra: the package is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name is not None and error.name.startswith("lookalike"):
            raise
        raise MissingExtra(
            f"this command needs {error.name}, which the extra '{extra}' brings: "
            f"pip install 'lookalike[{extra}]'"
        ) from error
