"""Matches and answers as HTML, which a notebook shows in place of their text."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from lookalike.errors import LookalikeError
from lookalike.images import Limits, decode, read_file
from lookalike.paths import shown

_SIDE = 160
_QUALITY = 80
_CELL = '<div style="display:inline-block;width:176px;margin:4px;vertical-align:top;overflow-wrap:anywhere">'


def thumbnail(paths: Sequence[Path]) -> str:
    """The first picture that one of some files holds, as a data URL of at most 160 pixels a side.

    Returns:
        Empty if no file can be read: it is gone, or lies on another machine.
    """
    for path in paths:
        try:
            picture = decode(read_file(path, Limits()), limits=Limits(), at_least=_SIDE).image
        except (LookalikeError, OSError):
            continue
        picture.thumbnail((_SIDE, _SIDE), Image.Resampling.BICUBIC)
        file = io.BytesIO()
        picture.save(file, "WEBP", quality=_QUALITY)
        return f"data:image/webp;base64,{base64.b64encode(file.getvalue()).decode()}"
    return ""


def cell(paths: Sequence[Path], lines: Sequence[str], name: str = "") -> str:
    """A picture with some lines about it, and the place where it lies; a word stands for one that is gone.

    Args:
        paths: where it lies.
        lines: about it.
        name: of its file, if that is not the last part of the first path.
    """
    from html import escape  # noqa: PLC0415  (its list of characters, which only notebooks need, takes 1 ms)

    url = thumbnail(paths)
    place = paths[0].parent / name if paths and name else next(iter(paths), "")
    name = escape(shown(place))
    picture = f'<img src="{url}" alt="{name}">' if url else "<i>no picture</i>"
    return f"{_CELL}{picture}<br>{'<br>'.join(map(escape, lines))}<br><small>{name}</small></div>"
