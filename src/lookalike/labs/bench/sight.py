"""How often the second look takes edited copies for copies, and strangers for none.

    lookalike lab bench sight [--pictures FOLDER] [--sample N] [--kinds FOLDER] [--each N]

Each picture of a sample is edited in the 26 ways of ``lookalike.alterations.COPY_KINDS`` and compared with
its original; and all pictures of the sample are compared with each other, as strangers. (If a folder holds a
picture twice, some of these are copies: the paths of the highest pairs are in the result file.) Times are
processor time of one thread: the keypoints of a picture are found once, however many it is compared with.

With ``--kinds``, each folder in FOLDER holds different pictures of one kind, such as pages, logos or photos
of one class. ``python tests/support/drawn FOLDER`` draws 28 kinds.
"""

from __future__ import annotations

import argparse
import math
import random
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
from PIL import Image

from lookalike.alterations import COPY_KINDS, SMALLEST_SIDE
from lookalike.errors import NotFoundError
from lookalike.labs.bench.pictures import add_picture_option, chosen_folder, pictures_in
from lookalike.labs.bench.setting import write_result
from lookalike.labs.bench.sight_kinds import measure_kinds
from lookalike.labs.shared.pictures import open_whole
from lookalike.paths import shown
from lookalike.settings import Settings
from lookalike.sight import VERIFIED_SCORE, Sight, look

SAMPLE = 60
EACH = 12
_HIGHEST = 5  # strangers that are listed


@dataclass(frozen=True, slots=True)
class KindScore:
    """How copies of one kind fared.

    Attributes:
        name: of the kind.
        verified: share with a score of at least the border.
        tenth: score that nine in ten copies reach.
        median: of the scores.
    """

    name: str
    verified: float
    tenth: float
    median: float


def main(arguments: Sequence[str]) -> None:
    """Measure, print and write."""
    given = _arguments(arguments)
    if given.kinds is not None:
        write_result("sight-kinds", border=VERIFIED_SCORE, **measure_kinds(given.kinds, given.each))
        return
    folder = chosen_folder(given.pictures)
    paths = pictures_in(folder, fewest=2)
    paths = random.Random(0).sample(paths, min(given.sample, len(paths)))
    images = [_opened(path) for path in paths]
    started = time.process_time()
    sights = [Sight(image) for image in images]
    for sight in sights:
        sight.keypoints  # noqa: B018 - found now, so that the time of a pair is that of a pair
    picture_ms = 1000 * (time.process_time() - started) / len(sights)
    print(f"{len(images)} pictures; a copy is verified from a score of {VERIFIED_SCORE:g}")
    strangers, pair_ms = _strangers(sights)
    scores = np.array([score for score, _, _ in strangers])
    wrong = float((scores >= VERIFIED_SCORE).mean())
    print(f"{len(scores):,} pairs of strangers: {wrong:.4f} verified, highest {scores.max():.1f}", end=", ")
    print(f"99 % up to {np.percentile(scores, 99):.1f}")
    print(f"{picture_ms:.1f} ms per picture, {pair_ms:.1f} ms per pair of strangers")
    print(f"  {'copies':18}{'verified':>10}{'90 % reach':>12}{'median':>9}")
    kinds = []
    for name in COPY_KINDS:
        kinds.append(_copies(name, images, sights))
        kind = kinds[-1]
        print(f"  {name:18}{kind.verified:10.3f}{kind.tenth:12.1f}{kind.median:9.1f}", flush=True)
    write_result(
        "sight",
        pictures=folder.name,
        images=len(images),
        border=VERIFIED_SCORE,
        kinds=[asdict(kind) for kind in kinds],
        strangers={
            "pairs": len(scores),
            "verified": wrong,
            "percentile_99": float(np.percentile(scores, 99)),
            "highest": [
                [score, *(str(paths[place].relative_to(folder)) for place in pair)]
                for score, *pair in sorted(strangers, reverse=True)[:_HIGHEST]
            ],
        },
        cpu_ms={"picture": picture_ms, "pair": pair_ms},
    )


def _arguments(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    add_picture_option(parser)
    parser.add_argument(
        "--sample", type=int, default=SAMPLE, help="pictures drawn at random [default: %(default)s]"
    )
    parser.add_argument(
        "--kinds", type=Path, metavar="FOLDER", help="measure this instead: a folder of folders, one per kind"
    )
    parser.add_argument("--each", type=int, default=EACH, help="pictures of each kind [default: %(default)s]")
    given = parser.parse_args(arguments)
    if min(given.sample, given.each) < 2:
        parser.error("--sample and --each must be 2 or more")
    if given.kinds is not None and not given.kinds.is_dir():
        raise NotFoundError(f"there is no folder {shown(given.kinds)}; name one with --kinds")
    return given


def _strangers(sights: list[Sight]) -> tuple[list[tuple[float, int, int]], float]:
    """The score and the places of each pair, and the milliseconds that one took."""
    started = time.process_time()
    scores = [
        (look(sights[one], sights[other]).score, one, other)
        for one, other in combinations(range(len(sights)), 2)
    ]
    return scores, 1000 * (time.process_time() - started) / len(scores)


def _copies(name: str, images: list[Image.Image], sights: list[Sight]) -> KindScore:
    """Edit each picture in one way, with the next one for a background, and look at both."""
    make = COPY_KINDS[name]
    scores = []
    for place, image in enumerate(images):
        copy = make(image, images[(place + 1) % len(images)])
        scores.append(look(sights[place], Sight(copy)).score)
    verified = float(np.mean(np.array(scores) >= VERIFIED_SCORE))
    return KindScore(name, verified, float(np.percentile(scores, 10)), float(np.median(scores)))


def _opened(path: Path) -> Image.Image:
    """A picture at its full size; too small ones are enlarged, so that they can be altered."""
    image = open_whole(path, Settings())
    factor = SMALLEST_SIDE / min(image.size)
    if factor <= 1:
        return image
    return image.resize((math.ceil(image.width * factor), math.ceil(image.height * factor)))
