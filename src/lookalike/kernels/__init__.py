"""Arithmetic: arrays in, arrays out; no files, no clock, no global random state, no printing.

The modules in ``__all__``, and those that only they import, need numba, a compiler that takes a while to
load. So they are imported when they are first used as attributes of this package: a program that never
walks a hash table, such as most commands, never loads it.

- Distances: ``formulas`` has one row for each metric; ``metrics`` calls them from numpy, ``distances`` from
  numba, which ``halves`` lets measure rows of float16.
- A search: ``funnel`` calls ``stages`` for the buckets that ``visits`` chooses by their ``costs`` (of
  ``cells``, or of signs by ``probes``), and keeps the best in a ``heap``. ``patterns`` is what a query is
  compared by, ``lookups`` scores codes and ``sketches`` whole sketches, ``borders`` decide what passes a
  stage, and ``passing`` and ``slots`` gather it. ``gaps`` tell how complete the ``answers`` are. ``alone``
  does it for one query, with arrays found by ``addresses`` and margins that are ``products``; ``pairs`` for
  all pairs.
- Scans: ``singles`` turns rows of float16 into float32, ``popcount`` counts bits, ``topk`` chooses the
  nearest, ``prefetch`` asks for memory ahead.
- Tables: ``hyperplanes`` are drawn by a seed, ``bits`` are packed, ``buckets`` builds ``tables``, and
  ``stored`` are the rows.
- ``parts`` finds hashes by their parts, ``needs`` tells what finding a row takes, and ``quantiles`` are the
  median and percentiles.
- ``arrays`` is the gate for callers' arrays.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

from lookalike.settings import cache_folder

if TYPE_CHECKING:
    from lookalike.kernels import (
        alone,
        answers,
        buckets,
        cells,
        distances,
        funnel,
        gaps,
        needs,
        pairs,
        parts,
        patterns,
        products,
        stages,
    )

__all__ = [
    "alone",
    "answers",
    "buckets",
    "cells",
    "distances",
    "funnel",
    "gaps",
    "needs",
    "pairs",
    "parts",
    "patterns",
    "products",
    "stages",
]


def loaded() -> bool:
    """Whether any of the modules that need numba is loaded, and so numba, which takes most of the time."""
    return any(f"{__name__}.{name}" in sys.modules for name in __all__)


def __getattr__(name: str) -> ModuleType:
    if name in __all__:
        _find_room_for_compiled_code()
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _find_room_for_compiled_code() -> None:
    """Tell numba, before it is imported, where to keep what it compiles if that cannot be beside the modules.

    By itself it would use the home folder, and fail where there is none that can be written to.
    """
    if not os.access(os.path.dirname(__file__), os.W_OK):  # noqa: PTH120  kernels know no paths
        os.environ.setdefault("NUMBA_CACHE_DIR", str(cache_folder() / "numba"))
