"""What clients of Hasher-Matcher-Actioner say of content in a JSON body; ``test_serve_hma`` sends forms."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from starlette.requests import Request
from starlette.types import Message

from lookalike.errors import UsageError
from lookalike.web.routes.hma_content import Said, said


def said_in(body: dict[str, Any]) -> Said:
    async def receive() -> Message:
        return {"type": "http.request", "body": json.dumps(body).encode()}

    scope = {"type": "http", "method": "POST", "headers": [(b"content-type", b"application/json")]}
    return asyncio.run(said(Request(scope, receive)))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, Said()),
        ({"note": "n", "metadata": None}, Said("n")),
        (
            {"metadata": {"content_id": "x", "json": {"a": {}}, "content_uri": None, "collab": {"c": ["k"]}}},
            Said("", {"content_id": "x", "json": {"a": {}}}),
        ),
    ],
)
def test_notes_and_metadata_are_read(body: dict[str, Any], expected: Said) -> None:
    assert said_in(body) == expected


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"note": 5}, "a note is text"),
        ({"note": "a\nb"}, "one line"),
        ({"metadata": [1]}, "metadata are an object"),
        ({"metadata": {"invalid": 5}}, "metadata: invalid: "),
        ({"metadata": {"content_id": 5}}, "metadata: content_id: "),
        ({"metadata": {"json": "x"}}, "metadata: json: "),
    ],
)
def test_what_would_be_lost_is_refused(body: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        said_in(body)
