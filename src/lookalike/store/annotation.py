"""Annotations: an image's upload name, metadata and tags, and filters on them.

A filter is a list of labels, all of which an image must have. A label is a text such as ``tag:red`` or
``meta:shop=12``, so that a request, a command line and Python ask for the same.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypedDict

from lookalike.errors import UsageError

MOST_METADATA = 8192
"""Bytes of an image's metadata as compact JSON."""

MOST_TAGS = 32
_LONGEST_TAG = 100
_LONGEST_KEY = 100
_LONGEST_NAME = 255
_LONGEST_VALUE = 200  # of a value that filters can ask for, as text


class Change(TypedDict, total=False):
    """What is to be said of an image from now on; what is left out, or None, stays as it is.

    Attributes:
        metadata: keys and values of JSON, which join those that are there; None as a value removes its key.
        tags: words, in place of those that are there.
        name: in place of the one under which it was uploaded; empty for none.
    """

    metadata: Mapping[str, Any] | None
    tags: Iterable[str] | None
    name: str | None


@dataclass(frozen=True, slots=True)
class Annotation:
    """What is said of an image.

    Attributes:
        name: under which it was uploaded; empty if it was not, or without one.
        metadata: keys and values of JSON.
        tags: sorted, without repetition.
    """

    name: str = ""
    metadata: dict[str, Any] = field(default_factory=dict, hash=False)
    tags: tuple[str, ...] = ()

    def changed(self, change: Change) -> Annotation:
        """The same after a change.

        Raises:
            UsageError: something in it is not what it should be, or too long.
        """
        name, metadata, tags = change.get("name"), change.get("metadata"), change.get("tags")
        if metadata is not None and not isinstance(metadata, Mapping):
            raise UsageError(f"metadata must be an object, as {{'shop': 12}}, not {metadata!r:.60}")
        joined = {**self.metadata, **(metadata or {})}
        return Annotation(
            self.name if name is None else as_name(name),
            _as_metadata({key: value for key, value in joined.items() if value is not None}),
            self.tags if tags is None else as_tags(tags),
        )

    def called(self, path: Path, sha256: bytes) -> str:
        """How the file of an image is called: an upload lies in one that is named by its SHA-256."""
        return self.name if self.name and path.stem == sha256.hex() else path.name

    def labels(self) -> Iterator[str]:
        """Every label that the image has."""
        yield from map(_tag_label, self.tags)
        for key, value in self.metadata.items():
            text = _as_text(value)
            if text is not None:
                yield _meta_label(key, text)


def labels_wanted(
    tag: str | Collection[str] | None = None, meta: Mapping[str, object] | None = None
) -> tuple[str, ...]:
    """The labels of the images that a filter lets pass.

    Args:
        tag: one tag, or several, all of which must be there.
        meta: top-level keys with the values that they must have: text, numbers, true or false. Numbers and
            their decimal text are the same.

    Raises:
        UsageError: no image can have one of them.
    """
    tags = [tag] if isinstance(tag, str) else () if tag is None else tag
    labels = [_tag_label(one) for one in as_tags(tags)]
    if meta is not None and not isinstance(meta, Mapping):
        raise UsageError(f"meta must be keys with their values, as {{'shop': 12}}, not {meta!r:.60}")
    for key, value in (meta or {}).items():
        text = _as_text(value)
        if text is None:
            raise UsageError(
                f"meta.{key}: a filter compares with a number, true, false, or printable text of at most "
                f"{_LONGEST_VALUE} characters"
            )
        labels.append(_meta_label(_as_key(key), text))
    return tuple(labels)


def keys_with_values(pairs: Iterable[str]) -> dict[str, str]:
    """The filter ``meta`` of texts such as ``shop=12``.

    Raises:
        UsageError: one has no equals sign, or a key comes twice.
    """
    found: dict[str, str] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals:
            raise UsageError(f"meta must be KEY=VALUE, as shop=12, not {pair!r:.60}")
        if key in found:
            raise UsageError(f"meta: {key} is given twice")
        found[key] = value
    return found


def as_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Check tags: sorted, without repetition.

    Raises:
        UsageError: they are no list, too many, or one is no printable text without spaces around it.
    """
    if isinstance(tags, str) or not isinstance(tags, Iterable):
        raise UsageError(f"tags must be a list of words, not {tags!r:.60}")
    found = list(tags)
    for tag in found:
        if not isinstance(tag, str) or not 0 < len(tag) <= _LONGEST_TAG or tag != tag.strip():
            raise UsageError(
                f"a tag is 1 to {_LONGEST_TAG} characters, none of them a space at an end, not {tag!r:.60}"
            )
        if not tag.isprintable():
            raise UsageError(f"a tag must be printable, not {tag!r:.60}")
    unique = tuple(sorted(set(found)))
    if len(unique) > MOST_TAGS:
        raise UsageError(f"an image has at most {MOST_TAGS} tags, not {len(unique)}")
    return unique


def as_name(name: str) -> str:
    """Check the name of a file: one printable name, without folders; it may be empty.

    Raises:
        UsageError: it is none.
    """
    if not isinstance(name, str) or len(name) > _LONGEST_NAME or not name.isprintable():
        raise UsageError(f"a name is printable text of at most {_LONGEST_NAME} characters, not {name!r:.60}")
    if "/" in name or "\\" in name or name in (".", ".."):
        raise UsageError(f"a name names a file without its folder, not {name!r:.60}")
    return name


def _as_metadata(metadata: dict[str, Any]) -> dict[str, Any]:
    """Check metadata, and copy them as JSON gives them back."""
    for key in metadata:
        _as_key(key)
    try:
        text = json.dumps(metadata, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
        size = len(text.encode())
    except (TypeError, ValueError, RecursionError) as error:
        raise UsageError(f"metadata must be what JSON can hold: {error}") from error
    if size > MOST_METADATA:
        raise UsageError(f"metadata may have {MOST_METADATA:,} bytes as JSON, not {size:,}")
    found: dict[str, Any] = json.loads(text)
    return found


def _as_key(key: object) -> str:
    if not isinstance(key, str) or not 0 < len(key) <= _LONGEST_KEY or not key.isprintable() or "=" in key:
        raise UsageError(
            f"a key of metadata is 1 to {_LONGEST_KEY} printable characters without =, not {key!r:.60}"
        )
    return key


def _as_text(value: object) -> str | None:
    """A value as filters compare it; None for what they do not: lists, objects, and long or odd texts."""
    if isinstance(value, bool | int | float):
        value = json.dumps(value)
    if isinstance(value, str) and len(value) <= _LONGEST_VALUE and value.isprintable():
        return value
    return None


def _tag_label(tag: str) -> str:
    return f"tag:{tag}"


def _meta_label(key: str, text: str) -> str:
    return f"meta:{key}={text}"
