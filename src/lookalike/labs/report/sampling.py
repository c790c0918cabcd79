"""A small copy of a labelled folder, so that a quick run has little to read."""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from lookalike.labs.report.steps import Request
from lookalike.labs.shared.splits import split


def sampled(request: Request) -> Request:
    """The same request about a few pictures of each class, copied to the folder ``sample`` of its results.

    How many to learn from and to test on is in the settings; which ones, their seed decides. A request whose
    settings ask for no sample comes back as it is.

    Raises:
        NotFoundError, UsageError: as ``split``.
    """
    if "sample" not in request.settings:
        return request
    wanted, seed = request.settings["sample"], request.settings["seed"]
    lists = dict(zip(request.lists[::2], map(Path, request.lists[1::2]), strict=True))
    parts = split(request.folder, lists.get("--train-list"), lists.get("--test-list"), seed)
    place = request.out / "sample"
    folder = place / request.folder.name
    arguments: list[str] = []
    for name, paths in (("train", [*parts.training, *parts.validation]), ("test", parts.test)):
        drawn = _few_of_each(paths, wanted[name], seed)
        for path in drawn:
            copy = folder / path.parent.name / path.name
            copy.parent.mkdir(parents=True, exist_ok=True)
            if not copy.exists():
                shutil.copy2(path, copy)
        listing = place / f"{name}.txt"
        listing.write_text("".join(f"{path.parent.name}/{path.name}\n" for path in drawn))
        arguments += [f"--{name}-list", str(listing)]
    return replace(request, folder=folder, lists=tuple(arguments))


def _few_of_each(paths: Sequence[Path], most: int, seed: int) -> list[Path]:
    """So many of the pictures in each folder, by chance."""
    classes: dict[str, list[Path]] = defaultdict(list)
    for path in np.random.default_rng(seed).permutation(np.array(sorted(paths), object)):
        classes[path.parent.name].append(path)
    return sorted(path for each in classes.values() for path in each[:most])
