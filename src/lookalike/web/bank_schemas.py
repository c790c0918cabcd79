"""The shape of every answer about banks; see ``schemas``."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from lookalike.collection.answers import Verdict
from lookalike.store import CaseDecision, Kind, Rule
from lookalike.web.schemas import PATH, ImageId, ImageMatch, RejectedImage, Shape, Text

_HASH = "f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22"

EntryId = Annotated[int, Field(ge=1, le=2**63 - 1, examples=[3])]


class BankState(Shape):
    """A bank: a named set of known pictures and hashes."""

    name: str = Field(examples=["stolen"])
    negative: bool = Field(description="What matches it is not reported by others.", examples=[False])
    enabled: bool = Field(description="Whether checks ask it.", examples=[True])
    rule: Rule = Field(description="What it reports: copies, or similar pictures too.", examples=["copies"])
    fpr: float = Field(
        description="Share of pairs of unrelated pictures that it may call copies.", examples=[1e-6]
    )
    note: str = Field(examples=["from the inventory of May"])
    ratio: float = Field(
        gt=0,
        le=1,
        description="Share of the lookups by clients of Hasher-Matcher-Actioner that ask it while enabled.",
        examples=[1.0],
    )
    counts: dict[str, int] = Field(description="Entries by kind.", examples=[{"picture": 12, "pdq": 900}])
    forgotten: int = Field(
        description="Pictures that the collection has forgotten: only files of the same bytes match them.",
        examples=[0],
    )


class BanksAnswer(Shape):
    """All banks, by name."""

    banks: list[BankState]


class EntryState(Shape):
    """An entry of a bank."""

    entry_id: EntryId
    kind: Kind = Field(examples=["pdq"])
    value: str = Field(description="The hash; of a picture its SHA-256.", examples=[_HASH])
    image_id: ImageId | None = Field(
        description="The picture in the collection; null for a hash, and if the collection has forgotten it."
    )
    name: Text = Field(
        description="Of the picture's first file; of an upload as it was sent; empty without a picture.",
        examples=["beach.jpg"],
    )
    paths: list[Text] = Field(
        description="Where the picture lies, sorted; nobody looked whether the files are still there.",
        examples=[[PATH]],
    )
    note: str = Field(examples=["case 17"])
    tags: list[str] = Field(examples=[["painting"]])
    added: int = Field(description="Seconds since 1970.", examples=[1760000000])
    disabled_until: int | None = Field(
        description="Checks leave it out until then, in seconds since 1970. 0: for ever; null: enabled.",
        examples=[None],
    )


class EntriesAnswer(Shape):
    """Some entries of a bank, in the order in which they came."""

    entries: list[EntryState]
    next: int | None = Field(
        description="For the parameter after of the next page; null on the last.", examples=[3]
    )


class AddedEntry(Shape):
    """What was added to a bank, and what the collection had of it before."""

    kind: Kind = Field(examples=["picture"])
    value: str = Field(examples=[_HASH])
    name: Text = Field(description="Of an upload, as it was sent; empty for a hash.", examples=["sea.png"])
    new: bool = Field(description="Whether the bank lacked it before.", examples=[True])
    known: bool | None = Field(
        description="Whether the collection had the same bytes; null if the hash does not tell.",
        examples=[True],
    )
    had: list[ImageMatch] = Field(description="Images of the collection that are copies, the surest first.")


class AddedAnswer(Shape):
    """What became of pictures and hashes for a bank."""

    added: list[AddedEntry]
    rejected: list[RejectedImage]


class EntryMatched(Shape):
    """An entry of a bank that the picture matches."""

    entry_id: EntryId
    kind: Kind = Field(examples=["picture"])
    value: str = Field(examples=[_HASH])
    note: str = Field(examples=["case 17"])
    tags: list[str] = Field(examples=[["painting"]])
    verdict: Verdict = Field(examples=["copy"])
    p: float = Field(
        ge=0,
        le=1,
        description="Chance that an unrelated picture matches as well; 0 if identical.",
        examples=[3e-9],
    )
    differing: int | None = Field(
        description="Bits in which perceptual hashes differ; null for others.", examples=[None]
    )
    match: ImageMatch | None = Field(description="The image of the collection; null if the entry is a hash.")
    decision: CaseDecision | None = Field(
        description="What a person decided of the same bytes before; null if nothing.", examples=["confirmed"]
    )


class BankVerdict(Shape):
    """What one bank says of the picture."""

    bank: str = Field(examples=["stolen"])
    negative: bool = Field(examples=[False])
    verdict: Verdict = Field(description="The surest of the matches.", examples=["copy"])
    reported: bool = Field(description="Whether the bank reports the picture.", examples=[True])
    p: float = Field(ge=0, le=1, description="Of the surest match; 1 without one.", examples=[3e-9])
    images: int = Field(description="Pictures that it was compared with.", examples=[12])
    fpr: float = Field(description="The bank's rate.", examples=[1e-6])
    expected_false: float = Field(description="False copies among them per check.", examples=[1.2e-5])
    cleared_by: list[str] = Field(description="Negative banks that match at least as surely.", examples=[[]])
    dismissed: int = Field(
        description="Entries left out, since a person took them for no match of these bytes.", examples=[0]
    )
    matches: list[EntryMatched] = Field(description="The surest first.")


class CheckedAnswer(Shape):
    """What all enabled banks say of a picture."""

    reported: bool = Field(description="Whether any bank reports it.", examples=[True])
    remark: str = Field(
        description="Why only a part was compared: cut short, several frames, no package for PDQ, known "
        "pictures that were forgotten, or no known ones at all.",
        examples=[""],
    )
    cases: list[int] = Field(
        description="Of the matches that wait for review, if keep was asked for.", examples=[[17]]
    )
    results: list[BankVerdict] = Field(description="By the name of the bank.")
