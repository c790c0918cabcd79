"""Whether verdicts keep the rate of false copies that they state, and how well copies are ranked.

    lookalike lab bench verdicts --pictures FOLDER [--images N] [--copied N] [--ship]

Four kinds of collection are calibrated on three fourths of their pictures: photos of the two largest folders,
photos of all folders, drawn pages, drawn icons. The other fourth are queries, and the share of their pairs
that are called copies is compared with the rate that was asked for. All fourths take their turn, and the
pictures are divided in six ways. Then photos are copied in 26 ways and searched for.

``--ship`` measures the strangers that ship with the program instead, and writes ``calibration/shipped.json``:
to be run whenever the bundled network is replaced.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from lookalike.calibration import shipping
from lookalike.embed import Embedder, load_embedder
from lookalike.labs.bench.calibrating import RATES, Kept, check, pooled_strangers
from lookalike.labs.bench.gathered import gather
from lookalike.labs.bench.pictures import add_picture_option, chosen_folder, pictures_in
from lookalike.labs.bench.rankings import RATE, Ranking, rankings
from lookalike.labs.bench.setting import RESULTS, write_result
from lookalike.settings import Settings

IMAGES = 800
COPIED = 20
_FEWEST = 80  # pictures of a kind: three fourths of them must be enough to calibrate on


def main(arguments: Sequence[str]) -> None:
    """Measure, print and write."""
    given = _arguments(arguments)
    paths = pictures_in(chosen_folder(given.pictures), fewest=_FEWEST)
    embedder = load_embedder(Settings().model)
    if given.ship:
        _ship(paths, given.images, embedder)
        return
    print(f"{embedder.card.name}: strangers called copies, as a multiple of the rate that was asked for")
    rates = "".join(f"{rate:>9g}" for rate in RATES)
    print(f"  {'collection':14}{'images':>8}{'pairs':>9}{rates}{'verified':>10}  without:{rates}{'scale':>7}")
    kept = []
    for kind in gather(paths, given.images, embedder, RESULTS):
        kept.append(check(kind, embedder.fingerprint))
        _print_kept(kept[-1])
    print("verified: pairs that the second look takes for copies (photos: left out, as they may be some);")
    print("without: the multiples without these; scale: points over which the tail falls by a factor e")
    ranked = rankings(paths, given.images, given.copied, embedder) if given.copied else []
    if ranked:
        _print_rankings(ranked, given.copied)
    write_result(
        "verdicts",
        pictures=paths[0].parent.parent.name,
        fingerprint=embedder.fingerprint,
        rates=RATES,
        kinds=[asdict(one) for one in kept],
        rankings=[asdict(one) for one in ranked],
    )


def _arguments(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    add_picture_option(parser)
    parser.add_argument(
        "--images", type=int, default=IMAGES, help="pictures of each kind [default: %(default)s]"
    )
    parser.add_argument(
        "--copied",
        type=int,
        default=COPIED,
        help="photos that are copied in 26 ways, and as many that are not searched; 0 leaves the ranking out "
        "[default: %(default)s]",
    )
    parser.add_argument(
        "--ship", action="store_true", help="measure the strangers that ship, and write them into the package"
    )
    given = parser.parse_args(arguments)
    if given.images < _FEWEST:
        parser.error(f"--images must be {_FEWEST} or more")
    if given.copied == 1 or given.copied < 0:
        parser.error("--copied must be 0, or 2 or more")
    return given


def _print_kept(kept: Kept) -> None:
    every, unverified = (
        "".join(f"{factor:9.2f}" for factor in factors)
        for factors in (kept.factors(), kept.unverified_factors())
    )
    counts = f"  {kept.kind:14}{kept.images:8}{kept.pairs:9,}"
    print(f"{counts}{every}{kept.verified:10.0f}{'':10}{unverified}{kept.scale:7.2f}", flush=True)


def _print_rankings(ranked: list[Ranking], copied: int) -> None:
    print(f"copies of {copied} photos in 26 ways, the 10 nearest ranked by")
    print(f"  {'':22}{'micro-AP':>9}{f'recall at {RATE:g}':>17}{'at the first false':>20}")
    for one in ranked:
        print(f"  {one.name:22}{one.micro_ap:9.3f}{one.recall:17.3f}{one.first_false:20.3f}")


def _ship(paths: list[Path], images: int, embedder: Embedder) -> None:
    gathered = list(gather(paths, images, embedder, RESULTS))
    facts = {
        "made by": f"lookalike lab bench verdicts --pictures FOLDER --images {images} --ship",
        "fingerprint": embedder.fingerprint,
        "levelled": shipping.facts_of(pooled_strangers(gathered, levelled=True)),
        "plain": shipping.facts_of(pooled_strangers(gathered, levelled=False)),
    }
    path = Path(shipping.__file__).with_name(shipping.FILE)
    path.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    print(f"written: {path.name}")
