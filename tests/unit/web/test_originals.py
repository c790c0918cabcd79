from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from starlette.responses import Response

from lookalike.store import ImageFacts
from lookalike.web.originals import headers_of


def facts(name: str, form: str = "PNG") -> ImageFacts:
    return ImageFacts(1, bytes(range(32)), form, 1, 1, (Path("/pictures") / name,), np.zeros(4, np.float32))


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("beach.png", "beach.png"),
        ('a "b"; c\r\nSet-Cookie: d.png', "a%20%22b%22%3B%20c%0D%0ASet-Cookie%3A%20d.png"),
        ("größe.png", "gr%C3%B6%C3%9Fe.png"),
        (os.fsdecode(b"\xff.png"), "%3F.png"),
    ],
)
def test_any_name_is_one_harmless_header(name: str, sent: str) -> None:
    headers = headers_of(facts(name))
    assert headers["Content-Disposition"] == f"inline; filename*=UTF-8''{sent}"
    Response(b"", headers=headers)  # which encodes them


def test_what_a_browser_has_no_name_for_is_saved() -> None:
    assert headers_of(facts("a.dng", "RAW"))["Content-Disposition"].startswith("attachment;")
