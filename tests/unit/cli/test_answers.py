"""How an answer is printed."""

from __future__ import annotations

from pathlib import Path

import pytest

from lookalike import Answer, Match
from lookalike.cli.answers import say_answer


def test_an_upload_is_shown_with_its_name(capsys: pytest.CaptureFixture[str]) -> None:
    upload, file = Path(f"/c/uploads/{64 * 'a'}.png"), Path("/p/b.png")
    matches = [
        Match(1, 7, 1.0, 0.0, (upload, file), 1.0, "identical", 0.0, 0.0, name="sea\u202e.png"),
        Match(2, 8, 0.5, 0.5, (file,), 0.5, "different", 0.3, 0.9, missing=(file,), name="b.png"),
    ]
    say_answer(Answer(matches, 2, 1e-6, 2e-6, ""), copies_wanted=True)
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].endswith(f"  {upload}  (sea\\u202e.png)")
    assert lines[2].endswith(f"  {file}")
    assert lines[4].endswith(f"  {file}  (gone)")


@pytest.mark.parametrize(
    ("copies_wanted", "filtered", "first"),
    [
        (True, True, "Nothing found: no picture passes the filters."),
        (False, False, "Nothing found: no picture passes the filters."),
        (True, False, "No copy found."),
    ],
)
def test_an_answer_without_a_match_says_why(
    copies_wanted: bool, filtered: bool, first: str, capsys: pytest.CaptureFixture[str]
) -> None:
    say_answer(Answer([], 9, 1e-6, 9e-6, ""), copies_wanted=copies_wanted, filtered=filtered)
    assert capsys.readouterr().out.splitlines()[0] == first
