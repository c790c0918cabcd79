"""The package loads its compiled modules when they are asked for."""

from __future__ import annotations

import importlib
import pkgutil
import subprocess
import sys

import pytest

from lookalike import kernels


def test_the_modules_that_the_index_calls_are_named() -> None:
    assert sorted(kernels.__all__) == [
        "alone", "answers", "buckets", "cells", "distances", "funnel",
        "gaps", "needs", "pairs", "parts", "patterns", "products", "stages",
    ]  # fmt: skip
    assert set(kernels.__all__) <= {module.name for module in pkgutil.iter_modules(kernels.__path__)}


@pytest.mark.parametrize("name", kernels.__all__)
def test_compiled_modules_are_attributes(name: str) -> None:
    assert getattr(kernels, name) is importlib.import_module(f"lookalike.kernels.{name}")


def test_an_unknown_attribute_is_missed_as_usual() -> None:
    with pytest.raises(AttributeError, match="no attribute 'probe'"):
        _ = kernels.probe


def run(program: str) -> str:
    """What a new interpreter prints, in which nothing is imported yet."""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_no_compiler_is_loaded_before_a_module_is_asked_for() -> None:
    program = """
import sys
import lookalike.index
from lookalike import kernels
print("numba" in sys.modules)
kernels.{}
print("numba" in sys.modules)
"""
    assert run(program.format("patterns")).split() == ["False", "True"]


def test_what_a_scan_needs_is_plain_numpy() -> None:
    names = "arrays, bits, formulas, hyperplanes, metrics, stored, tables, topk"
    assert run(f"import sys; from lookalike.kernels import {names}; print('numba' in sys.modules)") == "False"


def test_the_compiler_is_loaded_once_any_kernel_was_asked_for() -> None:
    program = """
from lookalike import kernels
print(kernels.loaded())
kernels.patterns
print(kernels.loaded())
kernels.funnel
print(kernels.loaded())
"""
    assert run(program).split() == ["False", "True", "True"]
