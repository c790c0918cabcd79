"""Results of a check: plain values, for programs and for screens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, Self

from lookalike.collection.answers import COPIES, Match, Verdict
from lookalike.store import Bank, BankEntry, CaseDecision, Kind

_SUREST: tuple[Verdict, ...] = (*COPIES, "similar", "different")


@dataclass(frozen=True, slots=True)
class EntryMatch:
    """An entry of a bank that a picture matches.

    Attributes:
        entry_id: of the entry.
        kind: of the entry.
        value: of the entry, in hexadecimal.
        note: of the entry.
        tags: of the entry.
        verdict: what the picture is to the entry.
        p: chance that a picture which has nothing to do with the entry matches as well; 0 if identical.
        differing: bits in which perceptual hashes differ; None for other kinds.
        match: the image of the collection, with the evidence of the second look; None if the entry is a hash.
        decision: what a person decided when the same bytes matched the entry before; None if nothing.
    """

    entry_id: int
    kind: Kind
    value: str
    note: str
    tags: tuple[str, ...]
    verdict: Verdict
    p: float
    differing: int | None = None
    match: Match | None = None
    decision: CaseDecision | None = None

    @classmethod
    def of(
        cls,
        found: BankEntry,
        verdict: Verdict,
        p: float,
        *,
        differing: int | None = None,
        match: Match | None = None,
    ) -> EntryMatch:
        """The match of an entry."""
        entry = found.entry
        value = entry.value.hex()
        return cls(found.entry_id, entry.kind, value, entry.note, entry.tags, verdict, p, differing, match)

    def _repr_html_(self) -> str:
        """The match in a notebook: as that of a search, or the hash."""
        if self.match is not None:
            return self.match._repr_html_()
        return f"<p>{self.verdict}, p {self.p:.2g}: {self.kind} {self.value}</p>"

    def facts(self) -> dict[str, Any]:
        """The match as JSON shows it, on all surfaces."""
        return {
            "entry_id": self.entry_id,
            "kind": self.kind,
            "value": self.value,
            "note": self.note,
            "tags": list(self.tags),
            "verdict": self.verdict,
            "p": self.p,
            "differing": self.differing,
            "match": self.match and self.match.facts(),
            "decision": self.decision,
        }

    @classmethod
    def of_facts(cls, facts: Mapping[str, Any]) -> Self:
        """The match that ``facts`` describes; it raises as ``Match.of_facts`` does."""
        differing, match = facts["differing"], facts["match"]
        return cls(
            entry_id=int(facts["entry_id"]),
            kind=facts["kind"],
            value=str(facts["value"]),
            note=str(facts["note"]),
            tags=tuple(map(str, facts["tags"])),
            verdict=facts["verdict"],
            p=float(facts["p"]),
            differing=None if differing is None else int(differing),
            match=None if match is None else Match.of_facts(match),
            decision=facts.get("decision"),
        )


@dataclass(frozen=True, slots=True)
class BankResult:
    """What one bank says of a picture.

    Attributes:
        bank: its name.
        negative: whether what matches it is never reported.
        verdict: the surest of the matches; "different" if there is none.
        p: of the surest match; 1 if there is none.
        images: how many pictures of the bank the picture was compared with.
        fpr: the bank's rate: share of pairs of different pictures that it may call copies.
        expected_false: how many pictures of the bank a check calls copies though they are none, on average.
        matches: the surest first.
        dismissed: how many further entries match, which a person took for no match of the same bytes.
        cleared_by: names of negative banks that match at least as surely, so that this one does not report.
    """

    bank: str
    negative: bool
    verdict: Verdict
    p: float
    images: int
    fpr: float
    expected_false: float
    matches: tuple[EntryMatch, ...]
    dismissed: int = 0
    cleared_by: tuple[str, ...] = ()

    @classmethod
    def of(cls, bank: Bank, images: int, matches: Iterable[EntryMatch], dismissed: int = 0) -> BankResult:
        """The result of a bank's matches, in whatever order they come."""
        found = sorted(matches, key=lambda one: (_SUREST.index(one.verdict), one.p))
        verdict, p = (found[0].verdict, found[0].p) if found else ("different", 1.0)
        expected_false = bank.fpr * images
        return cls(
            bank.name, bank.negative, verdict, p, images, bank.fpr, expected_false, tuple(found), dismissed
        )

    @property
    def reported(self) -> bool:
        """Whether the bank reports the picture."""
        return bool(self.matches) and not self.negative and not self.cleared_by

    def clears(self, other: BankResult) -> bool:
        """Whether this negative bank keeps another one from reporting: its match is at least as sure."""
        if not self.negative or not self.matches or other.negative or not other.matches:
            return False
        return _SUREST.index(self.verdict) <= _SUREST.index(other.verdict)

    def _repr_html_(self) -> str:
        """The result in a notebook: what the bank says, and its matches."""
        said = "reported" if self.reported else "not reported"
        matches = "".join(match._repr_html_() for match in self.matches)
        return f"<div><p>{escape(self.bank)}: {self.verdict}, {said}</p>{matches}</div>"

    def facts(self) -> dict[str, Any]:
        """The result as JSON shows it, on all surfaces."""
        return {
            "bank": self.bank,
            "negative": self.negative,
            "verdict": self.verdict,
            "reported": self.reported,
            "p": self.p,
            "images": self.images,
            "fpr": self.fpr,
            "expected_false": self.expected_false,
            "cleared_by": list(self.cleared_by),
            "dismissed": self.dismissed,
            "matches": [match.facts() for match in self.matches],
        }

    @classmethod
    def of_facts(cls, facts: Mapping[str, Any]) -> Self:
        """The result that ``facts`` describes; it raises as ``Match.of_facts`` does."""
        return cls(
            bank=str(facts["bank"]),
            negative=bool(facts["negative"]),
            verdict=facts["verdict"],
            p=float(facts["p"]),
            images=int(facts["images"]),
            fpr=float(facts["fpr"]),
            expected_false=float(facts["expected_false"]),
            matches=tuple(map(EntryMatch.of_facts, facts["matches"])),
            dismissed=int(facts.get("dismissed", 0)),
            cleared_by=tuple(map(str, facts["cleared_by"])),
        )


