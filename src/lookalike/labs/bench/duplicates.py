"""What share of edited copies a search for duplicates finds, and where it loses the others.

    lookalike lab bench duplicates --pictures FOLDER [--photos N] [--pages N] [--rounds N] [--beside N]

Photos drawn at random and drawn pages are copied in the 26 ways of ``lookalike.alterations.COPY_KINDS``. In
each round every picture has one copy, in the next round one of the next kind, and originals and copies are
one collection, which is searched as ``lookalike duplicates`` does. So after 26 rounds every picture was
copied in every way, and no copy helped to find another one. Pictures beside them have no copies. What else a
collage shows is not in the collection.
"""

from __future__ import annotations

import argparse
import random
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from lookalike import Collection
from lookalike.alterations import COPY_KINDS, SMALLEST_SIDE
from lookalike.errors import ImageError
from lookalike.labs.bench import sheets
from lookalike.labs.bench.lost import CLOSE_LOOK, ELSEWHERE, FOUND, NO_CANDIDATE, REASONS, Outcomes
from lookalike.labs.bench.pictures import add_picture_option, chosen_folder, pictures_in
from lookalike.labs.bench.setting import write_result
from lookalike.labs.shared.pictures import open_whole
from lookalike.settings import Settings

PHOTOS, PAGES = 300, 100
_QUALITY = 90  # of the JPEGs that copies are saved as


class Copied(NamedTuple):
    """A pair that a search should find.

    Attributes:
        original: its file.
        copy: its file.
        kind: the way in which it was edited.
        drawn: whether the original is a drawn page, and no photo.
    """

    original: Path
    copy: Path
    kind: str
    drawn: bool


def main(arguments: Sequence[str]) -> None:
    """Measure, print and write."""
    given = _arguments(arguments)
    paths = pictures_in(chosen_folder(given.pictures), fewest=2)
    paths = random.Random(0).sample(paths, len(paths))
    lost: dict[tuple[str, str], Counter[str]] = {}
    rounds = []
    with tempfile.TemporaryDirectory(prefix="lookalike-") as place:
        folder = Path(place)
        *photos, last = _alterable(paths, given.photos + 1)
        background = open_whole(last, Settings())
        pages = [_page(number, folder) for number in range(given.pages)]
        beside = [path for path in paths if path not in {*photos, last}][: given.beside]
        for turn in range(given.rounds):
            copied = [
                *_copies(photos, turn, folder / "copies", background, drawn=False),
                *_copies(pages, turn, folder / "copies", background, drawn=True),
            ]
            rounds.append(_search(copied, beside, folder, lost))
            print(f"round {turn + 1}: {rounds[-1]}", flush=True)
            shutil.rmtree(folder / "copies")
    for of in ("photos", "pages"):
        _print({kind: counts for (which, kind), counts in lost.items() if which == of}, of)
    write_result(
        "duplicates",
        photos=len(photos),
        pages=len(pages),
        beside=len(beside),
        rounds=rounds,
        outcomes=[{"of": of, "kind": kind, **counts} for (of, kind), counts in lost.items()],
    )


def _arguments(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    add_picture_option(parser)
    for name, usual, what in (
        ("photos", PHOTOS, "photos that are copied"),
        ("pages", PAGES, "drawn pages that are copied"),
        ("rounds", len(COPY_KINDS), "rounds; in each, every picture is copied in one way"),
        ("beside", 0, "photos beside them that have no copies"),
    ):
        parser.add_argument(f"--{name}", type=int, default=usual, help=f"{what} [default: %(default)s]")
    given = parser.parse_args(arguments)
    if given.photos < 2 or given.pages < 0 or given.rounds < 1 or given.beside < 0:
        parser.error("--photos must be 2 or more, --rounds 1 or more, and the others 0 or more")
    return given


def _alterable(paths: Sequence[Path], count: int) -> list[Path]:
    """The first so many photos that can be edited in all ways."""
    found: list[Path] = []
    for path in paths:
        if len(found) == count:
            break
        try:
            image = open_whole(path, Settings())
        except ImageError:
            continue
        if min(image.size) >= 2 * SMALLEST_SIDE:
            found.append(path)
    return found


def _page(number: int, folder: Path) -> Path:
    """Draw a page, and return its file."""
    path = folder / "pages" / f"{number}.png"
    path.parent.mkdir(exist_ok=True)
    sheets.draw("pages", number).save(path)
    return path


def _copies(
    originals: Sequence[Path], turn: int, folder: Path, background: Image.Image, *, drawn: bool
) -> Iterator[Copied]:
    """Copy each picture in one way."""
    folder.mkdir(exist_ok=True)
    kinds = list(COPY_KINDS)
    for place, original in enumerate(originals):
        kind = kinds[(place + turn) % len(kinds)]
        copy = COPY_KINDS[kind](open_whole(original, Settings()), background)
        path = folder / f"{'page' if drawn else 'photo'}-{place}-{kind}.jpg"
        copy.save(path, quality=_QUALITY)
        yield Copied(original, path, kind, drawn)


def _search(
    copied: Sequence[Copied],
    beside: Sequence[Path],
    folder: Path,
    lost: dict[tuple[str, str], Counter[str]],
) -> dict[str, float]:
    """Search a collection of pictures for duplicates, and count what became of the copies."""
    place = folder / "collection"
    settings = replace(Settings(), collection=place)
    with Collection.open(create=True, settings=settings) as collection:
        collection.add([*(pair.original for pair in copied), *(pair.copy for pair in copied), *beside])
        ids = {path: image_id for image_id, path in collection.images()}
        started = time.process_time()
        groups = collection.duplicates()
        seconds = time.process_time() - started
        outcomes = Outcomes(collection, groups)
        for pair in copied:
            counts = lost.setdefault(("pages" if pair.drawn else "photos", pair.kind), Counter())
            counts[outcomes.of(ids[pair.original], ids[pair.copy])] += 1
        facts = {
            "images": len(collection),
            "groups": len(groups),
            "compared": outcomes.compared,
            "cpu_seconds": round(seconds, 1),
        }
    shutil.rmtree(place)
    return facts


def _print(kinds: dict[str, Counter[str]], of: str) -> None:
    """Print shares of copies, and beside them which reasons the second look gave, in copies."""
    if not kinds:
        return
    columns = (FOUND, NO_CANDIDATE, "second look", CLOSE_LOOK, ELSEWHERE)
    print(f"  {of:18}{'copies':>8}" + "".join(f"{name:>14}" for name in columns) + "  why the second look")
    total: Counter[str] = Counter()
    for kind in [name for name in COPY_KINDS if name in kinds]:
        _print_row(kind, kinds[kind])
        total.update(kinds[kind])
    _print_row("all", total)


def _print_row(name: str, counts: Counter[str]) -> None:
    refused = {reason: counts[reason] for reason in REASONS if counts[reason]}
    numbers = (
        counts[FOUND],
        counts[NO_CANDIDATE],
        sum(refused.values()),
        counts[CLOSE_LOOK],
        counts[ELSEWHERE],
    )
    whole = sum(counts.values())
    shares = "".join(f"{number / whole:14.3f}" for number in numbers)
    print(f"  {name:18}{whole:8}{shares}  {', '.join(f'{why} {n}' for why, n in refused.items())}")
