"""No example of a test has to be done in a certain time."""

from __future__ import annotations

from hypothesis import settings


def test_examples_have_no_deadline() -> None:
    assert settings().deadline is None
