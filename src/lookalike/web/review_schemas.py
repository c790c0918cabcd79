"""The shape of every answer about review; see ``schemas``."""

from __future__ import annotations

from pydantic import Field

from lookalike.collection.answers import Verdict
from lookalike.store import CaseDecision, CaseState, Kind
from lookalike.web.bank_schemas import EntryId
from lookalike.web.schemas import EvidenceFound, ImageId, Shape, Text

_SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


class ReviewCase(Shape):
    """A checked picture and an entry of a bank that it matched."""

    case_id: int = Field(ge=1, le=2**63 - 1, examples=[17])
    state: CaseState = Field(
        description="Where it stands; gone: the bank no longer has the entry.", examples=["waiting"]
    )
    bank: str = Field(examples=["stolen"])
    sha256: str = Field(description="Of the checked picture's bytes.", examples=[_SHA256])
    name: str = Field(description="Of its file or upload; empty once it was purged.", examples=["a.jpg"])
    kept: bool = Field(description="Whether its small copy is still there.", examples=[True])
    entry_id: EntryId | None = Field(description="Of the entry; null once the bank no longer has it.")
    kind: Kind = Field(description="Of the entry.", examples=["picture"])
    value: str = Field(description="Of the entry.", examples=[_SHA256])
    note: str = Field(description="Of the entry.", examples=["inventory of May"])
    tags: list[str] = Field(description="Of the entry.", examples=[["painting"]])
    image_id: ImageId | None = Field(
        description="Of the entry's picture; null for a hash, and if the collection has forgotten it."
    )
    paths: list[Text] = Field(description="Where that picture lies.", examples=[["/pictures/beach.jpg"]])
    verdict: Verdict = Field(examples=["copy"])
    p: float = Field(
        ge=0, le=1, description="Chance that an unrelated picture matches as well.", examples=[3e-9]
    )
    differing: int | None = Field(description="Bits in which hashes differ; null for others.", examples=[12])
    evidence: EvidenceFound | None = Field(
        description="How the checked picture, as the second, lies on the entry's; null without a second look."
    )
    fpr: float = Field(description="The bank's rate when it was checked.", examples=[1e-6])
    model: str = Field(description="Fingerprint of the network that saw it.", examples=[_SHA256])
    queued: str = Field(description="When it was first found, UTC.", examples=["2026-05-01T09:30:00Z"])
    decision: CaseDecision | None = Field(description="The last one.", examples=[None])
    who: str | None = Field(description="Took it.", examples=[None])
    when: str | None = Field(description="It was taken, UTC.", examples=[None])
    logged: int | None = Field(description="The entry of the audit log that holds it.", examples=[None])


class ReviewAnswer(Shape):
    """Some cases, in the order in which they came."""

    cases: list[ReviewCase]
    next: int | None = Field(
        description="For the parameter after of the next page; null on the last.", examples=[17]
    )
    counts: dict[CaseState, int] = Field(
        description="How many cases stand where, the same states as of a case.",
        examples=[{"waiting": 12, "gone": 0, "confirmed": 40, "not a match": 3, "unsure": 1}],
    )
