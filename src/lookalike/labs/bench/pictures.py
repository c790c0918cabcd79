"""The pictures that a benchmark runs on: a folder that is named, or else the gallery of the demo."""

from __future__ import annotations

import argparse
from pathlib import Path

from lookalike.demo.gallery import PICTURES, draw_gallery
from lookalike.errors import NotFoundError, UsageError
from lookalike.labs.bench.setting import RESULTS
from lookalike.labs.shared.pictures import find
from lookalike.paths import shown

CALTECH = "Caltech-101: https://data.caltech.edu/records/mzrjq-6wc02"
GALLERY = "gallery"


def add_picture_option(parser: argparse._ActionsContainer) -> None:
    """Let the command line name a folder of pictures."""
    parser.add_argument(
        "--pictures",
        type=Path,
        metavar="FOLDER",
        help=f"pictures at any depth, such as {CALTECH} [default: {PICTURES} drawn ones, as of the demo]",
    )


def chosen_folder(given: Path | None) -> Path:
    """The folder to run on, absolute; without one the gallery, which is drawn if it is not there yet.

    Raises:
        NotFoundError: there is no such folder.
        UsageError: the gallery cannot be drawn.
    """
    if given is not None:
        if not given.is_dir():
            raise NotFoundError(f"there is no folder {shown(given)}; name one with --pictures")
        return given.resolve()
    folder = (RESULTS / GALLERY).absolute()
    if len(find(folder).files if folder.is_dir() else ()) < PICTURES:
        print(f"drawing {PICTURES} pictures …", flush=True)
        draw_gallery(folder, PICTURES)
    print(
        f"no --pictures: {PICTURES} drawn ones in {RESULTS / GALLERY}, which say little of photos. {CALTECH}"
    )
    return folder


def pictures_in(folder: Path, fewest: int = 1) -> list[Path]:
    """The image files below a folder, ascending.

    Args:
        folder: searched at any depth.
        fewest: how many a benchmark needs.

    Raises:
        UsageError: there are fewer.
    """
    paths = find(folder).paths
    if len(paths) < fewest:
        raise UsageError(f"{shown(folder)} has {len(paths)} pictures; this benchmark needs {fewest} or more")
    return paths
