"""The shape of every answer, written once: routes fill these classes; OpenAPI and ``/docs`` describe them."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SkipValidation

from lookalike.collection.answers import Verdict
from lookalike.images.formats import NO_PICTURE

PATH = "/home/ada/Pictures/beach.jpg"
_SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

ImageId = Annotated[int, Field(ge=1, le=2**63 - 1, examples=[17])]
Text = Annotated[SkipValidation[str], BeforeValidator(str)]
"""A string that may hold lone surrogates, as paths that are not UTF-8 do; pydantic would refuse them."""
_ABOUT_NAME = "Of the file at the first path; of an upload as it was sent."
Name = Annotated[Text, Field(description=_ABOUT_NAME, examples=["beach.jpg"])]
Metadata = Annotated[dict[str, Any], Field(description="Of the image.", examples=[{"shop": 12}])]
Tags = Annotated[list[str], Field(description="Of the image, sorted.", examples=[["summer"]])]
Sha256 = Annotated[str, BeforeValidator(bytes.hex), Field(examples=[_SHA256])]


class Shape(BaseModel):
    """Base of all shapes: an answer has the fields that are described, and no others."""

    model_config = ConfigDict(extra="forbid")

    @classmethod
    def of(cls, value: object, **more: Any) -> Self:
        """Make one from a value of this program.

        Args:
            value: its attributes become the fields of the same names.
            **more: fields that are not attributes of ``value``.

        Raises:
            AttributeError: a field is in neither.
        """
        return cls(
            **{name: more[name] if name in more else getattr(value, name) for name in cls.model_fields}
        )


class EvidenceFound(Shape):
    """What the second look found: how one picture lies on the other."""

    verified: bool = Field(description="Whether it takes one for a copy of the other.", examples=[True])
    score: float = Field(description="Verified from 10; -1: they differ in a detail.", examples=[41.2])
    inliers: int = Field(description="Keypoints that agree on one movement.", examples=[57])
    agreement: float = Field(description="Share of what both show that is the same.", examples=[0.93])
    turned: float = Field(description="Degrees clockwise, from the first to the second.", examples=[90.0])
    mirrored: bool = Field(description="Left to right, before the turn.", examples=[False])
    first_shown: float = Field(description="Share of the first that the second shows.", examples=[0.31])
    second_shown: float = Field(description="Share of the second that shows the first.", examples=[1.0])
    words: list[str] = Field(
        description="What was done to the first, or where they differ.",
        examples=[["turned by 90°", "cropped to 31 %"]],
    )
    matrix: list[list[float]] | None = Field(
        description="3 x 3: lays the first on the second, at most 256 pixels a side; in pixels.",
        examples=[[[1.8, 0.0, -12.5], [0.0, 1.8, -3.0], [0.0, 0.0, 1.0]]],
    )


class ImageMatch(Shape):
    """An image that is a copy of the query, or looks like it."""

    rank: int = Field(
        ge=1, description="1 for the first: identical images, then copies, then the others.", examples=[1]
    )
    image_id: ImageId = Field(description="Stable as long as the image is in the collection.")
    verdict: Verdict = Field(description="What the image is to the query.", examples=["copy"])
    p: float = Field(
        ge=0,
        le=1,
        description="Chance that an unrelated picture scores so high; 0 if identical.",
        examples=[3e-9],
    )
    p_search: float = Field(
        ge=0,
        le=1,
        description="Chance that any of the collection's images does, if all are unrelated.",
        examples=[2.7e-5],
    )
    similarity: float = Field(description="Cosine of the angle between the embeddings.", examples=[0.987])
    distance: float = Field(ge=0, description="By the metric asked for.", examples=[0.013])
    copy_similarity: float = Field(
        description="The same of the embeddings' copy parts: near 1 for an edited copy.", examples=[0.991]
    )
    evidence: EvidenceFound | None = Field(
        description="How the query, as the second, lies on the image; null if there was no second look."
    )
    name: Name
    metadata: Metadata
    tags: Tags
    path: Text = Field(description="The first of the paths.", examples=[PATH])
    paths: list[Text] = Field(
        description="Where the image lies; those last where the file is gone.", examples=[[PATH]]
    )
    missing: list[Text] = Field(description="Those of the paths where the file is gone.", examples=[[]])


class FoundMatch(ImageMatch):
    """A match of a search, with more of what is known of the image."""

    width: int = Field(description="Pixels, upright.", examples=[1600])
    height: int = Field(description="Pixels, upright.", examples=[1200])
    bytes: int | None = Field(
        description="Size of the first file when it was indexed; null if it has just been forgotten.",
        examples=[412345],
    )
    modified: str | None = Field(
        description="When that file had last been changed, UTC.", examples=["2024-05-01T09:30:00Z"]
    )
    thumbnail: str = Field(description="Path of a small copy.", examples=["/v1/images/17/thumbnail"])


class Took(Shape):
    """How long the answer took, in milliseconds."""

    embed_ms: float = Field(description="From the picture to its embedding, waiting included.", examples=[21])
    search_ms: float = Field(description="In the index.", examples=[0.8])
    judge_ms: float = Field(description="For the verdicts, second looks included.", examples=[48])


class WorkDone(Shape):
    """The work that the index did for a search."""

    probes: int = Field(description="Buckets visited; 0 for a scan.", examples=[48])
    candidates: int = Field(description="Codes compared.", examples=[1930])
    distances: int = Field(description="Vectors compared.", examples=[96])


Remark = Field(
    description="Why only a part of a picture was compared, as one frame of several; empty if all was, or if "
    "the same bytes were found.",
    examples=[""],
)


class SearchAnswer(Shape):
    """What was found, and what that took."""

    matches: list[FoundMatch]
    took: Took
    exact: bool = Field(description="Whether every image was to be compared.", examples=[False])
    metric: str = Field(examples=["cosine"])
    work: WorkDone
    images: int = Field(description="In the collection.", examples=[9144])
    fpr: float = Field(
        description="Share of pairs of unrelated pictures that may be called copies.", examples=[1e-6]
    )
    expected_false: float = Field(
        description="Strangers called copies per search of so many images.", examples=[0.009144]
    )
    remark: str = Remark


class Problem(BaseModel):
    """What went wrong (RFC 9457)."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(description="The kind of error.", examples=["urn:lookalike:problem:unreadable-image"])
    title: str = Field(examples=["Unprocessable Content"])
    status: int = Field(examples=[422])
    detail: Text = Field(examples=[NO_PICTURE])


