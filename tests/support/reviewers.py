"""Reviewers who decide the same cases at the same time, and whether all came as each was told.

Each of them walks through all cases in an order of its own. If somebody was faster, it gives in, or looks at
that decision and replaces it, which may again come too late.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from hostile import encoded
from lookalike import Collection
from lookalike.banks import Banks
from lookalike.errors import Conflict
from lookalike.review import Review
from lookalike.store import CASE_DECISIONS, CaseDecision, Cases, CheckedPicture, NewCase
from pictures import draw
from program import Program
from waiting import HANG_GUARD

_BANK = "known"
_SMALL = encoded(draw(1), "JPEG")
_FOUND = {"verdict": "copy", "p": 1e-9, "fpr": 1e-6, "model": "", "differing": None, "evidence": None}


@dataclass(frozen=True, slots=True)
class Told:
    """A decision that was acknowledged.

    Attributes:
        case: its id.
        who: decided.
        what: was decided.
        replaces: entry of the log whose decision it replaced; None for the first of its case.
        logged: entry of the log that was told.
    """

    case: int
    who: str
    what: CaseDecision
    replaces: int | None
    logged: int


Decide = Callable[[int, CaseDecision, str, int | None], int | None]
"""Decides a case; the entry of the log, or None if somebody was faster."""
Look = Callable[[int], int | None]
"""The entry of the log with a case's decision."""


def queue(store: Path, count: int, first: int = 0) -> list[int]:
    """Let so many cases wait, each of a picture of its own; their ids."""
    with Collection.open(store, create=True) as collection:
        banks, cases = Banks(collection), Cases(collection.bases.database)
        if not banks.all():
            banks.create(_BANK)
            banks.add_hashes(_BANK, ["md5:" + 32 * "0"])
        new = [NewCase(banks.named(_BANK).bank_id, "md5", bytes(16), _FOUND)]
        with collection.bases.database.atomic():  # all at once, which saves time
            return [
                cases.queue(CheckedPicture(number.to_bytes(32, "big"), f"{number}.jpg", _SMALL), new)[0]
                for number in range(first, first + count)
            ]


def race(url: str, store: Path, cases: Sequence[int], people: int, dice: random.Random) -> list[Told]:
    """Decide cases by so many people at once over HTTP, and by one more in this process; what they were told.

    Raises:
        AssertionError: somebody was answered otherwise than by the case or by 409.
    """

    def over_http(number: int) -> list[Told]:
        with httpx.Client(base_url=url, timeout=HANG_GUARD) as client:
            return _walk(f"person {number}", cases, chances[number], *_asking(client))

    def here(number: int) -> list[Told]:
        with Collection.open(store) as collection:
            return _walk("clerk", cases, chances[number], *_working(Review(collection)))

    chances = [random.Random(dice.random()) for _ in range(people + 1)]
    with ThreadPoolExecutor(people + 1) as pool:
        done = [*(pool.submit(over_http, number) for number in range(people)), pool.submit(here, people)]
        return [one for future in done for one in future.result()]


def faults(program: Program, told: Iterable[Told], cases: Iterable[int]) -> list[str]:
    """What of the decisions is not in the audit log as it was told, or is there and was told to nobody."""
    exported = program("audit", "export")
    entries = [json.loads(line) for line in exported.out.splitlines() if '"what": "purge"' not in line]
    logged = {entry["number"]: _as_told(entry) for entry in entries}
    found = [f"{one} was told, and the log has {logged.get(one.logged)}" for one in told
             if logged.pop(one.logged, None) != one]  # fmt: skip
    found += [f"{one} was told to nobody" for one in logged.values()]
    for case in cases:
        chain = [entry for entry in entries if entry["case"] == case]
        before = [None, *(entry["number"] for entry in chain)]
        if not chain or [entry["replaces"] for entry in chain] != before[:-1]:
            found.append(f"case {case} was decided by {chain}")
    verified = program("audit", "verify")
    return found if verified.code == 0 else [*found, verified.err]


def _as_told(entry: dict[str, Any]) -> Told:
    return Told(entry["case"], entry["who"], entry["what"], entry["replaces"], entry["number"])


def _walk(who: str, cases: Sequence[int], dice: random.Random, decide: Decide, look: Look) -> list[Told]:
    told = []
    for case in dice.sample(cases, len(cases)):
        what, replaces = dice.choice(CASE_DECISIONS), None
        logged = decide(case, what, who, None)
        if logged is None and dice.random() < 0.5:
            replaces = look(case)
            logged = decide(case, what, who, replaces)
        if logged is not None:
            told.append(Told(case, who, what, replaces, logged))
    return told


def _asking(client: httpx.Client) -> tuple[Decide, Look]:
    def decide(case: int, what: CaseDecision, who: str, replaces: int | None) -> int | None:
        data = {"decision": what, "who": who} | ({} if replaces is None else {"replaces": str(replaces)})
        answer = client.post(f"/v1/reviews/{case}/decision", data=data)
        assert answer.status_code in (200, 409), answer.text
        return int(answer.json()["logged"]) if answer.status_code == 200 else None

    def look(case: int) -> int | None:
        found: int | None = client.get(f"/v1/reviews/{case}").json()["logged"]
        return found

    return decide, look


def _working(review: Review) -> tuple[Decide, Look]:
    def decide(case: int, what: CaseDecision, who: str, replaces: int | None) -> int | None:
        try:
            logged = review.decide(case, what, who, replaces=replaces).row.logged
        except Conflict:
            return None
        review.purge(who)  # of what was decided, while others look at it
        return logged

    return decide, lambda case: review.case(case).row.logged
