"""Progress: nothing but the lines where stderr is no terminal, and items as they are."""

from __future__ import annotations

import pytest

from lookalike.labs.shared.progress import progress, tell, tracked


def test_items_pass_and_only_lines_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    passed = []
    for item in tracked(iter("abc"), "Working [bold] {here}"):
        tell(f"[red]{item}[/red] " + "x" * 300)
        passed.append(item)
    with progress("More", None) as advance:
        advance(3)
    captured = capsys.readouterr()
    assert (passed, captured.out) == (["a", "b", "c"], "")
    assert captured.err.splitlines() == [f"[red]{item}[/red] " + "x" * 300 for item in "abc"]
