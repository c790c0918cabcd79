"""``lookalike backup``: the collection as one file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lookalike.backups import back_up
from lookalike.cli.options import AsJson, CollectionFolder, Quiet
from lookalike.cli.output import counted, say, say_json, shown_size
from lookalike.paths import absolute, shown
from lookalike.settings import load_settings


def backup(
    archive: Annotated[
        Path, typer.Argument(metavar="FILE", help="Where to write; an older backup is replaced.")
    ],
    collection: CollectionFolder = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Write the collection into one file, even while it is searched or added to.

    The pictures themselves are not in it, but for those that were uploaded to a server.
    """
    place = absolute(archive)
    done = back_up(absolute(load_settings({"collection": collection}).collection), place)
    if as_json:
        say_json("backup/1", file=str(place), files=done.files, bytes=done.bytes)
    elif not quiet:
        say(f"{counted(done.files, 'file')} in {shown(place)} ({shown_size(done.bytes)})")
