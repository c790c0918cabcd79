"""The shape of every answer about duplicates; see ``schemas``."""

from __future__ import annotations

from pydantic import Field

from lookalike.collection.answers import Verdict
from lookalike.collection.duplicates.protecting import LeftKind
from lookalike.web.schemas import PATH, EvidenceFound, ImageId, Shape, Text


class DuplicateMember(Shape):
    """An image of a group of duplicates."""

    image_id: ImageId
    paths: list[Text] = Field(description="Its files that are there, by all their names.", examples=[[PATH]])
    links: list[Text] = Field(
        description="Those of the paths that are further names of a file before them.", examples=[[]]
    )
    width: int = Field(description="Pixels, upright.", examples=[1600])
    height: int = Field(description="Pixels, upright.", examples=[1200])
    bytes: int = Field(description="Size of one file.", examples=[1234567])
    modified: str | None = Field(
        description="When its first file was last changed, UTC; null for a time that no calendar has.",
        examples=["2024-03-12T08:30:00Z"],
    )
    similarity: float = Field(description="To the medoid, by the copy part.", examples=[0.93])
    p: float = Field(
        ge=0,
        le=1,
        description="Chance that two different pictures look so alike; 0 for the medoid.",
        examples=[1e-12],
    )
    verdict: Verdict = Field(description="What it is to the medoid.")
    several_frames: bool = Field(
        description="Whether its file has frames or pages besides the one that was compared.",
        examples=[False],
    )
    doubt: Text = Field(
        description="What is wrong with its bytes; empty if nothing is. A complete file is kept before it.",
        examples=["cut short, 90 % read"],
    )
    evidence: EvidenceFound | None = Field(
        description="Of the second look at it and the medoid; null for the medoid, and for what is similar."
    )


class LeftFile(Shape):
    """A file of a group of duplicates that is left alone."""

    path: Text = Field(examples=[PATH])
    kind: LeftKind = Field(description="Of the reason. The option --edited acts on what is edited.")
    reason: Text = Field(description="Why.", examples=["in bank stolen"])


class DuplicateGroup(Shape):
    """Images that are all copies of one of them, the medoid."""

    group_id: str = Field(description="Stays when images come or go.", examples=["9f86d081"])
    medoid: ImageId
    keep: ImageId | None = Field(
        description="The image whose file lookalike duplicates would keep; null if none is to choose from."
    )
    keep_path: Text | None = Field(description="That file.", examples=[PATH])
    reason: Text = Field(description="Why that one.", examples=["The largest (1,600 x 1,200 pixels)."])
    spare: list[Text] = Field(description="The files that need not stay.", examples=[[]])
    left: list[LeftFile] = Field(description="Files that are left alone, besides the one that stays.")
    least_similarity: float = Field(description="The least of the members'.", examples=[0.93])
    members: list[DuplicateMember] = Field(description="The medoid first.")


class DuplicatesAnswer(Shape):
    """A page of groups of duplicates, those with most files first."""

    groups: list[DuplicateGroup]
    total: int = Field(description="Groups on all pages.", examples=[12])
    page: int = Field(examples=[1])
    page_size: int = Field(description="Groups on a page, at most.", examples=[20])
    fpr: float = Field(examples=[1e-6])
    complete: bool = Field(description="False while pictures, or similar ones, are still looked for.")
    looked_at: int = Field(description="Images whose copies were looked for.", examples=[9144])
    images: int = Field(description="In the collection.", examples=[9144])


class DecisionAnswer(Shape):
    """How much was remembered by a decision."""

    pairs: int = Field(description="Pairs of images that the decision is about.", examples=[3])
