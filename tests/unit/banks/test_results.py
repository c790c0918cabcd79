"""Answers that went over a wire are the answers that were given, with all that was decided and queued."""

from __future__ import annotations

import json
from pathlib import Path

from lookalike.banks import BankResult, CheckAnswer, EntryMatch
from lookalike.collection.answers import Match
from lookalike.store import Bank
from pictures import draw


def test_an_answer_comes_out_of_its_json_as_it_went_in() -> None:
    image = Match(1, 17, 0.9, 0.1, (Path("/a.jpg"),), 0.95, "copy", 1e-9, 1e-8, name="a.jpg")
    of_picture = EntryMatch(3, "picture", 64 * "a", "n", ("t",), "copy", 1e-9, None, image, "confirmed")
    of_hash = EntryMatch(4, "pdq", 64 * "b", "", (), "similar", 1e-6, 31)
    one = BankResult("bad", False, "copy", 1e-9, 1000, 1e-6, 1e-3, (of_picture, of_hash), 2, ("logos",))
    two = BankResult("logos", True, "copy", 1e-9, 0, 1e-6, 0.0, (of_hash,))
    answer = CheckAnswer((one, two), (7, 9), "cut short, 62 % read")
    assert CheckAnswer.of_facts(json.loads(json.dumps(answer.facts()))) == answer


def test_a_notebook_shows_what_each_bank_says(tmp_path: Path) -> None:
    path = tmp_path / "a <b>.png"
    draw(3).save(path)
    image = Match(1, 17, 0.9, 0.1, (path,), 0.95, "copy", 1e-9, 1e-8)
    found = EntryMatch(3, "picture", 64 * "a", "", (), "copy", 1e-9, None, image)
    of_hash = EntryMatch(4, "md5", 32 * "b", "", (), "identical", 0.0)
    bad = BankResult.of(Bank(1, "bad", False, True, "copies", 1e-6, ""), 1, [found, of_hash])
    logos = BankResult.of(Bank(2, "logos", True, True, "copies", 1e-6, ""), 1, [])
    html = CheckAnswer((bad, logos), remark="cut short, 62 % <read>")._repr_html_()
    assert "<p>bad: identical, reported</p>" in html
    assert "<p>logos: different, not reported</p>" in html
    assert f"md5 {32 * 'b'}" in html
    assert html.count("<img src") == 1
    assert html.endswith("<p>cut short, 62 % &lt;read&gt;</p>")
    assert "a &lt;b&gt;.png" in html
