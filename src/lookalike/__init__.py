"""Lookalike: reverse image search with locality-sensitive hashing.

The names below are imported when they are first used, so that ``import lookalike`` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lookalike.client import Client
    from lookalike.collection import Collection
    from lookalike.comparison import Comparison, Hasher
    from lookalike.errors import LookalikeError
    from lookalike.reports import AddReport, CheckReport, Match, Progress, Status
    from lookalike.settings import Settings, load_settings
    from lookalike.version import __version__

_HOMES = {
    "Client": "client",
    "Collection": "collection",
    "Comparison": "comparison",
    "Hasher": "comparison",
    "LookalikeError": "errors",
    "AddReport": "reports",
    "CheckReport": "reports",
    "Match": "reports",
    "Progress": "reports",
    "Status": "reports",
    "Settings": "settings",
    "load_settings": "settings",
    "__version__": "version",
}

__all__ = [
    "Client",
    "Collection",
    "Comparison",
    "Hasher",
    "LookalikeError",
    "AddReport",
    "CheckReport",
    "Match",
    "Progress",
    "Status",
    "Settings",
    "load_settings",
    "__version__",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"lookalike.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
