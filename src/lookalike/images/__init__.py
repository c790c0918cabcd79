"""Untrusted bytes, files and URLs, turned into upright RGB images.

What speaks to the network is imported when it is first used: most runs never do.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from lookalike.images.decode import Decoded, decode
from lookalike.images.files import read_file
from lookalike.images.names import SUFFIXES
from lookalike.images.scan import FoundFile, RejectedFile, scan
from lookalike.settings import Limits

if TYPE_CHECKING:
    from lookalike.images.addresses import is_public
    from lookalike.images.remote import fetch

__all__ = [
    "Limits",
    "scan",
    "FoundFile",
    "RejectedFile",
    "SUFFIXES",
    "read_file",
    "decode",
    "Decoded",
    "fetch",
    "is_public",
]

_HOMES = {"fetch": "remote", "is_public": "addresses"}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
