from __future__ import annotations

import time

import pytest

from lookalike.errors import Busy
from lookalike.web.admission import Admission, Patience


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
