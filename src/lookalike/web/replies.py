"""JSON answers, written from their shapes.

A path is a string in which each byte that is not UTF-8 is a lone surrogate, as everywhere in this program; so
answers are written in ASCII with escapes.
"""

from __future__ import annotations

import json

from pydantic import BaseModel
from starlette.responses import Response


class Reply(Response):
    """An answer whose body is a shape of ``schemas``, as JSON."""

    media_type = "application/json"

    def render(self, content: BaseModel) -> bytes:
        """Write the shape as JSON; other characters than ASCII are escaped."""
        return json.dumps(content.model_dump(), allow_nan=False, separators=(",", ":")).encode("ascii")
