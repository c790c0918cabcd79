"""Banks as a table on the screen: a row per bank, words to the left, numbers to the right."""

from __future__ import annotations

from collections.abc import Sequence

from lookalike.cli.output import say
from lookalike.store import Bank, Rule

REPORTS: dict[Rule, str] = {"copies": "copies", "similar": "copies and similar pictures"}
"""What a bank reports by its rule."""

_HEAD = ("bank", "entries", "reports", "rate", "state", "note")
_NUMBERS = ("entries", "rate")


def say_banks(banks: Sequence[tuple[Bank, int]]) -> None:
    """Print banks, each with the number of its entries."""
    rows = [_HEAD, *(_row(bank, entries) for bank, entries in banks)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        aligned = [
            cell.rjust(width) if name in _NUMBERS else cell.ljust(width)
            for name, cell, width in zip(_HEAD, row, widths, strict=True)
        ]
        say("  ".join(aligned).rstrip())


def _row(bank: Bank, entries: int) -> tuple[str, ...]:
    reports = "nothing: it clears" if bank.negative else REPORTS[bank.rule]
    state = "enabled" if bank.enabled else "disabled"
    return bank.name, f"{entries:,}", reports, f"{bank.fpr:g}", state, bank.note
