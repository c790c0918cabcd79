"""``lookalike review``: matches that wait for a person, decided one by one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer

from lookalike import Collection
from lookalike.cli.options import AsJson, CollectionFolder
from lookalike.cli.output import counted, say, say_json, say_table
from lookalike.cli.reviewer import Who, reviewer
from lookalike.cli.words import WHOLE_PICTURE, often
from lookalike.errors import Conflict, UsageError
from lookalike.paths import shown
from lookalike.review import Case, Review
from lookalike.settings import load_settings
from lookalike.store import CASE_STATES, DECISION_WORDS, STATE_WORDS

app = typer.Typer(
    help="Decide about matches that check --keep queued. In a browser: lookalike serve, then /review.",
    no_args_is_help=True,
)

_ALL, _CONFIRM = "all", "confirm"  # further words for a state and for a decision


@app.command("list")
def list_cases(
    state: Annotated[
        str,
        typer.Option(
            "--state",
            metavar="STATE",
            help=f"Only cases in this state: {', '.join(STATE_WORDS)}; {_ALL} for every one.",
        ),
    ] = "waiting",
    bank: Annotated[str | None, typer.Option("--bank", help="Only matches of this bank.")] = None,
    after: Annotated[
        int, typer.Option("--after", metavar="CASE", min=0, help="Only cases with a greater number.")
    ] = 0,
    limit: Annotated[int, typer.Option("--limit", "-k", min=1, help="Most cases to show.")] = 20,
    collection: CollectionFolder = None,
    as_json: AsJson = False,
) -> None:
    """List cases; those that have waited longest come first."""
    wanted = STATE_WORDS.get(state.replace(" ", "-"))
    if wanted is None and state != _ALL:
        raise UsageError(f"--state is {', '.join(STATE_WORDS)}, {_ALL}, not {state!r}")
    with Collection.open(settings=load_settings({"collection": collection})) as pictures:
        review = Review(pictures)
        cases = review.cases(wanted, bank, after=after, most=limit)
        counts = review.counts(bank)
    if as_json:
        numbers = {each: counts[each] for each in CASE_STATES}
        say_json("reviews/1", counts=numbers, cases=[case.facts() for case in cases])
        return
    if cases:
        say_table(("case", "state", "verdict", "p", "bank", "name"), map(_row, cases))
    say(", ".join(f"{counts[each]:,} {each}" for each in CASE_STATES if counts[each]) or "No case yet.")


@app.command()
def show(
    case_id: Annotated[
        int, typer.Argument(metavar="CASE", min=1, help="Number of the case, as list shows it.")
    ],
    collection: CollectionFolder = None,
    as_json: AsJson = False,
) -> None:
    """Show all that is known of a case."""
    with Collection.open(settings=load_settings({"collection": collection})) as pictures:
        case = Review(pictures).case(case_id)
    if as_json:
        say_json("review/1", **case.facts())
        return
    for name, text in _lines(case):
        say(f"{name:10}{text}")


@app.command()
def decide(
    decision: Annotated[str, typer.Argument(metavar="DECISION", help=f"One of {', '.join(DECISION_WORDS)}.")],
    cases: Annotated[list[str], typer.Argument(metavar="CASE…", help="Numbers of one or more cases.")],
    by: Who = None,
    replaces: Annotated[
        int | None,
        typer.Option(
            "--replaces",
            metavar="ENTRY",
            min=1,
            help="Entry of the audit log with the decision that this one replaces.",
        ),
    ] = None,
    collection: CollectionFolder = None,
    as_json: AsJson = False,
) -> None:
    """Decide cases. Deciding one again needs --replaces with the entry of the log that show prints."""
    case_ids = list(map(_number_of, cases))
    if replaces is not None and len(case_ids) > 1:
        raise UsageError("--replaces names the decision of one case; decide the others by another command")
    decided = "confirmed" if decision == _CONFIRM else DECISION_WORDS.get(decision.replace(" ", "-"))
    if decided is None:
        raise UsageError(f"a decision is {', '.join(DECISION_WORDS)}, not {decision!r}")
    with Collection.open(settings=load_settings({"collection": collection})) as pictures:
        review = Review(pictures)
        for case_id in case_ids:
            try:
                case = review.decide(case_id, decided, reviewer(by), replaces=replaces)
            except Conflict as error:
                if error.replaces is None:
                    raise
                raise Conflict(f"{error}: --replaces {error.replaces}", error.replaces) from None
            if as_json:
                say_json("review/1", **case.facts())
            else:
                say(f"Case {case_id} is {case.row.decision} (entry {case.row.logged} of the audit log).")


@app.command()
def purge(by: Who = None, collection: CollectionFolder = None, as_json: AsJson = False) -> None:
    """Delete the kept copies and names of pictures that nobody needs to look at any more; decisions stay."""
    with Collection.open(settings=load_settings({"collection": collection})) as pictures:
        purged = Review(pictures).purge(reviewer(by))
    if as_json:
        say_json("review-purge/1", purged=purged)
    else:
        say(f"{counted(purged, 'kept picture')} deleted.")


def _number_of(case: str) -> int:
    if not (case.isascii() and case.isdigit() and int(case)):
        raise UsageError(
            f"{case!r} is no number of a case; the decision comes first: lookalike review decide confirmed 1"
        )
    return int(case)


def _row(case: Case) -> tuple[str, ...]:
    row = case.row
    return (
        str(row.case_id), row.state, row.found["verdict"], f"{row.found['p']:.1g}", row.bank, row.name
    )  # fmt: skip


def _lines(case: Case) -> Iterator[tuple[str, str]]:
    """What there is to say of a case, each with its heading."""
    facts = case.facts()
    yield "case", f"{facts['case_id']}, {facts['state']}, found {facts['queued']}"
    yield "picture", f"{facts['name'] or 'purged'}  (sha256 {facts['sha256'][:16]}…)"
    yield "bank", f"{facts['bank']}, at a rate of {facts['fpr']:g}"
    places = [shown(path) for path in facts["paths"]]
    held = "" if facts["entry_id"] else ", which the bank no longer has"
    yield "entry", f"{facts['kind']} {facts['value'][:16]}…{held}"
    if labels := " ".join([*facts["tags"], facts["note"]]).strip():
        yield "", labels
    yield from (("", place) for place in places)
    if facts["kind"] != "picture":
        yield "", "a hash has no picture to compare with"
    identical = facts["verdict"] == "identical"
    sure = f"; {often(facts['p'])} pairs of different pictures look so alike"
    yield "verdict", facts["verdict"] + ("" if identical else sure)
    if facts["differing"] is not None:
        yield "", f"{facts['differing']} of 256 bits differ"
    evidence = facts["evidence"]
    if evidence and evidence["verified"] and not identical:
        yield "", ", ".join(evidence["words"]) or WHOLE_PICTURE
    yield "network", facts["model"][:16] + "…"
    if facts["decision"]:
        yield "decided", f"{facts['decision']} by {facts['who']}, {facts['when']}, entry {facts['logged']}"
