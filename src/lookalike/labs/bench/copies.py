"""How often the original of an altered copy is found first, per kind of alteration.

    python -m lookalike.labs.bench.copies [--pictures FOLDER]

200 pictures are drawn, from the test list beside the folder where there is one (FOLDER-test.txt), altered in
every way that ``lookalike.images.alter`` knows, and searched for, exactly, among all pictures of the folder.
The same run shows what a border on the distance would do: how many copies lie within it, and how many of
the unaltered pictures have another picture within it.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lookalike import Collection
from lookalike.images.alter import ALTERATIONS
from lookalike.labs.bench.setting import collection_of, parse, write_result

QUERIES = 200
BORDERS = (0.2, 0.3, 0.4, 0.5, 0.6)


def main() -> None:
    """Measure, print and write."""
    pictures = parse("Rank-1 rates of altered copies.")
    queries = random.Random(0).sample(_candidates(pictures), QUERIES)
    with collection_of(pictures) as collection:
        images = len(collection)
        strangers = np.array([_stranger_distance(collection, path) for path in queries])
        results = {}
        print(f"{QUERIES} pictures altered, searched among {images:,}: found first, and within a distance:")
        print(f"  {'':24}{'first':>7}" + "".join(f"{border:>8}" for border in BORDERS))
        for name, alteration in ALTERATIONS.items():
            first, distances = _found(collection, queries, alteration.apply)
            within = [float((distances <= border).mean()) for border in BORDERS]
            results[name] = {"rank_1": first, "within": dict(zip(map(str, BORDERS), within, strict=True))}
            print(f"  {name:24}{first:7.3f}" + "".join(f"{share:8.3f}" for share in within))
        false = [float((strangers <= border).mean()) for border in BORDERS]
        print(f"  {'another picture':24}{'':7}" + "".join(f"{share:8.3f}" for share in false))
    write_result(
        "copies",
        images=images,
        queries=QUERIES,
        alterations=results,
        another_picture_within=dict(zip(map(str, BORDERS), false, strict=True)),
    )


def _candidates(pictures: Path) -> list[Path]:
    test_list = pictures.with_name(f"{pictures.name}-test.txt")
    if test_list.exists():
        return [pictures / line for line in test_list.read_text().splitlines()]
    return sorted(pictures.rglob("*.jpg"))


def _stranger_distance(collection: Collection, path: Path) -> float:
    """Cosine distance from a picture to the nearest other image."""
    matches = collection.search(path, 2, exact=True)
    return next(match.distance for match in matches if path not in match.paths)


def _found(
    collection: Collection, queries: list[Path], alter: Callable[[Image.Image], Image.Image]
) -> tuple[float, NDArray[np.float64]]:
    """Share of copies whose original comes first; and the distance of each original, infinite beyond ten."""
    first, distances = 0, []
    for path in queries:
        with Image.open(path) as opened:
            copy = alter(opened.convert("RGB"))
        originals = [match for match in collection.search(copy, 10, exact=True) if path in match.paths]
        first += any(match.rank == 1 for match in originals)
        distances.append(min((match.distance for match in originals), default=math.inf))
    return first / len(queries), np.array(distances)


if __name__ == "__main__":
    main()
