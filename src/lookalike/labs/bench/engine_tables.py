"""The tables that ``engine`` prints, from what it writes.

Every ratio is theirs divided by ours: above 1 favours ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from lookalike.labs.bench.curves import Point, fastest, seconds_at

BORDER = 0.97
RECALLS = (0.90, 0.925, 0.95, 0.97, 0.98, 0.99)
OURS, EXACT = "lookalike LSHIndex", "lookalike ExactIndex"
_NEVER = "never"

Record = dict[str, Any]


class Curve(NamedTuple):
    """All settings of all variants of one name: (what it was built as, its setting) a point."""

    points: list[Point]
    sources: list[tuple[Record, Record]]


def curves(result: Record, time: str = "seconds") -> dict[str, Curve]:
    """The points of each name that was timed so, in the order of the result.

    Args:
        result: what ``engine`` writes.
        time: ``seconds`` for one call with all queries, ``alone_seconds`` for one call per query.
    """
    found: dict[str, Curve] = {}
    for record in result["contenders"]:
        for entry in record["settings"]:
            if time in entry:
                curve = found.setdefault(record["name"], Curve([], []))
                curve.points.append(Point(entry["recall"], entry[time]))
                curve.sources.append((record, entry))
    return found


def label(record: Record, entry: Record) -> str:
    """Variant and setting in words."""
    setting = ", ".join(f"{name} {value:g}" for name, value in entry["setting"].items())
    return ", ".join(part for part in (record["variant"], setting) if part)


def engine_tables(result: Record) -> list[str]:
    """All lines to print."""
    found, alone = curves(result), curves(result, "alone_seconds")
    return [
        f"{result['rows']:,} rows of {result['dim']}, {result['queries']:,} queries, k = {result['k']}, "
        f"one thread, medians of {result['rounds']} rounds. Times are µs per query in one call with all; "
        "alone: with one call per query.",
        "A ratio (x) is theirs / ours: above 1 favours ours.",
        "",
        *_at_border(found),
        "",
        "µs at exactly these recalls, interpolated; whether ours is faster at every one that they reach:",
        *_at_every_recall(found),
        "",
        "The same with one call per query:",
        *_at_every_recall(alone),
        "",
        *_costs(result, found),
    ]


def _at_border(found: dict[str, Curve]) -> Iterator[str]:
    ours = found.get(OURS)
    ours_entry = _reaching(ours) if ours else None
    ours_seconds = ours_entry[1]["seconds"] if ours_entry else None
    ours_alone = ours_entry[1].get("alone_seconds") if ours_entry else None
    ours_exactly = seconds_at(ours.points, BORDER) if ours else None
    yield f"Fastest setting with recall of at least {BORDER}, and the time at exactly that, interpolated:"
    yield f"  {'':36}{'recall':>7}{'µs':>9}{'x':>8}{'alone':>9}{'x':>8}{f'at {BORDER}':>9}{'x':>8}  setting"
    for name, curve in found.items():
        reaching = _reaching(curve)
        if reaching is None:
            best = max(range(len(curve.points)), key=lambda place, of=curve: of.points[place].recall)  # type: ignore[misc]
            record, entry = curve.sources[best]
            exactly = _NEVER
        else:
            record, entry = reaching
            exactly = _micro(seconds_at(curve.points, BORDER))
        alone = entry.get("alone_seconds")
        yield (
            f"  {name:36}{entry['recall']:7.3f}{_micro(entry['seconds']):>9}"
            f"{_ratio(entry['seconds'], ours_seconds):>8}{_micro(alone):>9}{_ratio(alone, ours_alone):>8}"
            f"{exactly:>9}{_ratio(seconds_at(curve.points, BORDER), ours_exactly):>8}  {label(record, entry)}"
        )


def _reaching(curve: Curve) -> tuple[Record, Record] | None:
    place = fastest(curve.points, BORDER)
    return None if place is None else curve.sources[place]


def _at_every_recall(found: dict[str, Curve]) -> Iterator[str]:
    ours = [seconds_at(found[OURS].points, recall) if OURS in found else None for recall in RECALLS]
    yield f"  {'':36}" + "".join(f"{recall:>9}" for recall in RECALLS) + "   ours faster; least and largest x"
    for name, curve in found.items():
        theirs = [seconds_at(curve.points, recall) for recall in RECALLS]
        times = "".join(f"{_NEVER if seconds is None else _micro(seconds):>9}" for seconds in theirs)
        yield f"  {name:36}{times}   {'' if name == OURS or OURS not in found else _verdict(ours, theirs)}"


def _verdict(ours: list[float | None], theirs: list[float | None]) -> str:
    if any(mine is None and other is not None for mine, other in zip(ours, theirs, strict=True)):
        return "no: ours does not reach what they reach"
    ratios = [other / mine for mine, other in zip(ours, theirs, strict=True) if mine and other]
    if not ratios:
        return "they reach none of these"
    everywhere = "at every one" if min(ratios) > 1 else "not at every one"
    return f"{everywhere}; {min(ratios):.2f} to {max(ratios):.2f}"


def _costs(result: Record, found: dict[str, Curve]) -> Iterator[str]:
    ours = found[OURS].sources[0][0] if OURS in found else {}
    yield "Costs: build on one thread; memory beyond one copy of the vectors, where a contender keeps one:"
    yield (
        f"  {'':52}{'build CPU s':>12}{'x':>8}{'bytes/vector':>14}{'x':>8}"
        f"{'add one, µs (mean)':>22}{'remove one, µs (mean)':>24}"
    )
    for record in result["contenders"]:
        extra = record["extra_bytes_per_vector"]
        name = f"{record['name']} {record['variant']}".strip()
        yield (
            f"  {name:52}{record['build_cpu_seconds']:12.2f}"
            f"{_ratio(record['build_cpu_seconds'], ours.get('build_cpu_seconds')):>8}"
            f"{'?' if extra is None else f'{extra:.0f}':>14}"
            f"{_ratio(extra, ours.get('extra_bytes_per_vector')):>8}"
            f"{_change(record, 'add'):>22}{_change(record, 'remove'):>24}"
        )


def _change(record: Record, verb: str) -> str:
    median, mean = record[f"{verb}_seconds"], record[f"{verb}_mean_seconds"]
    return "no" if median is None else f"{_micro(median)} ({_micro(mean)})"


def _micro(seconds: float | None) -> str:
    return "" if seconds is None else f"{1e6 * seconds:,.{0 if seconds >= 1e-4 else 1}f}"


def _ratio(theirs: float | None, ours: float | None) -> str:
    return f"{theirs / ours:.2f}" if theirs is not None and ours and ours > 0 else ""
