"""What is asked of a server, in the fields and files of HTTP."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from PIL import Image

from lookalike.collection.pictures import URL_SCHEMES, Source
from lookalike.collection.questions import Wanted
from lookalike.errors import ImageError, UsageError
from lookalike.images import Limits, read_file
from lookalike.images.given import from_pillow
from lookalike.paths import given, shown
from lookalike.store import Filters

Fields = dict[str, str | list[str]]
"""Fields of a form, or parameters of a query string; a list repeats its name."""


def form_of(picture: Source, fields: Fields, *, named: bool = False) -> dict[str, Any]:
    """The form of a request about a picture, as arguments of httpx.

    Args:
        picture: a path, URL, encoded bytes or a PIL image.
        fields: of the form, besides the picture.
        named: whether the server is told the path of a file.

    Raises:
        ImageError: the picture cannot be read.
        UsageError: it is none.
    """
    if _is_url(picture):
        return {"data": {**fields, "url": str(picture)}}
    name = shown(picture) if named and isinstance(picture, str | Path) else "upload"
    return {"data": fields, "files": {"file": (name, _encoded(picture))}}


def line_of(picture: Source, fields: Fields) -> bytes | ImageError:
    """A request about a picture as a line of JSON, or why the picture cannot be read."""
    try:
        of = str(picture) if _is_url(picture) else base64.b64encode(_encoded(picture)).decode()
    except ImageError as error:
        return error
    return json.dumps({**fields, "url" if _is_url(picture) else "image": of}).encode()


def fields_of(wanted: Wanted) -> Fields:
    """The fields that say what is wanted of a search.

    Raises:
        TypeError: no search takes one of them.
    """
    fields: Fields = {}
    for name, value in wanted.items():
        if name not in Wanted.__annotations__:
            raise TypeError(f"search() got an unexpected keyword argument {name!r}")
        if name == "verdicts" and isinstance(value, Iterable) and not isinstance(value, str):
            fields["verdict"] = ",".join(sorted(map(str, value)))
        elif value is not None:
            fields["verdict" if name == "verdicts" else name] = _text(value)
    return fields


def query_of(filters: Filters) -> Fields:
    """The parameters that say which images are listed.

    Raises:
        TypeError: no list takes one of them.
    """
    for name in filters:
        if name not in Filters.__annotations__:
            raise TypeError(f"images() got an unexpected keyword argument {name!r}")
    return {name: _text(value) for name, value in filters.items() if value is not None}


def _is_url(picture: Source) -> bool:
    return isinstance(picture, str) and picture.lower().startswith(URL_SCHEMES)


def _text(value: object) -> str | list[str]:
    """A value as a form has it; metadata as texts such as ``shop=12``."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return [f"{key}={_text(one)}" for key, one in value.items()]
    if isinstance(value, Iterable) and not isinstance(value, str):
        return list(map(str, value))
    return str(value)


def _encoded(picture: Source) -> bytes:
    """The picture as a file."""
    if isinstance(picture, bytes):
        return picture
    if isinstance(picture, str | Path):
        return read_file(given(picture), Limits())
    if not isinstance(picture, Image.Image):
        raise UsageError(f"cannot ask about a {type(picture).__name__}; give a path, URL, bytes or picture")
    file = io.BytesIO()
    from_pillow(picture, Limits()).save(file, "PNG", compress_level=1)
    return file.getvalue()
