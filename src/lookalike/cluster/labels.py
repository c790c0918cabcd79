"""What people say of an image, as columns of the table hold it, and the labels by which rows are found.

A label is a text: ``folder:/shared/photos`` for each folder above a file, and what ``store.annotation`` makes
of tags and metadata, such as ``tag:summer``. Lance keeps an index of the column, so that neither a folder nor
a tag costs a look at every row.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

from lookalike.errors import DamagedError
from lookalike.store import Annotation


def to_text(annotation: Annotation) -> str | None:
    """An annotation as the column ``said`` holds it, JSON; None if nothing is said."""
    if annotation == Annotation():
        return None
    parts = {"name": annotation.name, "metadata": annotation.metadata, "tags": annotation.tags}
    return json.dumps(parts, ensure_ascii=False, separators=(",", ":"))


def of_text(text: str | None) -> Annotation:
    """The annotation that the column ``said`` holds.

    Raises:
        DamagedError: it is none.
    """
    if text is None:
        return Annotation()
    try:
        parts = json.loads(text)
        return Annotation(str(parts["name"]), dict(parts["metadata"]), tuple(map(str, parts["tags"])))
    except (ValueError, TypeError, KeyError) as error:
        raise DamagedError("what the table says of an image is damaged") from error


def labels_of(paths: Iterable[Path], annotation: Annotation) -> list[str]:
    """All labels of a row: the folders above its files, its tags and its metadata."""
    above = {folder for path in paths for folder in path.parents} - {Path()}
    return [*sorted(map(folder_label, above)), *annotation.labels()]


def folder_label(folder: Path) -> str:
    """The label of images that have a file below a folder, ASCII whichever bytes its name has."""
    # As a path, ``s3://bucket`` is written ``s3:/bucket``, which is what a request's folder becomes.
    return "folder:" + quote(os.fsencode(folder).replace(b"://", b":/", 1))


def having(labels: Iterable[str]) -> str:
    """The condition in SQL that a row has all of some labels."""
    return f"array_has_all(labels, {as_list(labels)})"


def as_list(texts: Iterable[str]) -> str:
    """Texts as a list in SQL."""
    return f"[{', '.join(map(as_sql, texts))}]"


def as_sql(text: str | None) -> str:
    """A text as SQL writes it; NULL for None."""
    return "NULL" if text is None else "'" + text.replace("'", "''") + "'"
