"""Names, metadata and tags that come with uploads: read from a request and checked."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from fastapi import UploadFile

from lookalike.errors import UsageError
from lookalike.store import Change
from lookalike.store.annotation import as_name
from lookalike.web.given import UNNAMED

_LONGEST = 65536  # characters of metadata as they were sent: escapes are longer than what is kept


def as_change(name: str | None, metadata: str | None, tags: Sequence[str] | None) -> Change:
    """What the fields of a form say of a picture.

    Args:
        name: of its file.
        metadata: a JSON object.
        tags: words; an empty one is none, so that a lone empty field takes all tags away.

    Raises:
        UsageError: the metadata are no JSON object.
    """
    words = None if tags is None else [tag for tag in tags if tag]
    return {"name": name, "metadata": None if metadata is None else _object(metadata), "tags": words}


def said_of(
    files: Sequence[UploadFile],
    names: Sequence[str] | None,
    metadata: str | None = None,
    tags: Sequence[str] | None = None,
) -> list[Change]:
    """What a request says of each of its pictures.

    Args:
        files: the pictures.
        names: their names, in the same order; if None, those that the files came with.
        metadata: of all of them, a JSON object.
        tags: of all of them.

    Raises:
        UsageError: the metadata are no JSON object, or there are more or fewer names than pictures.
    """
    if names is not None and len(names) != len(files):
        raise UsageError(f"send a name for each picture: {len(files)}, not {len(names)}")
    called = [_own_name(file) for file in files] if names is None else list(names)
    return [as_change(name, metadata, tags) for name in called]


def _own_name(file: UploadFile) -> str | None:
    """The name that a file came with, without its folder; None if there is none, or one that is not kept."""
    name = re.split(r"[/\\]", file.filename or "")[-1]
    try:
        return None if name in ("", UNNAMED) else as_name(name)
    except UsageError:
        return None


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text) if len(text) <= _LONGEST else None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise UsageError(f"metadata: must be a JSON object of at most {_LONGEST:,} characters")
    return found
