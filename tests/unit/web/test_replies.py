from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

from lookalike.store import ImageFacts
from lookalike.web.list_schemas import ImageAnswer
from lookalike.web.replies import Reply


def test_a_reply_holds_names_that_are_no_text() -> None:
    """A byte that is not UTF-8 comes back by ``os.fsencode``, as everywhere in this program."""
    path = Path(os.fsdecode(b"/a/\xff.jpg"))
    facts = ImageFacts(7, bytes(32), "JPEG", 2, 1, (path,), np.zeros(4, np.float32))
    said = {"name": path.name, "metadata": {"e": "é"}, "tags": ["ü"]}
    reply = Reply(ImageAnswer.of(facts, missing=[], files_missing=True, **said))
    found = json.loads(bytes(reply.body))
    assert os.fsencode(found.pop("paths")[0]) == b"/a/\xff.jpg"
    assert os.fsencode(found.pop("name")) == b"\xff.jpg"
    assert (found.pop("metadata"), found.pop("tags")) == ({"e": "é"}, ["ü"])
    expected = {"image_id": 7, "sha256": "0" * 64, "format": "JPEG", "width": 2, "height": 1}
    assert found == {**expected, "missing": [], "files_missing": True}
    with pytest.raises(AttributeError):
        ImageAnswer.of(facts)
