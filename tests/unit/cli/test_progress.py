"""Progress where stderr is no terminal; a real terminal is in e2e/test_interrupt.py."""

from __future__ import annotations

import time

import pytest

from lookalike import Progress
from lookalike.cli.progress import ProgressBar
from waiting import HANG_GUARD


def _line_with(text: str, capsys: pytest.CaptureFixture[str]) -> str:
    """The first line on stderr that has some text; stdout stays empty meanwhile."""
    last = time.monotonic() + HANG_GUARD
    while time.monotonic() < last:
        captured = capsys.readouterr()
        assert captured.out == ""
        for line in captured.err.splitlines():
            if text in line:
                return line
        time.sleep(0.01)
    raise AssertionError(f"no line with {text!r} came")


def test_lines_come_whether_the_work_goes_on_or_not(capsys: pytest.CaptureFixture[str]) -> None:
    with ProgressBar("Indexing", visible=True, between=0.02) as bar:
        assert _line_with("Indexing", capsys) == "Indexing: looking for files"
        bar(Progress(0, 1234))
        assert _line_with("1,234", capsys) == "Indexing: 0 of 1,234"
        bar(Progress(1000, 1234))
        assert _line_with("1,000 of 1,234, ", capsys).endswith(" images/s")


def test_what_was_planned_is_known_after_more_work_came() -> None:
    with ProgressBar("Indexing", visible=False) as bar:
        for done, total in ((0, 20), (20, 20), (24, 36)):
            bar(Progress(done, total))
        assert (bar.planned, bar.done) == (20, 24)


def test_that_all_is_done_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    with ProgressBar("Indexing", visible=True, between=0.01) as bar:
        bar(Progress(240, 240))
        _line_with("240 of 240", capsys)
        time.sleep(0.2)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(("visible", "between"), [(False, 0.01), (True, 3600.0)])
def test_quiet_or_quick_work_has_none(
    visible: bool, between: float, capsys: pytest.CaptureFixture[str]
) -> None:
    with ProgressBar("Indexing", visible=visible, between=between) as bar:
        bar(Progress(1, 2))
        time.sleep(0.1)
    assert capsys.readouterr() == ("", "")
