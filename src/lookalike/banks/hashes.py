"""Hashes as people and other programs write them, and how near two must be to count."""

from __future__ import annotations

from types import MappingProxyType
from typing import get_args

from lookalike.errors import UsageError
from lookalike.store import Kind, NewEntry

LENGTHS = MappingProxyType({"picture": 32, "sha256": 32, "md5": 16, "pdq": 32, "lookalike": 32})
"""Bytes of a value of each kind."""

RADIUS = MappingProxyType({"pdq": 31, "lookalike": 47})
"""Bits of 256 in which hashes that count as near differ at most. Of PDQ: the border of Meta's own programs.
Of ours: as far as the index of hashes reaches; 3 in a million pairs of different photos are that near."""

_STRANGERS = MappingProxyType(
    {
        "pdq": ((10, 1.7e-7), (20, 2.8e-7), (31, 7.8e-7)),
        "lookalike": ((16, 1.1e-7), (26, 3.9e-7), (35, 1.3e-6), (47, 2.9e-6)),
    }
)
"""Bits that differ, and the share of pairs of different photos that differ in so few, on 6,000 photos of
Caltech-101. PDQ: 0, 5 and 14 of 17,985,003 pairs were no copies by the second look (for none, the upper bound
at 95 % is given). Ours, by lite0: 2, 7, 24 and 53 of 17,997,000 pairs."""

_NAMES: dict[str, Kind] = {
    **{kind: kind for kind in get_args(Kind)},
    **{"video_md5": "md5", "hash_md5": "md5", "hash_video_md5": "md5"},
    **{"video_sha256": "sha256", "hash_sha256": "sha256", "hash_video_sha256": "sha256"},
    "hash_pdq": "pdq",
}
"""Names of kinds in small letters: our own, those of threatexchange's signals and of Meta's indicators."""

OTHER_SIGNALS = frozenset(
    {
        *("raw_text", "text_string", "trend_query", "url", "uri", "raw_uri", "url_md5", "hash_url_md5"),
        *("text_tlsh", "hash_text_tlsh", "pdq_ocr", "hash_pdq_ocr", "vpdq"),
    }
)
"""Names, in small letters, that threatexchange has for signals which no bank here takes."""

SIGNALS = MappingProxyType(
    {"pdq": "pdq", "md5": "video_md5", "sha256": "video_sha256", "picture": "video_sha256"}
)
"""How threatexchange calls the kinds that it knows; for MD5 and SHA-256 it has names of videos only."""

_LONGEST_NOTE, _LONGEST_TAG, _LONGEST_MODEL, _MOST_TAGS = 1000, 100, 200, 32


def chance(kind: Kind, differing: int) -> float:
    """The chance that perceptual hashes of two different pictures differ in so few bits, up to the radius."""
    return next(share for most, share in _STRANGERS[kind] if differing <= most)


def kind_of(name: str) -> Kind:
    """The kind that a name stands for, in small letters or capitals.

    Raises:
        UsageError: none.
    """
    kind = _NAMES.get(name.strip().lower())
    if kind is None:
        raise UsageError(f"there is no kind of hash {name[:40]!r}; known are {', '.join(get_args(Kind))}")
    return kind


def value_of(kind: Kind, text: str) -> bytes:
    """The value of a hash in hexadecimal.

    Raises:
        UsageError: it is not hexadecimal, or of another length.
    """
    text = text.strip()
    digits = 2 * LENGTHS[kind]
    if len(text) == digits and text.isascii() and text.isalnum():
        try:
            return bytes.fromhex(text)
        except ValueError:
            pass
    raise UsageError(f"a hash of kind {kind} has {digits} hexadecimal digits; {text[:80]!r} is none")


def parsed(text: str) -> tuple[Kind, bytes]:
    """Kind and value of a hash that is written as ``pdq:f8f8f0ce…``.

    Raises:
        UsageError: it is not.
    """
    name, colon, digits = text.partition(":")
    if not colon:
        raise UsageError(f"a hash is written KIND:HEX, as pdq:f8f8…, not {text[:80]!r}")
    kind = kind_of(name)
    return kind, value_of(kind, digits)


def entry_of(
    kind: Kind, value: bytes, *, model: str = "", note: str = "", tags: tuple[str, ...] = ()
) -> NewEntry:
    """An entry whose texts have been checked.

    Args:
        kind: of the value.
        value: of the length of its kind.
        model: fingerprint of the embedder of a hash of kind ``lookalike``.
        note: one line.
        tags: words without spaces.

    Raises:
        UsageError: a text is too long, or holds what cannot be written in a line of a list.
    """
    if len(tags) > _MOST_TAGS:
        raise UsageError(f"an entry has at most {_MOST_TAGS} tags, not {len(tags)}")
    for tag in tags:
        if not tag or len(tag) > _LONGEST_TAG or not tag.isprintable() or " " in tag:
            raise UsageError(
                f"a tag is a word of at most {_LONGEST_TAG} characters, no spaces, not {tag[:40]!r}"
            )
    own = model if kind == "lookalike" else ""
    if len(own) > _LONGEST_MODEL or not own.isprintable():
        raise UsageError(f"a model is a word of at most {_LONGEST_MODEL} characters, not {own[:40]!r}")
    return NewEntry(kind, value, own, as_note(note), tuple(sorted(set(tags))))


def as_note(text: str) -> str:
    """Check a note: one printable line.

    Raises:
        UsageError: it is longer than 1,000 characters, or holds control characters, as line breaks are.
    """
    if len(text) > _LONGEST_NOTE or not text.isprintable():
        raise UsageError(f"a note is one line of at most {_LONGEST_NOTE:,} characters, not {text[:40]!r}")
    return text
