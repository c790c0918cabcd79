"""Reviewers at the same cases at the same time, by several processes: no decision is lost or told wrongly."""

from __future__ import annotations

from tally import Attack

import reviewers
from program import Program
from served import serving

_CASES, _PEOPLE = 40, 8


def at_once(attack: Attack) -> None:
    """Let people race through the same cases; the log holds what each was told, and nothing else."""
    program = Program(attack.place / "home")
    told: list[reviewers.Told] = []
    cases = reviewers.queue(program.collection, _CASES)
    with serving(program, "--processes", "2") as server:
        while attack.goes_on:
            told += reviewers.race(server.url, program.collection, cases[-_CASES:], _PEOPLE, attack.dice)
            wrong = reviewers.faults(program, told, cases)
            attack.tally.wrong += wrong
            attack.tally.right += len(told) - attack.tally.right - len(wrong)
            cases += reviewers.queue(program.collection, _CASES, first=len(cases))
        for case in cases[-_CASES:]:  # the last ones wait; they are found however many were decided
            answer = server.client.get(
                "/v1/reviews", params={"state": "waiting", "after": case - 1, "limit": 1}
            )
            attack.tally.judge(answer.json()["cases"][0]["case_id"] == case, f"case {case} is not listed")
    replaced = sum(one.replaces is not None for one in told)
    attack.tally.figures.append(
        f"{len(told):,} decisions on {len(cases):,} cases, {replaced:,} replaced another"
    )
