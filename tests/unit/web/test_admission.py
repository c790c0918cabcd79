from __future__ import annotations

import pytest

from lookalike.errors import Busy
from lookalike.web.admission import Admission


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
