"""The shape of answers about single images, lists of images, and the collections of a server."""

from __future__ import annotations

from pydantic import Field

from lookalike.web.schemas import PATH, ImageId, Metadata, Name, Sha256, Shape, Tags, Text


class ListedImage(Shape):
    """An image in a list."""

    image_id: ImageId
    sha256: Sha256 = Field(description="Of the bytes of its files.")
    format: str = Field(examples=["JPEG"])
    width: int = Field(examples=[1600])
    height: int = Field(examples=[1200])
    name: Name
    metadata: Metadata
    tags: Tags
    paths: list[Text] = Field(
        description="Where it lay when it was indexed; the files are not looked for.",
        examples=[["/home/ada/Pictures/beach.jpg"]],
    )
    bytes: int = Field(description="Size of the first file then.", examples=[412345])
    modified: str = Field(
        description="When that file had last been changed, UTC.", examples=["2024-05-01T09:30:00Z"]
    )
    thumbnail: str = Field(description="Path of a small copy.", examples=["/v1/images/17/thumbnail"])


class ImagesAnswer(Shape):
    """A page of the list of images, by id."""

    images: list[ListedImage]
    next: str | None = Field(description="Cursor of the next page; null on the last.", examples=["MTc"])


class ImageAnswer(Shape):
    """An image of the collection."""

    image_id: ImageId
    sha256: Sha256 = Field(description="Of the bytes of its files.")
    format: str = Field(examples=["JPEG"])
    width: int = Field(examples=[1600])
    height: int = Field(examples=[1200])
    paths: list[Text] = Field(
        description="Where it lies; those last where the file is gone.", examples=[[PATH]]
    )
    missing: list[Text] = Field(description="Those of the paths where the file is gone.", examples=[[]])
    name: Name
    metadata: Metadata
    tags: Tags
    files_missing: bool = Field(description="Whether none of its files is there any more.", examples=[False])


class ListedCollection(Shape):
    """A collection of the server."""

    name: str = Field(description="As paths have it.", examples=["teapots"])
    images: int = Field(description="How many images it holds.", examples=[9144])


class CollectionsAnswer(Shape):
    """All collections of the server."""

    collections: list[ListedCollection]
