"""Answers that went over a wire are the answers that were given, with all that was decided and queued."""

from __future__ import annotations

import json
from pathlib import Path

from lookalike.banks import BankResult, CheckAnswer, EntryMatch
from lookalike.collection.reports import Match


def test_an_answer_comes_out_of_its_json_as_it_went_in() -> None:
    image = Match(1, 17, 0.9, 0.1, (Path("/a.jpg"),), 0.95, "copy", 1e-9, 1e-8, name="a.jpg")
    of_picture = EntryMatch(3, "picture", 64 * "a", "n", ("t",), "copy", 1e-9, None, image, "confirmed")
    of_hash = EntryMatch(4, "pdq", 64 * "b", "", (), "similar", 1e-6, 31)
    one = BankResult("bad", False, "copy", 1e-9, 1000, 1e-6, 1e-3, (of_picture, of_hash), 2, ("logos",))
    two = BankResult("logos", True, "copy", 1e-9, 0, 1e-6, 0.0, (of_hash,))
    answer = CheckAnswer((one, two), (7, 9))
    assert CheckAnswer.of_facts(json.loads(json.dumps(answer.facts()))) == answer
