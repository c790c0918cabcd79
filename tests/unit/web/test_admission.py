from __future__ import annotations

import time
from contextlib import ExitStack

import pytest

from lookalike.errors import Busy, UnreadableImage
from lookalike.web.admission import Admission, Patience


class Clock:
    """A time that passes when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_admission_counts_and_gives_back() -> None:
    admission = Admission(3)
    with admission.place(2), admission.place():
        assert admission.full
        with pytest.raises(Busy), admission.place():
            pass
        assert admission.inside == 3
    with pytest.raises(ZeroDivisionError), admission.place(3):
        _ = 1 / 0
    assert admission.inside == 0
    with pytest.raises(Busy), admission.place(4):
        pass
    assert admission.inside == 0


def test_patience_ends_with_its_time_and_with_its_caller() -> None:
    Patience(1000).check()
    with pytest.raises(Busy, match="too long"):
        Patience(-1).check()
    begun = Patience(0.01)
    begun.begin()
    time.sleep(0.02)
    begun.check()
    left = Patience(1000)
    left.gone = True
    with pytest.raises(Busy, match="hung up"):
        left.check()


def _searches(admission: Admission, count: int) -> ExitStack:
    """So many searches under way, until the stack is closed."""
    stack = ExitStack()
    for _ in range(count):
        stack.enter_context(admission.search())
    return stack


def test_what_would_wait_too_long_is_turned_away_and_few_are_always_let_in() -> None:
    clock = Clock()
    admission = Admission(1000, always=3, clock=clock)
    with _searches(admission, 500):
        assert not admission.full  # nobody knows yet what a search costs
    for _ in range(20):  # 4 at a time take 2 s: half a second each
        with _searches(admission, 4):
            clock.now += 2
    with _searches(admission, 2):
        assert not admission.full
        with admission.place():
            pass
    with _searches(admission, 3):
        assert admission.full
        with pytest.raises(Busy), admission.place():
            pass
    assert not admission.full
    for _ in range(20):  # now they take 20 ms each
        with _searches(admission, 4):
            clock.now += 0.08
    with _searches(admission, 49):
        assert not admission.full
        with _searches(admission, 2):
            assert admission.full


def test_neither_one_slow_search_nor_those_that_fail_count() -> None:
    clock = Clock()
    admission = Admission(1000, always=3, clock=clock)
    for seconds in (0.01, 0.01, 30, 0.01) * 10:
        with admission.search():
            clock.now += seconds
    for _ in range(100):
        with pytest.raises(UnreadableImage):
            _fail(admission, clock)
    with _searches(admission, 90):
        assert not admission.full


def _fail(admission: Admission, clock: Clock) -> None:
    with admission.search():
        clock.now += 5
        raise UnreadableImage("no picture")
