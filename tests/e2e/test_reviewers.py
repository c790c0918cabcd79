"""Many people at the same cases at once, by two server processes and the program itself; and many cases."""

from __future__ import annotations

import random

import reviewers
from program import Program
from served import serving


def test_no_decision_is_lost_and_each_is_told_as_it_was_taken(program: Program) -> None:
    cases = reviewers.queue(program.collection, 15)
    with serving(program, "--processes", "2") as server:
        told = reviewers.race(server.url, program.collection, cases, 4, random.Random(5))
        assert len(told) > len(cases)  # some replaced others
        assert reviewers.faults(program, told, cases) == []
        last = {one.case: one for one in sorted(told, key=lambda one: one.logged)}
        for case in server.client.get("/v1/reviews").json()["cases"]:
            one = last[case["case_id"]]
            assert (case["decision"], case["who"], case["logged"]) == (one.what, one.who, one.logged)


def test_thousands_that_wait_come_page_by_page_while_they_are_decided(program: Program) -> None:
    cases = reviewers.queue(program.collection, 3000)
    seen: list[int] = []
    with serving(program) as server:
        after: int | None = 0
        while after is not None:
            asked = {"state": "waiting", "after": after, "limit": 400}
            page = server.client.get("/v1/reviews", params=asked).json()
            seen += [case["case_id"] for case in page["cases"]]
            assert page["counts"]["waiting"] == 3000 - len(range(0, len(seen), 400)) + 1
            after = page["next"]
            decided = {
                "decision": "confirmed",
                "who": "Ada",
            }  # of this page one goes before the next is asked
            place = f"/v1/reviews/{page['cases'][0]['case_id']}/decision"
            assert server.client.post(place, data=decided).status_code == 200
        rest = server.client.get("/v1/reviews", params={"state": "waiting", "limit": 1}).json()
    assert seen == cases
    assert rest["cases"][0]["case_id"] == cases[1]
    listed = program.here("review", "list", "--json").json
    assert listed["counts"]["confirmed"] == 8
