"""Cursors: short texts that say where the next page of a list begins; callers send them back unchanged."""

from __future__ import annotations

import base64
import binascii
import re

from lookalike.errors import UsageError

_FORM = re.compile(rb"after:([1-9][0-9]{0,17})")


def write(last_id: int) -> str:
    """The cursor of the page that follows an id."""
    return base64.urlsafe_b64encode(b"after:%d" % last_id).decode().rstrip("=")


def read(cursor: str | None) -> int:
    """The id that a page follows; 0 without a cursor.

    Raises:
        UsageError: no page ended so.
    """
    if cursor is None:
        return 0
    try:
        found = _FORM.fullmatch(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError):
        found = None
    if found is None or write(int(found[1])) != cursor:
        raise UsageError("cursor: must be what the page before gave as next")
    return int(found[1])