class BatchResult(Shape):
    """One picture of a batch: matches, or a problem."""

    name: Text = Field(description="As it was sent.", examples=["beach.jpg"])
    matches: list[FoundMatch] | None
    expected_false: float | None = Field(
        description="Strangers called copies per search of so many images.", examples=[0.009144]
    )
    remark: str = Remark
    problem: Problem | None


class BatchAnswer(Shape):
    """One result for each picture, in their order."""

    results: list[BatchResult]
    fpr: float = Field(
        description="Share of pairs of unrelated pictures that may be called copies.", examples=[1e-6]
    )


class AddedImage(Shape):
    """A picture that is in the collection now."""

    name: Text = Field(examples=["beach.jpg"])
    image_id: ImageId
    sha256: Sha256
    new: bool = Field(description="Whether the collection did not have it before.", examples=[True])


class RejectedImage(Shape):
    """A picture that could not be added."""

    name: Text = Field(examples=["notes.txt"])
    reason: Text = Field(examples=[NO_PICTURE])


class AddAnswer(Shape):
    """What became of the pictures."""

    added: list[AddedImage]
    rejected: list[RejectedImage]


class CompareAnswer(Shape):
    """What two pictures are to each other, and how alike they are."""

    verdict: Verdict = Field(examples=["copy"])
    p: float = Field(
        ge=0,
        le=1,
        description="Chance that unrelated pictures score so high; 0 if identical.",
        examples=[3e-9],
    )
    evidence: EvidenceFound | None = Field(
        description="Null if there was no second look: neither file nor small picture is left."
    )
    distance: float = Field(description="Cosine distance, 0 to 2.", examples=[0.013])
    similarity: float = Field(examples=[0.987])
    differing_bits: int = Field(description="Of the perceptual hashes.", examples=[9])
    bits: int = Field(description="Length of the hashes.", examples=[256])
    same: bool = Field(description="Whether they are identical or copies.", examples=[True])
    remark: str = Remark
    max_distance: float = Field(
        description="Up to which pictures that are no copies count as similar.", examples=[0.5]
    )
    hash_a: str = Field(description="Hexadecimal.", examples=["5f0c" * 16])
    hash_b: str = Field(description="Hexadecimal.", examples=["5f1c" * 16])


class KnownFolder(Shape):
    """A folder that was indexed."""

    path: Text = Field(examples=["/home/ada/Pictures"])
    files: int = Field(examples=[9150])


class Stats(Shape):
    """What the collection holds."""

    images: int = Field(examples=[9144])
    files: int = Field(examples=[9150])
    folders: list[KnownFolder]
    embedder: str = Field(examples=["lite0"])
    dim: int = Field(examples=[512])
    index: str = Field(description="lsh, or scan where there are few images.", examples=["lsh"])
    bytes_on_disk: int = Field(description="Catalog and index caches.", examples=[41000000])
    version: str = Field(examples=["0.1.0"])
    metrics: list[str] = Field(examples=[["cosine", "euclidean"]])
    recall_sampled: float | None = Field(description="Recall of recent searches, k = 10.", examples=[0.98])
    map: bool = Field(description="Whether GET /v1/map has one.", examples=[True])
    lacks: list[str] = Field(description="What is refused, as duplicates on a cluster.", examples=[[]])


PICTURE_PROBLEMS = (400, 403, 404, 408, 409, 413, 503)
"""Statuses of routes that take pictures and look something up."""


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Documentation of a route's problems, and of those that every route can have."""
    names = {
        400: "The request cannot be understood.",
        401: "The token is missing or wrong.",
        403: "The token's role does not include this, or another site's page asked.",
        404: "What was named does not exist.",
        408: "The request took too long to arrive.",
        409: "The collection has just moved to another embedder.",
        413: "Too many bytes or pixels.",
        421: "The server does not answer to the host name of this request.",
        422: "The request makes no sense, or the picture cannot be read.",
        429: "The token has sent as many requests as it may; ask again later.",
        503: "Too much is waiting; ask again.",
        507: "The machine cannot store it.",
    }
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        status: {
            "description": names[status],
            "content": {"application/problem+json": {"schema": schema}},
        }
        for status in sorted({401, 403, 421, 422, 429, *statuses})
    }
