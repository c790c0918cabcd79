"""Tries to break Lookalike in every known way, for a bounded time: ``make break [SECONDS=600] [SEED=n]``.

Real processes, real files, random tries: what one run does not find, the next one may. The seed that is
printed repeats the tries of a run; how many fit into its time depends on the machine. The exit code is 1 if
anything was wrong.
"""

from __future__ import annotations

import argparse
import random
import secrets
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "support"))

import archives
import bodies
import clients
import collages
import costly
import damage
import fuzz
import killing
import numeric
import private
import quitting
import reviewing
from tally import Attack, Tally

ATTACKS: dict[str, tuple[Callable[[Attack], None], float]] = {
    "kills in the midst of index": (killing.index, 2),
    "kills in the midst of uploads": (killing.uploads, 2),
    "kills in the midst of duplicates --apply": (killing.duplicates, 2),
    "bit flips in a cache of 60,000 images": (damage.caches, 4),
    "bit flips and cuts of a catalog": (damage.catalogs, 2),
    "damaged pictures of every format": (fuzz.pictures, 3),
    "pictures that cost too much": (costly.each, 1),
    "bombs beside searches": (costly.beside_searches, 1),
    "collages beside searches": (collages.beside_searches, 1),
    "bombs in a folder": (costly.in_a_folder, 1),
    "a batch that fills the memory": (costly.in_a_batch, 1),
    "bodies that cost too much": (bodies.every_route, 2),
    "backups that are damaged or hostile": (archives.damaged, 1),
    "slow, silent and idle callers": (clients.all_kinds, 2),
    "callers who hang up in the midst of batches": (quitting.in_batches, 1),
    "reviewers at the same cases at once": (reviewing.at_once, 1),
    "numbers": (numeric.arrays, 2),
    "addresses of private places": (private.addresses, 1),
}
"""Each with its share of the time."""


def main() -> int:
    """Run the attacks and print what came of them; 1 if anything was wrong."""
    parser = argparse.ArgumentParser(description="Tries to break Lookalike.")
    parser.add_argument("--seconds", type=float, default=600, help="how long, about [default: 600]")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6), help="repeats a run's tries")
    parser.add_argument("--only", default="", metavar="WORD", help="only attacks whose name has this word")
    given = parser.parse_args()
    chosen = {name: attack for name, attack in ATTACKS.items() if given.only in name}
    shares = sum(share for _, share in chosen.values())
    print(f"seed {given.seed}, {given.seconds:g} s")
    print(f"{'attack':42} {'tried':>8} {'refused':>8} {'right':>8} {'WRONG':>6} {'s':>5}", flush=True)
    wrong = 0
    for name, (attack, share) in chosen.items():
        seconds = given.seconds * share / shares
        wrong += _ran(name, attack, seconds, random.Random(f"{given.seed} {name}"))
    print(f"{wrong} wrong" if wrong else "nothing was wrong")
    return int(wrong > 0)


def _ran(name: str, attack: Callable[[Attack], None], seconds: float, dice: random.Random) -> int:
    """Run one attack and print its line; how many tries went wrong."""
    tally, started = Tally(), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="lookalike-break-", ignore_cleanup_errors=True) as place:
        try:
            attack(Attack(Path(place), dice, started + seconds, tally))
        except Exception:  # noqa: BLE001 - whatever it is, the other attacks go on
            tally.wrong.append(traceback.format_exc())
    took = time.monotonic() - started
    print(
        f"{name:42} {tally.tried:8,} {tally.refused:8,} {tally.right:8,} {len(tally.wrong):6,} {took:5.0f}",
        *(f"    {line}" for line in tally.figures),
        *(f"    WRONG: {line}" for line in tally.wrong[:10]),
        sep="\n",
        flush=True,
    )
    return len(tally.wrong)


if __name__ == "__main__":
    sys.exit(main())
