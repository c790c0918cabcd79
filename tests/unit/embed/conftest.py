"""Here every vector is computed, also that of a picture that was embedded before."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kept_sessions import remembering


@pytest.fixture(scope="module", autouse=True)
def _computed_anew() -> Iterator[None]:
    with remembering(False):
        yield
