"""What the routes of Meta's Hasher-Matcher-Actioner share: signal types, content that is hashed, errors.

Content is a photo, which has a PDQ hash, or a video, whose bytes have an MD5. Its clients name the field
of an upload after what it is, and say of a URL what they expect there by ``content_type``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from functools import partial
from typing import Annotated, Any, BinaryIO

from fastapi import File, Form, Query, Request, UploadFile
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from lookalike.banks.hashes import as_note, kind_of
from lookalike.banks.pdq import LEAST_QUALITY
from lookalike.errors import LookalikeError, UsageError
from lookalike.store import Kind
from lookalike.web.given import JSON, ObjectRoute, read_object
from lookalike.web.hma_schemas import Metadata
from lookalike.web.known import media_type
from lookalike.web.problems import Problem, hma_problem_of
from lookalike.web.routes.common import sent
from lookalike.web.service import Service

SIGNALS: dict[str, Kind] = {"pdq": "pdq", "video_md5": "md5", "video_sha256": "sha256"}
"""Signal types, and the kinds of entries that they are here."""

CONTENT_TYPES = {"photo": "pdq", "video": "video_md5"}
"""Kinds of files, and the signal type of the hash that each has."""

Url = Annotated[str | None, Query(max_length=8192, description="Where the content is.")]
_Photo = Annotated[UploadFile | None, File(description="A picture.")]
_Video = Annotated[UploadFile | None, File(description="A video, of which the MD5 is taken.")]
_ContentType = Annotated[str, Query(max_length=40, description="What is at the URL: photo or video.")]
_Types = Annotated[str | None, Query(max_length=200, description="Signal types, separated by commas.")]


class HmaRoute(ObjectRoute):
    """A route whose errors have the status and the ``message`` that clients of this program look for."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """What answers a request: the route's own handler, with its errors told in that form."""
        handle = super().get_route_handler()

        async def handle_hma(request: Request) -> Response:
            try:
                return await handle(request)
            except LookalikeError as error:
                return hma_problem_of(error)
            except HTTPException as error:
                if error.status_code >= 500:
                    raise
                return Problem(error.status_code, str(error.detail), message=str(error.detail))

        return handle_hma


@dataclass(frozen=True, slots=True)
class Content:
    """A photo or a video that is to be hashed.

    Attributes:
        given: an upload, or a URL.
        signal_type: of the hash that it has.
    """

    given: BinaryIO | str
    signal_type: str

    @classmethod
    def of(cls, given: BinaryIO | str, kind: str, types: str | None) -> Content:
        """Content of a kind, of which some signal types are wanted.

        Raises:
            UsageError: there is no such kind, or it has no such signal type.
        """
        if kind not in CONTENT_TYPES:
            raise UsageError(f"there is no content type {kind[:40]!r}; known are {', '.join(CONTENT_TYPES)}")
        own = CONTENT_TYPES[kind]
        if types is not None and {one.strip() for one in types.split(",") if one.strip()} != {own}:
            raise UsageError(f"the signal type of a {kind} is {own}, not {types[:80]!r}")
        return cls(given, own)

    async def signals(self, service: Service) -> dict[str, str]:
        """Its hash, by signal type.

        Raises:
            UsageError: a photo says too little to be hashed, as a blank one.
        """
        if not isinstance(self.given, str):
            self.given.seek(0)
        with service.admission.place():
            if self.signal_type != CONTENT_TYPES["photo"]:
                data = await service.bytes_of(self.given)
                return {self.signal_type: await service.pipeline.compute(partial(_md5, data))}
            found = await service.pdq(self.given)
        if found.quality < LEAST_QUALITY:
            raise UsageError("the picture has too few edges to be hashed")
        return {self.signal_type: found.value.hex()}


async def uploaded(photo: _Photo = None, video: _Video = None, types: _Types = None) -> Content:
    """The content that came as an upload; the name of its field says what it is."""
    given = sent(photo=photo, video=video)
    return Content.of(given, "photo" if photo is not None else "video", types)


async def located(
    url: Annotated[str, Query(max_length=8192, description="Where the content is.")],
    content_type: _ContentType = "photo",
    types: _Types = None,
) -> Content:
    """The content at a URL."""
    return Content.of(url, content_type, types)


async def looked_up(
    url: Url = None, content_type: _ContentType = "photo", types: _Types = None
) -> Content | None:
    """The content at a URL, if one was given."""
    return None if url is None else Content.of(url, content_type, types)


async def uploaded_or_located(
    photo: _Photo = None,
    video: _Video = None,
    url: Url = None,
    content_type: _ContentType = "photo",
    types: _Types = None,
) -> Content:
    """The content that came as an upload, or that is at a URL."""
    given = sent(url=url, photo=photo, video=video)
    kind = "photo" if photo is not None else "video" if video is not None else content_type
    return Content.of(given, kind, types)


@dataclass(frozen=True, slots=True)
class Said:
    """What a client says of content.

    Attributes:
        note: one line.
        metadata: members of ``Metadata`` that were given.
    """

    note: str = ""
    metadata: dict[str, Any] = field(default_factory=dict)


async def said(
    request: Request,
    note: Annotated[str | None, Form(description="One line about it; also in a JSON body.")] = None,
    metadata: Annotated[str | None, Form(description="A JSON object; also in a JSON body.")] = None,
) -> Said:
    """What is said of content, in a form or in a JSON body.

    Raises:
        UsageError: the note is no line, or the metadata have other members than they may.
        HTTPException: a text that should be a JSON object is none.
    """
    if media_type(request) == JSON:
        body = read_object(await request.body())
        return Said(note_of(body.get("note")), _metadata_of(body.get("metadata")))
    return Said(note_of(note), _metadata_of(read_object(metadata.encode()) if metadata else None))


def _metadata_of(given: object) -> dict[str, Any]:
    if given is not None and not isinstance(given, dict):
        raise UsageError("metadata are an object")
    own = {name: value for name, value in (given or {}).items() if name != "collab"}  # of exchanges alone
    try:
        return Metadata(**own).model_dump(by_alias=True, exclude_none=True)
    except ValidationError as error:
        place, told = ".".join(map(str, error.errors()[0]["loc"])), error.errors()[0]["msg"]
        raise UsageError(f"metadata: {place}: {told}") from None


def note_of(given: object) -> str:
    """A note as entries have it; empty if there is none.

    Raises:
        UsageError: it is no line of text.
    """
    if given is not None and not isinstance(given, str):
        raise UsageError("a note is text")
    return as_note(given or "")


def _md5(data: bytes) -> str:
    return hashlib.md5(data).hexdigest()  # noqa: S324  the type of a signal, not a safeguard


def signal_kind(name: str) -> Kind:
    """The kind of a signal type.

    Raises:
        UsageError: there is no such type here.
    """
    if name not in SIGNALS:
        raise UsageError(f"there is no signal type {name[:40]!r}; known are {', '.join(SIGNALS)}")
    return kind_of(name)


async def sizes_by_type(service: Service, signal_type: str | None) -> dict[str, int]:
    """How many hashes of a signal type all banks have together, or of each if none is named.

    Raises:
        UsageError: there is no such type here.
    """
    types = SIGNALS if signal_type is None else {signal_type: signal_kind(signal_type)}
    counts = await service.pipeline.search(service.banks.counts)
    return {name: sum(some[kind] for some in counts.values()) for name, kind in types.items()}
