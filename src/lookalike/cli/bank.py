"""``lookalike bank``: banks of known pictures and hashes; what lies in them is in ``bank_entries``."""

from __future__ import annotations

from collections import Counter
from shlex import quote
from typing import Annotated, Any, cast

import typer

from lookalike import Collection
from lookalike.banks import Banks
from lookalike.cli.bank_entries import add, export, import_list, remove
from lookalike.cli.bank_table import REPORTS, say_banks, say_entries
from lookalike.cli.options import AsJson, CollectionFolder, FalseRate
from lookalike.cli.output import counted, say, say_json
from lookalike.cli.output import note as note_line
from lookalike.collection.questions import FPR
from lookalike.errors import UsageError
from lookalike.settings import load_settings
from lookalike.store import Bank, Rule

app = typer.Typer(
    help="Banks: named sets of known pictures and hashes, with which check compares.", no_args_is_help=True
)

Name = Annotated[str, typer.Argument(metavar="BANK", help="Name of the bank.")]


@app.command()
def create(
    name: Name,
    collection: CollectionFolder = None,
    negative: Annotated[
        bool,
        typer.Option("--negative", help="Make a negative bank: other banks do not report what it matches."),
    ] = False,
    similar: Annotated[
        bool, typer.Option("--similar", help="Report similar pictures too, not only copies.")
    ] = False,
    fpr: FalseRate = FPR,
    note: Annotated[str, typer.Option("--note", help="One line about the bank.")] = "",
    as_json: AsJson = False,
) -> None:
    """Make an empty bank, and the collection if there is none."""
    with Collection.open(create=True, settings=load_settings({"collection": collection})) as pictures:
        rule: Rule = "similar" if similar else "copies"
        bank = Banks(pictures).create(name, negative=negative, rule=rule, fpr=fpr, note=note)
    _say_bank(
        bank,
        f"Made bank {bank.name!r}; add to it: lookalike bank add {quote(bank.name)} PATH",
        as_json=as_json,
    )


@app.command("list")
def list_banks(
    name: Annotated[
        str | None, typer.Argument(metavar="BANK", help="Show the first entries of this bank.")
    ] = None,
    collection: CollectionFolder = None,
    limit: Annotated[int, typer.Option("--limit", "-k", min=1, help="Most entries to show.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List all banks, or the first entries of one; bank export writes all of them."""
    with Collection.open(settings=load_settings({"collection": collection})) as pictures:
        banks = Banks(pictures)
        counts, forgotten = banks.counts(), banks.forgotten()
        shown = banks.all() if name is None else [banks.named(name)]
        entries = [] if name is None else banks.page(name, 0, limit)
    if as_json:
        facts = [
            {
                **_facts(bank),
                "counts": dict(sorted(counts.get(bank.bank_id, Counter()).items())),
                "forgotten": forgotten.get(bank.bank_id, 0),
            }
            for bank in shown
        ]
        if name is None:
            say_json("banks/1", banks=facts)
        else:
            say_json("bank/1", **facts[0], entries=[one.facts() for one in entries])
        return
    if shown:
        say_banks([(bank, counts.get(bank.bank_id, Counter()).total()) for bank in shown])
    else:
        say("There is no bank yet; make one with: lookalike bank create NAME")
    for bank in shown:
        if lost := forgotten.get(bank.bank_id):
            gone = counted(lost, "picture")
            note_line(f"The collection has forgotten {gone} of {bank.name!r}: only the same bytes match.")
    if entries:
        say()
        say_entries(entries)
        total = counts.get(shown[0].bank_id, Counter()).total()
        if total > len(entries):
            of_all = counted(total, "entry", "entries")
            say(f"The first {len(entries):,} of {of_all}; all: lookalike bank export {quote(shown[0].name)}")


@app.command()
def enable(name: Name, collection: CollectionFolder = None, as_json: AsJson = False) -> None:
    """Let checks ask a bank again."""
    with Collection.open(settings=load_settings({"collection": collection})) as pictures:
        bank = Banks(pictures).enable(name)
    _say_bank(bank, f"Bank {bank.name!r} is asked from the next check on.", as_json=as_json)


@app.command()
def disable(name: Name, collection: CollectionFolder = None, as_json: AsJson = False) -> None:
    """Leave a bank out of checks; what lies in it stays."""
    with Collection.open(settings=load_settings({"collection": collection})) as pictures:
        bank = Banks(pictures).enable(name, enabled=False)
    _say_bank(bank, f"Bank {bank.name!r} is left out from the next check on.", as_json=as_json)


@app.command()
def note(
    name: Name,
    text: Annotated[
        str, typer.Argument(metavar="TEXT", help="One line about the bank; replaces the old one.")
    ],
    collection: CollectionFolder = None,
    as_json: AsJson = False,
) -> None:
    """Write a note about a bank."""
    with Collection.open(settings=load_settings({"collection": collection})) as pictures:
        bank = Banks(pictures).annotate(name, text)
    _say_bank(bank, f"Bank {bank.name!r}: {bank.note}", as_json=as_json)


@app.command("set")
def set_bank(
    name: Name,
    collection: CollectionFolder = None,
    fpr: Annotated[
        float | None,
        typer.Option(
            "--fpr", metavar="P", help="Share of pairs of different pictures that may be called copies."
        ),
    ] = None,
    rule: Annotated[
        str | None,
        typer.Option(
            "--rule",
            metavar="RULE",
            help="What it reports: copies, or similar (copies and similar pictures).",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Change a bank's rate or rule from the next check on."""
    if fpr is None and rule is None:
        raise UsageError("say what to change: --fpr P, --rule copies, or --rule similar")
    with Collection.open(settings=load_settings({"collection": collection})) as pictures:
        bank = Banks(pictures).change(name, fpr=fpr, rule=cast(Rule | None, rule))  # refuses any other rule
    _say_bank(bank, f"Bank {bank.name!r} reports {REPORTS[bank.rule]} at {bank.fpr:g}.", as_json=as_json)


app.command()(add)
app.command()(remove)
app.command("import")(import_list)
app.command()(export)


def _say_bank(bank: Bank, line: str, *, as_json: bool) -> None:
    if as_json:
        say_json("bank-state/1", **_facts(bank))
    else:
        say(line)


def _facts(bank: Bank) -> dict[str, Any]:
    return {
        "name": bank.name,
        "negative": bank.negative,
        "enabled": bank.enabled,
        "rule": bank.rule,
        "fpr": bank.fpr,
        "note": bank.note,
        "ratio": bank.ratio,
    }
