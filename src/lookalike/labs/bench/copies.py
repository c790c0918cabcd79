"""How often the original of an altered copy is found first, beside classic perceptual hashes.

    lookalike lab bench copies [--pictures FOLDER] [--model M] [--queries N]

Pictures are drawn, from the test list beside the folder where there is one (FOLDER-test.txt), altered at
their full size, and compared exactly with all pictures of the folder. A hash often puts several pictures at
one distance: then the chance counts that the original comes first in a random order of these.

The pasted copies lie in the middle of another picture of the same folder, over a third of its area. That
picture is in the collection too, and a good answer to the query; so they are counted twice, the second time
without it.

The same run says what a border on the distance does: how many copies lie within the model's own, and how
many of all pairs of pictures of different classes do, in a million.
"""

from __future__ import annotations

import argparse
import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from lookalike.alterations import ALTERATIONS, SMALLEST_SIDE, paste_on
from lookalike.embed import load_embedder
from lookalike.errors import UsageError
from lookalike.labs.bench.pictures import add_picture_option, chosen_folder, pictures_in
from lookalike.labs.bench.setting import RESULTS, write_result
from lookalike.labs.shared.classic_hashes import HASHES, first_by_chance, hamming
from lookalike.labs.shared.described import Described, describe, kept
from lookalike.labs.shared.pictures import find, listing_digest, open_whole
from lookalike.labs.shared.strangers import nearest_strangers
from lookalike.paths import shown
from lookalike.settings import Settings

MILD = ("jpeg-40", "resize-40", "crop-80", "brighter", "grey", "blur", "caption")
HARD = ("crop-30", "pad", "pasted", "rotate", "jpeg-10", "text", "flip")
MORE = ("jpeg-30", "warm", "crop-70", "screenshot")
RATES = (1e-6, 5e-6, 1e-5)
_PASTED_SHARE = math.sqrt(1 / 3)


@dataclass(frozen=True, slots=True)
class Score:
    """How copies altered in one way fared.

    Attributes:
        name: of the alteration.
        first: share whose original is the nearest picture.
        within: share whose original lies within the model's border.
        hashes: ``first`` of each classic hash.
    """

    name: str
    first: float
    within: float
    hashes: dict[str, float]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print and write."""
    given = _arguments(arguments)
    folder = chosen_folder(given.pictures)
    paths = pictures_in(folder, fewest=2)
    embedder = load_embedder(given.model)
    digest = listing_digest(find(folder).files, embedder.fingerprint)
    known = kept(
        RESULTS / "described" / f"{folder.name}-{digest}.npz",
        lambda: describe(len(paths), lambda number: _opened(paths[number]), embedder),
    )
    border = embedder.card.same_distance
    candidates = _candidates(folder, paths)
    queries = random.Random(0).sample(candidates, min(given.queries, len(candidates)))
    print(f"{len(queries)} pictures altered, compared with {len(paths):,}: share whose original comes first")
    print(f"  {'':30}{embedder.card.name:>10}{f'within {border}':>14}" + "".join(f"{h:>8}" for h in HASHES))
    scores = []
    for score in _scores(paths, queries, known, partial(describe, embedder=embedder), border):
        hashes = "".join(f"{score.hashes[name]:8.3f}" for name in HASHES)
        print(f"  {score.name:30}{score.first:10.3f}{score.within:14.3f}{hashes}", flush=True)
        scores.append(score)
    labels = np.unique([path.parent.name for path in paths], return_inverse=True)[1].astype(np.int64)
    strangers = nearest_strangers(known.embeddings, labels)
    print(f"of {strangers.pairs:,} pairs of pictures of different classes:")
    print(f"  within {border}: {1e6 * strangers.within(border):.1f} in a million")
    for rate in RATES:
        print(f"  {1e6 * rate:.0f} in a million lie within {strangers.distance_of(rate):.3f}")
    write_result(
        "copies",
        pictures=folder.name,
        model=embedder.card.name,
        fingerprint=embedder.fingerprint,
        images=len(paths),
        queries=len(queries),
        border=border,
        scores=[asdict(score) for score in scores],
        strangers={
            "pairs": strangers.pairs,
            "within_border": strangers.within(border),
            "distance_of_rate": {str(rate): strangers.distance_of(rate) for rate in RATES},
        },
    )


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Rank-1 rates of altered copies.")
    add_picture_option(parser)
    parser.add_argument("--model", default="resnet34", help="an embedder [default: %(default)s]")
    parser.add_argument(
        "--queries", type=int, default=500, help="at most, fewer for fewer pictures [default: %(default)s]"
    )
    given = parser.parse_args(arguments)
    if given.queries < 1:
        parser.error("there must be a query")
    return given


def _candidates(folder: Path, paths: list[Path]) -> list[int]:
    """The pictures that may be altered, as numbers: those of the test list, if there is one."""
    listed = folder.with_name(f"{folder.name}-test.txt")
    if not listed.exists():
        return list(range(len(paths)))
    places = {path: place for place, path in enumerate(paths)}
    named = [folder / line for line in listed.read_text().splitlines()]
    missing = [path for path in named if path not in places]
    if missing or not named:
        what = f"{shown(missing[0])}, which is not there" if missing else "no pictures"
        raise UsageError(f"{shown(listed)} names {what}")
    return [places[path] for path in named]


def _scores(
    paths: list[Path],
    queries: list[int],
    known: Described,
    described: Callable[[int, Callable[[int], Image.Image]], Described],
    border: float,
) -> Iterator[Score]:
    chance = random.Random(1)
    others = queries if len(queries) > 1 else range(len(paths))
    grounds = [chance.choice([other for other in others if other != query]) for query in queries]

    def altered(name: str, place: int) -> Image.Image:
        image = _opened(paths[queries[place]])
        if name == "pasted":
            return paste_on(image, _opened(paths[grounds[place]]), _PASTED_SHARE)
        return ALTERATIONS[name].apply(image)

    for name in (*MILD, *HARD, *MORE):
        copies = described(len(queries), partial(altered, name))
        yield _score(name, copies, queries, known, border, None)
        if name == "pasted":
            yield _score("pasted, but for the ground", copies, queries, known, border, grounds)


def _score(
    name: str,
    copies: Described,
    queries: list[int],
    known: Described,
    border: float,
    without: list[int] | None,
) -> Score:
    """Compare copies with all pictures, or with all but one for each."""
    distances = 1.0 - copies.embeddings @ known.embeddings.T
    first = dict.fromkeys(("", *HASHES), 0.0)
    within = 0
    for place, query in enumerate(queries):
        rows = {"": distances[place]}
        rows |= {hash_: hamming(copies.hashes[hash_][place], known.hashes[hash_]) for hash_ in HASHES}
        for method, row in rows.items():
            if without is not None:
                row[without[place]] = row.max() + 1
            first[method] += first_by_chance(row, query) / len(queries)
        within += bool(rows[""][query] <= border)
    return Score(name, first.pop(""), within / len(queries), first)


def _opened(path: Path) -> Image.Image:
    """A picture at its full size; too small ones are enlarged, so that they can be altered."""
    image = open_whole(path, Settings())
    if min(image.size) >= SMALLEST_SIDE:
        return image
    factor = SMALLEST_SIDE / min(image.size)
    return image.resize((math.ceil(image.width * factor), math.ceil(image.height * factor)))


if __name__ == "__main__":
    main()
