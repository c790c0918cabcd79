"""The shape of answers as Meta's Hasher-Matcher-Actioner gives them; see ``routes.hma``."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    RootModel,
    SerializerFunctionWrapHandler,
    model_serializer,
)

_HASH = "f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22"

ENABLED = 1
"""What Hasher-Matcher-Actioner writes in place of a time up to which an entry is disabled."""

_UNTIL = "1: enabled; 0: disabled; any other: disabled up to this time, in seconds since 1970."

ContentId = Annotated[int, Field(ge=1, le=2**63 - 1, examples=[3])]


class Hashes(RootModel[dict[str, str]]):
    """Hashes of a picture, by signal type."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"pdq": _HASH}]})


class MatchedContent(BaseModel):
    """A content of a bank that matches."""

    bank_content_id: ContentId
    distance: str = Field(description="Bits that differ; - for hashes of bytes.", examples=["9"])


class ByBank(RootModel[dict[str, list[MatchedContent]]]):
    """Contents that match, by bank."""


class BySignal(RootModel[dict[str, dict[str, list[MatchedContent]]]]):
    """Contents that match, by signal type and bank."""


class RawMatches(BaseModel):
    """Contents that match, whether they or their banks are enabled or not."""

    matches: list[int | MatchedContent]


class Distance(BaseModel):
    """How far two hashes are apart."""

    distance: int | None = Field(description="Bits; null for hashes of bytes.", examples=[9])


class Compared(RootModel[dict[str, tuple[bool, Distance]]]):
    """Whether two hashes match, and how far apart they are, by signal type."""


class IndexState(BaseModel):
    """What is known of one signal type."""

    present: bool = Field(examples=[True])
    built_to: int = Field(description="Seconds since 1970; changes hold at once: now.", examples=[1760000000])
    size: int = Field(examples=[591])


class IndexStates(RootModel[dict[str, IndexState]]):
    """What is known, by signal type."""


class HmaBank(BaseModel):
    """A bank, as these clients see it."""

    name: str = Field(examples=["STOLEN"])
    matching_enabled_ratio: float = Field(
        description="Share of the lookups that ask it; 0 if it is not enabled.", examples=[1.0]
    )


class HmaBanks(RootModel[list[HmaBank]]):
    """All banks, by name."""


class NewBank(BaseModel):
    """A bank to make."""

    name: str = Field(max_length=100, examples=["STOLEN"])
    enabled: bool | None = None
    enabled_ratio: float | None = Field(None, description="Share of the lookups that ask it, 0 to 1.")


class BankChange(BaseModel):
    """A change of a bank."""

    name: str | None = Field(None, max_length=100, description="A new name.")
    enabled: bool | None = None
    enabled_ratio: float | None = Field(None, description="Share of the lookups that ask it, 0 to 1.")


class ContentChange(BaseModel):
    """A change of a content."""

    note: str | None = Field(None, description="One line in place of the one before.", examples=["case 17"])
    disable_until_ts: int | None = Field(None, description=_UNTIL)


class AddedContent(BaseModel):
    """A content that was added, and its hashes."""

    id: ContentId
    signals: dict[str, str] = Field(examples=[{"pdq": _HASH}])


class Metadata(BaseModel):
    """What a client says of content; other members are refused."""

    model_config = ConfigDict(extra="forbid")

    collab: None = None
    content_id: str | None = Field(None, examples=["1197433091"])
    content_uri: str | None = Field(None, examples=["https://pictures.example/17"])
    json_data: dict[str, Any] | None = Field(None, alias="json", description="Any object.")


class Content(BaseModel):
    """A content of a bank; members that it has not are left out."""

    id: ContentId
    disable_until_ts: int = Field(description=_UNTIL, examples=[ENABLED])
    original_media_uri: None = None
    bank: HmaBank
    signals: dict[str, str] | None = Field(
        None, description="Only if include_signals asks for them.", examples=[{"pdq": _HASH}]
    )
    note: str | None = Field(None, examples=["case 17"])
    metadata: dict[str, Any] | None = Field(None, description="Unless include_metadata is false.")

    @model_serializer(mode="wrap")
    def _as_there(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        absent = {name for name in ("signals", "note", "metadata") if getattr(self, name) is None}
        return {name: value for name, value in write(self).items() if name not in absent}


class ChangedContent(BaseModel):
    """A content of a bank after a change."""

    id: ContentId
    disable_until_ts: int = Field(description=_UNTIL, examples=[ENABLED])
    original_media_uri: None = None
    bank: HmaBank
    note: str | None = Field(examples=["case 17"])
    collab_metadata: dict[str, list[str]] = Field(default_factory=dict)
    user_metadata: dict[str, Any] | None = Field(None, description="As they were given.")


class Deleted(BaseModel):
    """How many contents were deleted."""

    deleted: int = Field(examples=[1])


class Done(BaseModel):
    """Word that it was done."""

    message: str = Field(examples=["Done"])


class SignalTypeState(BaseModel):
    """A type of hashes."""

    name: str = Field(examples=["pdq"])
    enabled_ratio: float = Field(description="Always 1.", examples=[1.0])


class SignalTypes(RootModel[list[SignalTypeState]]):
    """All types of hashes."""


class SignalTypeChange(BaseModel):
    """A change of a type of hashes."""

    enabled_ratio: float = Field(description="1; others are refused.", examples=[1.0])


class SignalIndex(BaseModel):
    """How far the index of one type of hashes is: always as far as the banks."""

    db_size: int = Field(description="Hashes in banks.", examples=[591])
    index_size: int = Field(examples=[591])
    index_out_of_date: bool = Field(examples=[False])
    newest_db_item: int = Field(description="Seconds since 1970: now.", examples=[1760000000])
    index_built_to: int = Field(examples=[1760000000])


class SignalIndexes(RootModel[dict[str, SignalIndex]]):
    """How far the indexes are, by signal type."""


class ContentTypeState(BaseModel):
    """A kind of files."""

    name: str = Field(examples=["photo"])
    enabled: bool = Field(examples=[True])


class ContentTypes(RootModel[list[ContentTypeState]]):
    """All kinds of files."""


class Texts(RootModel[list[str]]):
    """A list of names or of paths."""
