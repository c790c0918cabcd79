"""The second look at pictures of one kind, such as pages or logos: which it mixes up, and which it misses.

A kind is a folder of different pictures. All of them are held against each other, and each against copies of
its own: half the size saved as JPEG, and two crops. As in a search, pairs that look the same at 256 pixels
are looked at closely.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from itertools import combinations
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from PIL import Image

from lookalike.alterations.tones import encode_jpeg
from lookalike.labs.bench.pictures import pictures_in
from lookalike.labs.shared.pictures import open_whole
from lookalike.settings import Settings
from lookalike.sight import VERIFIED_SCORE, Fine, Sight, look, looked_closely


def _half(image: Image.Image) -> Image.Image:
    return encode_jpeg(image.resize((max(1, image.width // 2), max(1, image.height // 2))), 70)


def _cropped(image: Image.Image, left: float, top: float, right: float, bottom: float) -> Image.Image:
    wide, tall = image.size
    return image.crop((int(left * wide), int(top * tall), int(right * wide), int(bottom * tall)))


EDITS: MappingProxyType[str, Callable[[Image.Image], Image.Image]] = MappingProxyType(
    {
        "half": _half,
        "crop": lambda image: _cropped(image, 0.035, 0.02, 0.985, 0.97),
        "edge": lambda image: _cropped(image, 0, 0.05, 1, 1),
    }
)
"""Copies that everybody makes: half the size at JPEG quality 70; without 5 % of width and height, off centre;
without the uppermost 5 %."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How pictures of one kind fared.

    Attributes:
        name: of the folder.
        pairs: of different pictures.
        called_copies: number of these pairs that were taken for copies.
        highest: score of a pair.
        verified: share of copies that were verified, by edit.
    """

    name: str
    pairs: int
    called_copies: int
    highest: float
    verified: dict[str, float]


def measure_kinds(folder: Path, each: int) -> dict[str, Any]:
    """Look at every kind, print a table, and return the figures for the result file.

    Args:
        folder: its folders are the kinds.
        each: pictures of a kind, drawn at random.
    """
    names = "".join(f"{name:>8}" for name in EDITS)
    print(f"  {'kind':22}{'pairs':>7}{'copies':>8}{'highest':>9}{names}   (copies: of different pictures)")
    kinds, started = [], time.process_time()
    for place in sorted(path for path in folder.iterdir() if path.is_dir()):
        paths = pictures_in(place, fewest=2)
        images = [open_whole(path, Settings()) for path in _drawn(paths, each)]
        kinds.append(_measured(place.name, images))
        _print(kinds[-1])
    pairs = sum(kind.pairs for kind in kinds)
    mean = {edit: float(np.mean([kind.verified[edit] for kind in kinds])) for edit in EDITS}
    highest = max(kind.highest for kind in kinds)
    whole = Kind("all", pairs, sum(kind.called_copies for kind in kinds), highest, mean)
    _print(whole)
    print(f"{100 * whole.called_copies / pairs:.2f} % of different pairs taken for copies", end=", ")
    print(f"{time.process_time() - started:.0f} s of processor time")
    return {"folder": folder.name, "kinds": [asdict(kind) for kind in kinds], "all": asdict(whole)}


def _drawn(paths: list[Path], each: int) -> list[Path]:
    return random.Random(0).sample(paths, min(each, len(paths)))


def _measured(name: str, images: list[Image.Image]) -> Kind:
    seen = [_seen(image) for image in images]
    scores = [_score(first, second) for first, second in combinations(seen, 2)]
    verified = {}
    for edit, make in EDITS.items():
        copies = [_seen(make(image)) for image in images]
        found = [_score(*pair) >= VERIFIED_SCORE for pair in zip(seen, copies, strict=True)]
        verified[edit] = float(np.mean(found))
    called = sum(score >= VERIFIED_SCORE for score in scores)
    return Kind(name, len(scores), called, max(scores), verified)


def _seen(image: Image.Image) -> tuple[Sight, Fine]:
    return Sight(image), Fine(image)


def _score(first: tuple[Sight, Fine], second: tuple[Sight, Fine]) -> float:
    return looked_closely(look(first[0], second[0]), first[1], second[1]).score


def _print(kind: Kind) -> None:
    shares = "".join(f"{share:8.3f}" for share in kind.verified.values())
    print(f"  {kind.name:22}{kind.pairs:7}{kind.called_copies:8}{kind.highest:9.1f}{shares}", flush=True)
