"""Lookalike: reverse image search with locality-sensitive hashing.

The names below are imported when they are first used, so that ``import lookalike`` costs nothing.
"""

from __future__ import annotations

# Not from typing, whose import takes 7 ms, in which Ctrl-C would still show a traceback.
TYPE_CHECKING = False

if TYPE_CHECKING:
    from typing import Any

    from lookalike.client.awaiting import AsyncClient
    from lookalike.client.blocking import Client
    from lookalike.collection.answers import Answer, Match
    from lookalike.collection.comparison import Comparison, Hasher
    from lookalike.collection.facade import Collection
    from lookalike.collection.reports import AddReport, CheckReport, Progress, ReembedReport, Upload
    from lookalike.collection.status import Status
    from lookalike.errors import LookalikeError
    from lookalike.images import RejectedFile
    from lookalike.settings import Settings, load_settings
    from lookalike.version import __version__

_HOMES = {
    "AsyncClient": "client.awaiting",
    "Client": "client.blocking",
    "Collection": "collection.facade",
    "Comparison": "collection.comparison",
    "Hasher": "collection.comparison",
    "LookalikeError": "errors",
    "AddReport": "collection.reports",
    "Answer": "collection.answers",
    "CheckReport": "collection.reports",
    "Match": "collection.answers",
    "Progress": "collection.reports",
    "ReembedReport": "collection.reports",
    "RejectedFile": "images",
    "Upload": "collection.reports",
    "Status": "collection.status",
    "Settings": "settings",
    "load_settings": "settings",
    "__version__": "version",
}

__all__ = [
    "AsyncClient",
    "Client",
    "Collection",
    "Comparison",
    "Hasher",
    "LookalikeError",
    "AddReport",
    "Answer",
    "CheckReport",
    "Match",
    "Progress",
    "ReembedReport",
    "RejectedFile",
    "Status",
    "Upload",
    "Settings",
    "load_settings",
    "__version__",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        from importlib import import_module  # noqa: PLC0415  as above

        return getattr(import_module(f"lookalike.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """Every public name, those not imported yet included, for a prompt that completes names."""
    return sorted({*globals(), *__all__})
