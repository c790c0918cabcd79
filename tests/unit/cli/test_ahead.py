from __future__ import annotations

import os

import pytest

from lookalike.cli.ahead import begin

THREADS = "OPENBLAS_NUM_THREADS"


@pytest.mark.parametrize(
    ("arguments", "given", "then"),
    [
        (["index", "pictures"], None, "1"),
        (["duplicates"], None, "1"),
        ([], None, "1"),
        (["index", "pictures"], "3", "3"),
        (["lab", "train"], None, None),
    ],
)
def test_linear_algebra_gets_one_thread_but_in_labs_and_where_another_number_is_given(
    arguments: list[str], given: str | None, then: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(THREADS, given or "")
    if given is None:
        monkeypatch.delenv(THREADS)
    begin(arguments)
    assert os.environ.get(THREADS) == then
