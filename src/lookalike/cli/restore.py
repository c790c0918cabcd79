"""``lookalike restore``: a collection from a backup."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lookalike.backups import restore as make_anew
from lookalike.cli.options import AsJson, CollectionFolder, Quiet
from lookalike.cli.output import counted, say, say_json
from lookalike.paths import absolute, shown
from lookalike.settings import load_settings


def restore(
    archive: Annotated[Path, typer.Argument(metavar="FILE", help="What lookalike backup wrote.")],
    collection: CollectionFolder = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Make a collection from a backup, if every checksum is right. No existing collection is replaced."""
    folder = absolute(load_settings({"collection": collection}).collection)
    done = make_anew(absolute(archive), folder)
    if as_json:
        say_json("restore/1", folder=str(folder), files=done.files, images=done.images)
    elif not quiet:
        say(f"{counted(done.images, 'image')} restored to {shown(folder)}")
