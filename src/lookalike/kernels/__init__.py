"""Arithmetic: arrays in, arrays out; no files, no clock, no global random state, no printing.

The modules that need numba (``buckets``, ``probes``, ``funnel``) are imported when they are first used as
attributes of this package, so that importing ``lookalike``, and any command that never walks a hash table,
does not pay for loading a compiler.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lookalike.kernels import buckets, funnel, probes

__all__ = ["buckets", "funnel", "probes"]


def __getattr__(name: str) -> ModuleType:
    if name in __all__:
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
