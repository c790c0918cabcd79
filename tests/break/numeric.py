"""Numbers of all sizes, kinds and shapes for the indexes, beside distances by numpy in float64."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from tally import Attack

from lookalike import LookalikeError
from lookalike.index import ExactIndex, LSHIndex

_METRICS = ("cosine", "euclidean", "manhattan", "minkowski:3", "minkowski:1.5")
_TYPES = ("float16", "float32", "float64", "int8", "int32", "uint8", "int64", "bool")
_BAD = (np.nan, np.inf, -np.inf)

Array = NDArray[np.float64]


def arrays(attack: Attack) -> None:
    """Fill small indexes with odd numbers, and search them exactly."""
    numbers = np.random.default_rng(attack.dice.randrange(2**32))
    while attack.goes_on:
        metric, kind = attack.dice.choice(_METRICS), attack.dice.choice(_TYPES)
        count, dim = attack.dice.randrange(1, 60), attack.dice.choice((1, 2, 3, 16, 100))
        rows, queries = (_drawn(numbers, kind, shape) for shape in ((count, dim), (3, dim)))
        bad = attack.dice.random() < 0.15 and kind.startswith("float")
        if bad:
            rows[numbers.integers(count), numbers.integers(dim)] = attack.dice.choice(_BAD)
        make = attack.dice.choice((ExactIndex, LSHIndex))
        what = f"{make.__name__} {metric} {kind} {rows.shape}"
        try:
            index = make(dim, metric=metric)
            index.add(numbers.permutation(10 * count)[:count], rows)
            found = index.search(queries, 5) if make is ExactIndex else index.search(queries, 5, exact=True)
        except LookalikeError:
            if bad:
                attack.tally.refused += 1
            else:
                attack.tally.judge(_too_large(rows, queries), f"{what}: refused")
            continue
        if bad:
            attack.tally.wrong.append(f"{what}: taken although it is not finite")
            continue
        true = np.sort(_distances(metric, queries, rows), axis=1)[:, :5]
        told = found.distances[:, : true.shape[1]].astype(np.float64)
        close = np.isclose(told, true, rtol=2e-5, atol=2e-6 * max(1.0, np.abs(true).max(initial=0) * 1e-3))
        attack.tally.judge(bool(close.all()), f"{what}: {told[~close][:3]} for {true[~close][:3]}")


def _drawn(numbers: np.random.Generator, kind: str, shape: tuple[int, int]) -> NDArray[np.generic]:
    """Numbers of a kind: of one size or of many, with zeros and repeated rows."""
    if kind == "bool":
        return numbers.random(shape) < 0.5
    if not kind.startswith("float"):
        limits = np.iinfo(kind)
        return numbers.integers(max(limits.min, -(2**24)), min(limits.max, 2**24), shape).astype(kind)
    most = 3 if kind == "float16" else 12
    exponents = numbers.uniform(-most, most, (shape[0], 1) if numbers.random() < 0.5 else (1, 1))
    drawn = numbers.standard_normal(shape) * 10.0**exponents
    drawn[numbers.random(shape[0]) < 0.1] = 0
    if shape[0] > 1 and numbers.random() < 0.3:
        drawn[-1] = drawn[0]
    return drawn.astype(kind)


def _distances(metric: str, queries: NDArray[np.generic], rows: NDArray[np.generic]) -> Array:
    """Distances (q, n) by their definitions, from the float32 numbers that an index keeps."""
    a = queries.astype(np.float32).astype(np.float64)[:, None, :]
    b = rows.astype(np.float32).astype(np.float64)[None, :, :]
    if metric == "cosine":
        lengths = np.linalg.norm(a, axis=2) * np.linalg.norm(b, axis=2)
        dots = (a * b).sum(axis=2)
        return np.asarray(1 - np.divide(dots, lengths, out=np.zeros_like(dots), where=lengths > 0))
    power = {"euclidean": 2.0, "manhattan": 1.0}.get(metric) or float(metric.partition(":")[2])
    apart = np.abs(a - b)
    scale = np.maximum(apart.max(axis=2, keepdims=True), 1e-300)
    return np.asarray(((apart / scale) ** power).sum(axis=2) ** (1 / power) * scale[..., 0])


def _too_large(*given: NDArray[np.generic]) -> bool:
    """Whether float32 cannot hold the numbers."""
    with np.errstate(over="ignore"):
        return not all(np.isfinite(each.astype(np.float32)).all() for each in given)
