"""Image ids that need no counter: they come from a picture's SHA-256, so writers need not agree on one.

Ids lie below 2^53, so that JavaScript can hold them, and are spread evenly. A shard therefore owns a range of
ids, all ranges being of one length: which shard has an image depends on nothing but its id and the number of
shards, so neither compaction of the table nor a restart moves it.
"""

from __future__ import annotations

from dataclasses import dataclass

from lookalike.errors import UsageError

ATTEMPTS = 4
"""Ids that a picture may get: 32 bytes of SHA-256 hold so many numbers of 8 bytes."""

END = 1 << 53
"""The first number that is too large for an id."""

_MOST_SHARDS = 4096


def id_of(sha256: bytes, attempt: int = 0) -> int:
    """The id of a picture, from 1 to 2^53 - 1.

    Args:
        sha256: of its bytes.
        attempt: 0; the next number if another picture has the id already. Of a billion pictures that happens
            to about 55.
    """
    return max(1, int.from_bytes(sha256[8 * attempt : 8 * attempt + 8], "big") >> 11)


@dataclass(frozen=True, slots=True)
class Span:
    """A range of image ids.

    Attributes:
        start: the first id.
        end: the first id after it; None for no end.
    """

    start: int = 0
    end: int | None = None

    @property
    def predicate(self) -> str:
        """The range as a condition in SQL."""
        above = f"image_id >= {self.start}"
        return above if self.end is None else f"{above} AND image_id < {self.end}"


def spans(shards: int) -> list[Span]:
    """The range of each shard; together they hold every id once.

    Raises:
        UsageError: a number of shards below 1 or above 4,096.
    """
    if not 1 <= shards <= _MOST_SHARDS:
        raise UsageError(f"shards must be from 1 to {_MOST_SHARDS:,}, not {shards}")
    starts = [END * shard // shards for shard in range(shards)]
    return [Span(start, end) for start, end in zip(starts, [*starts[1:], None], strict=True)]
