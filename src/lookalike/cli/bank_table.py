"""Banks and their entries as tables on the screen: words to the left, numbers to the right."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence

from lookalike.banks import ListedEntry
from lookalike.cli.output import say
from lookalike.paths import shown
from lookalike.store import Bank, Rule
from lookalike.store.disabled_entries import is_disabled

REPORTS: dict[Rule, str] = {"copies": "copies", "similar": "copies and similar pictures"}
"""What a bank reports by its rule."""

_BANKS = ("bank", "entries", "reports", "rate", "state", "note")
_ENTRIES = ("entry", "kind", "image", "tags", "note", "file, or hash")
_NUMBERS = ("entries", "rate", "entry", "image")


def say_banks(banks: Sequence[tuple[Bank, int]]) -> None:
    """Print banks, each with the number of its entries."""
    _say(_BANKS, [_bank(bank, entries) for bank, entries in banks])


def say_entries(entries: Iterable[ListedEntry]) -> None:
    """Print entries of a bank, each with the file of its picture, or else with its hash."""
    _say(_ENTRIES, [_entry(one) for one in entries])


def _say(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    for row in (head, *rows):
        aligned = [
            cell.rjust(width) if name in _NUMBERS else cell.ljust(width)
            for name, cell, width in zip(head, row, widths, strict=True)
        ]
        say("  ".join(aligned).rstrip())


def _bank(bank: Bank, entries: int) -> tuple[str, ...]:
    reports = "nothing: it clears" if bank.negative else REPORTS[bank.rule]
    sampled = "enabled" if bank.ratio == 1 else f"enabled, {bank.ratio:.0%} of HMA's lookups"
    state = sampled if bank.enabled else "disabled"
    return bank.name, f"{entries:,}", reports, f"{bank.fpr:g}", state, bank.note


def _entry(one: ListedEntry) -> tuple[str, ...]:
    entry = one.entry
    image = "" if one.image_id is None else str(one.image_id)
    return str(one.entry_id), entry.kind, image, " ".join(entry.tags), entry.note, _place(one)


def _place(one: ListedEntry) -> str:
    """Where the picture of an entry lies, under which name it was uploaded, or else its hash."""
    place = one.entry.value.hex()
    if one.paths:
        first = one.paths[0]
        place = one.name if first.name != one.name else shown(first)
        if len(one.paths) > 1:
            place += f" (and {len(one.paths) - 1} more)"
    if one.disabled_until is not None and is_disabled(one.disabled_until, time.time()):
        place += " (disabled)"
    return place
