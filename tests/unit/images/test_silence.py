"""Warnings are errors in this test run, so a warning that gets out fails by itself."""

from __future__ import annotations

import threading
import warnings

import pytest

from lookalike.images.silence import silence
from waiting import HANG_GUARD


def test_nothing_is_heard_inside() -> None:
    with silence():
        warnings.warn("unheard", stacklevel=1)
        with silence():
            warnings.warn("unheard, one deeper", RuntimeWarning, stacklevel=1)
        warnings.warn("still unheard", DeprecationWarning, stacklevel=1)


def test_the_same_warning_is_heard_again_outside() -> None:
    def warn() -> None:
        warnings.warn("from one place", UserWarning, stacklevel=1)

    with silence():
        warn()
    with pytest.raises(UserWarning, match="from one place"):
        warn()


def test_filters_that_came_later_do_not_break_the_silence() -> None:
    with silence():
        pass
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with silence():
            warnings.warn("unheard", stacklevel=1)
        with pytest.raises(UserWarning, match="heard"):
            warnings.warn("heard", stacklevel=1)


def test_other_threads_are_heard_all_the_same() -> None:
    silent, finished = threading.Event(), threading.Event()

    def stay_silent() -> None:
        with silence():
            silent.set()
            finished.wait(HANG_GUARD)

    thread = threading.Thread(target=stay_silent)
    thread.start()
    assert silent.wait(HANG_GUARD)
    try:
        with pytest.raises(UserWarning, match="heard"):
            warnings.warn("heard", stacklevel=1)
    finally:
        finished.set()
        thread.join()


def test_silence_ends_when_the_block_fails() -> None:
    with pytest.raises(KeyError), silence():
        raise KeyError
    with pytest.raises(UserWarning, match="heard"):
        warnings.warn("heard", stacklevel=1)


def test_many_silences_leave_one_filter() -> None:
    with silence():
        pass
    before = len(warnings.filters)
    for _ in range(100):
        with silence():
            pass
    assert len(warnings.filters) == before