@dataclass(frozen=True, slots=True)
class CheckAnswer:
    """What all enabled banks say of a picture.

    Attributes:
        results: by the name of the bank.
        cases: ids of the cases that wait for review since this check, or waited before it, or are unsure;
            empty unless the check was asked to keep them.
        remark: why only a part was compared, one line: the picture is cut short, or has several frames or
            pages, some entries need a package that is not installed, the collection has forgotten some
            pictures, or the banks are empty; empty if all was compared.
    """

    results: tuple[BankResult, ...]
    cases: tuple[int, ...] = ()
    remark: str = ""

    @property
    def reported(self) -> bool:
        """Whether any bank reports the picture."""
        return any(result.reported for result in self.results)

    def _repr_html_(self) -> str:
        """The answer in a notebook, bank by bank, and why only a part was compared."""
        remark = f"<p>{escape(self.remark)}</p>" if self.remark else ""
        return "".join(result._repr_html_() for result in self.results) + remark

    def facts(self) -> dict[str, Any]:
        """The answer as JSON shows it, on all surfaces."""
        return {
            "reported": self.reported,
            "remark": self.remark,
            "cases": list(self.cases),
            "results": [result.facts() for result in self.results],
        }

    @classmethod
    def of_facts(cls, facts: Mapping[str, Any]) -> Self:
        """The answer that ``facts`` describes; it raises as ``Match.of_facts`` does."""
        results = tuple(map(BankResult.of_facts, facts["results"]))
        return cls(results, tuple(map(int, facts.get("cases", ()))), str(facts.get("remark", "")))


@dataclass(frozen=True, slots=True)
class Added:
    """What became of something that was added to a bank.

    Attributes:
        kind: of the entry.
        value: of the entry, in hexadecimal.
        new: whether the bank lacked it before.
        known: whether the collection had the same bytes before; None if that cannot be told from the hash.
        had: images that the collection had before and that are copies of it, the surest first.
        path: of the file, the first of those that hold a picture's bytes; None for uploads and hashes.
    """

    kind: Kind
    value: str
    new: bool
    known: bool | None
    had: tuple[Match, ...] = ()
    path: Path | None = None

    def facts(self) -> dict[str, Any]:
        """The same as JSON shows it, on all surfaces."""
        had = [match.facts() for match in self.had]
        path = None if self.path is None else str(self.path)
        return {
            "kind": self.kind,
            "value": self.value,
            "path": path,
            "new": self.new,
            "known": self.known,
            "had": had,
        }
