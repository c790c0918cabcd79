"""Networks of a size at which tests that do not ask about sizes are quick."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="module")
def slim_networks() -> Iterator[None]:
    """Both architectures with few channels, for all tests of a module but those that ask for full ones."""
    import networks  # which imports PyTorch

    with networks.slim():
        yield


@pytest.fixture
def full_networks() -> Iterator[None]:
    """Both architectures as they are, inside a module of slim ones."""
    import networks

    with networks.slim(whether=False):
        yield
