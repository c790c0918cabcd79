"""Arithmetic: arrays in, arrays out; no files, no clock, no global random state, no printing.

The modules that need numba (those in ``__all__``, and what only they import) are imported when they are first
used as attributes of this package, so that importing ``lookalike``, and any command that never walks a hash
table, does not pay for loading a compiler.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lookalike.kernels import buckets, funnel, needs, patterns, stages

__all__ = ["buckets", "funnel", "needs", "patterns", "stages"]


def loaded() -> bool:
    """Whether any of these modules is loaded, and so the compiler, which takes longest."""
    return any(f"{__name__}.{name}" in sys.modules for name in __all__)


def __getattr__(name: str) -> ModuleType:
    if name in __all__:
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
