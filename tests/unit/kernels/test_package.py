"""The package loads its compiled modules when they are asked for."""

from __future__ import annotations

import pytest

from lookalike import kernels


@pytest.mark.parametrize("name", kernels.__all__)
def test_compiled_modules_are_attributes(name: str) -> None:
    assert getattr(kernels, name).__name__ == f"lookalike.kernels.{name}"


def test_an_unknown_attribute_is_missed_as_usual() -> None:
    with pytest.raises(AttributeError, match="no attribute 'probe'"):
        _ = kernels.probe
