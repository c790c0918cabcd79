"""JSON answers.

Paths are strings, and a byte of one that is not UTF-8 is a lone surrogate, as everywhere in this program; so
answers are written in ASCII with escapes.
"""

from __future__ import annotations

import json
from typing import Any

from starlette.responses import Response

from lookalike.collection.questions import Answer


class Reply(Response):
    """An answer in JSON."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """The bytes of the answer."""
        return json.dumps(content, allow_nan=False, separators=(",", ":")).encode("ascii")


def matches_of(answer: Answer) -> list[dict[str, Any]]:
    """Matches as ``schemas.FoundMatch`` has them."""
    return [
        {
            "rank": match.rank,
            "image_id": match.image_id,
            "similarity": match.similarity,
            "distance": match.distance,
            "paths": [str(path) for path in match.paths],
            "width": facts.width,
            "height": facts.height,
            "thumbnail": f"/v1/images/{match.image_id}/thumbnail",
        }
        for match, facts in zip(answer.matches, answer.facts, strict=True)
    ]
