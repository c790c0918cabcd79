"""The scans of a JPEG, also of one that is cut short: are its rows whole as far as they go, or all coarse?

A scan brings some coefficients of some components, for the whole picture (ITU-T T.81, annexes B and G). A
sequential picture mostly has one scan, so that its rows are read one after the other. A progressive one has
about ten: the first ones bring every coefficient with few bits, the others further bits.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

_MOST_MARKERS = 10_000  # a picture has some hundred at most; a hostile file may be full of them
_MARKER = re.compile(rb"\xff([\x01-\xcf\xd8-\xfe])")  # in a scan, 00 and D0 to D7 come after FF, too
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_PROGRESSIVE = frozenset({0xC2, 0xC6, 0xCA, 0xCE})
_RESTART, _END, _SCAN = 0xD0, 0xD9, 0xDA
_WITHOUT_LENGTH = frozenset({*range(0x01, 0xC0), 0xD8})
_LONG_RUN = b"\xff" * (1 << 17)  # a segment holds half as many at most, so that some lie outside of segments
_LONG_RUNS = re.compile(rb"\xff{131072,}")
_COEFFICIENTS = 64
_NOTHING = 14  # bits that are missing where no scan brought any; a scan leaves out 13 at most


class Scans(NamedTuple):
    """What the scans of a JPEG bring.

    Attributes:
        progressive: whether several scans bring the bits of one coefficient.
        coarse: whether every coefficient of every component was brought, be it with few bits, by scans that
            are complete: those before the last one.
        last: whether the last one, once it is complete, leaves nothing missing.
    """

    progressive: bool
    coarse: bool
    last: bool


def scans_of(data: bytes) -> Scans:
    """Look at the scans of a JPEG that may end anywhere.

    Args:
        data: the file. Of one that breaks its format something is said, and nothing raised.
    """
    progressive = False
    missing: dict[int, list[int]] = {}  # component: bits that each coefficient lacks
    before: dict[int, list[int]] = {}  # the same without the last scan
    with suppress(struct.error, IndexError, KeyError, ValueError):
        for marker, body in _segments(data):
            if marker in _FRAMES and not missing:
                progressive = marker in _PROGRESSIVE
                missing = {body[6 + 3 * place]: [_NOTHING] * _COEFFICIENTS for place in range(body[5])}
            elif marker == _SCAN:
                components = [body[1 + 2 * place] for place in range(body[0])]
                first, end, bits = body[1 + 2 * body[0] : 4 + 2 * body[0]]
                if not progressive:
                    first, end, bits = 0, _COEFFICIENTS - 1, 0
                before = {component: list(lacks) for component, lacks in missing.items()}
                for component in components:
                    missing[component][first : end + 1] = [bits & 15] * (min(end, 63) + 1 - first)
    return Scans(progressive, _most(before) < _NOTHING, _most(missing) == 0)


def without_long_runs(data: bytes) -> bytes:
    """The file with one byte FF in place of each run of 131,072 or more, which means the same to a decoder.

    A decoder that gets its bytes piece by piece goes over such a run again with each piece: 12 MB of it take
    two seconds, and 45 MB half a minute. Erased flash memory reads as FF, so that honest files may end so.
    """
    return _LONG_RUNS.sub(b"\xff", data) if _LONG_RUN in data else data


def next_restart(data: bytes) -> bytes:
    """The restart marker that comes next where a JPEG ends.

    Where an interval between two of them ends, a decoder passes by all bytes up to that marker.
    """
    last = max(range(8), key=lambda number: data.rfind(bytes((0xFF, _RESTART + number))))
    found = data.rfind(bytes((0xFF, _RESTART + last))) > data.rfind(bytes((0xFF, _SCAN)))
    return bytes((0xFF, _RESTART + (last + 1) % 8 if found else _RESTART))


def _most(missing: dict[int, list[int]]) -> int:
    """The most bits that a coefficient lacks."""
    return max((bits for lacks in missing.values() for bits in lacks), default=_NOTHING)


def _segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Marker and contents of the segments that are there, in the order of the file, up to its end marker."""
    at = 2
    for _ in range(_MOST_MARKERS):
        found = _MARKER.search(data, at)
        if found is None:
            return
        marker, at = found[1][0], found.end()
        if marker == _END:
            return
        if marker not in _WITHOUT_LENGTH:
            (length,) = struct.unpack_from(">H", data, at)
            yield marker, data[at + 2 : at + length]
            at += length
