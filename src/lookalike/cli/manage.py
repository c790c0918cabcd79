"""``lookalike remove``, ``status`` and ``verify``: the collection itself."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from lookalike import Collection, Status
from lookalike.cli.codes import DAMAGED
from lookalike.cli.options import AsJson, CollectionFolder, Quiet
from lookalike.cli.output import counted, say, say_json
from lookalike.disk import is_gone
from lookalike.errors import UsageError
from lookalike.paths import shown
from lookalike.settings import load_settings

_PATHS_SHOWN = 10
_INDEX = {
    "none": "no cache; searches read the catalog instead",
    "behind": "behind; searches add what is new from the catalog",
    "damaged": "damaged; searches read the catalog instead",
}
"""What states of the index cache mean for searches; nobody has to do anything about them."""


def remove(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH…", help="Pictures or folders to forget.")],
    collection: CollectionFolder = None,
    forever: Annotated[
        bool,
        typer.Option(
            "--forever", help="Also keep them and their copies out of later index runs; status lists them."
        ),
    ] = False,
    undo: Annotated[
        bool, typer.Option("--undo", help="Let in again what --forever keeps out; then run index.")
    ] = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Forget pictures; their files stay. The next index adds them again, unless --forever is given."""
    if forever and undo:
        raise UsageError("--forever and --undo are opposites; give one of them")
    forgotten = readmitted = 0
    with Collection.open(settings=load_settings({"collection": collection})) as pictures:
        if undo:
            readmitted = pictures.undo_removal(paths)
        else:
            forgotten = pictures.remove(paths, forever=forever)
        total = len(pictures)
    if as_json:
        say_json("remove/1", forgotten=forgotten, readmitted=readmitted, images=total)
    elif undo and not quiet:
        say(f"{counted(readmitted, 'picture')} may come back; add with: lookalike index PATH")
    elif not quiet:
        say(f"{counted(forgotten, 'file')} forgotten. The collection holds {counted(total, 'image')}.")


def status(collection: CollectionFolder = None, as_json: AsJson = False) -> None:
    """Tell what the collection holds, and which of its files are missing."""
    with Collection.open(settings=load_settings({"collection": collection})) as pictures:
        found = pictures.status()
    if as_json:
        say_json(
            "status/1",
            folder=str(found.folder),
            images=found.images,
            files=found.files,
            missing=[str(path) for path in found.missing],
            removed=[str(path) for path in found.removed],
            roots={str(root): count for root, count in found.roots.items()},
            embedder=found.embedder,
            fingerprint=found.fingerprint,
            index=found.index,
            calibrated_on=found.calibrated_on,
            bytes_on_disk=found.bytes_on_disk,
            keeps=found.keeps,
            doubtful=found.doubtful,
        )
        return
    say(f"collection   {shown(found.folder)}")
    if found.keeps == "vectors":
        say(f"images       {found.images:,}")
        say("keeps        vectors: neither paths nor small pictures")
    else:
        say(f"images       {found.images:,} in {counted(found.files, 'file')}")
    for root, count in found.roots.items():
        say(f"from         {shown(root)} ({counted(count, 'file')})")
    say(
        f"embedder     {found.embedder or 'none yet'}"
        + (f" ({found.fingerprint})" if found.fingerprint else "")
    )
    say(f"index        {_INDEX.get(found.index, found.index)}")
    say(f"false rate   {_rate(found.calibrated_on)}")
    say(f"disk         {found.bytes_on_disk / 1e6:.1f} MB")
    if found.doubtful:
        files = counted(found.doubtful, "picture")
        say(f"cut short    {files}, taken as far as it goes; lookalike index --again PATH names them")
    if found.missing:
        say(f"missing      {counted(len(found.missing), 'file')}; is the drive mounted? If so, forget with:")
        for command in _advice(found, collection):
            say(f"             {command}")
        _say_paths(found.missing)
    if found.removed:
        say(
            f"removed      {counted(len(found.removed), 'file')} for good; undo: lookalike remove --undo PATH"
        )
        _say_paths(found.removed)


def _rate(calibrated_on: int) -> str:
    """Where the chance that strangers score so high comes from."""
    if not calibrated_on:
        return "as it ships with the program"
    return f"measured on {counted(calibrated_on, 'image')} of this collection"


def _say_paths(paths: Sequence[Path]) -> None:
    for path in paths[:_PATHS_SHOWN]:
        say(f"             {shown(path)}")
    if len(paths) > _PATHS_SHOWN:
        say(f"             and {len(paths) - _PATHS_SHOWN:,} more (all with --json)")


def _advice(found: Status, collection: Path | None) -> list[str]:
    """Commands that forget missing files, but not what was said of them, in case they are only elsewhere."""
    options = [] if collection is None else ["--collection", str(collection)]
    gone: list[str] = []
    there: list[str] = []
    for root in found.missing_from[:_PATHS_SHOWN]:
        (gone if is_gone(Path(os.path.realpath(root))) else there).append(str(root))
    return [
        shown(shlex.join(["lookalike", "index", "--prune", *words, *options, *places]))
        # --prune takes a path that is gone for a drive that is not mounted, unless it is told otherwise
        for words, places in ((["--yes"], gone), ([], there))
        if places
    ]


def verify(
    collection: CollectionFolder = None,
    repair: Annotated[
        bool,
        typer.Option(
            "--repair", help="Read damaged entries again from their files, or forget them if that fails."
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Check what is stored, and rebuild damaged index caches. Exit code 4: the catalog is damaged."""
    with Collection.open(settings=load_settings({"collection": collection})) as pictures:
        found = pictures.check(repair=repair)
    if as_json:
        say_json(
            "verify/1",
            images=found.images,
            problems=found.problems,
            repaired=found.repaired,
            leftovers=found.leftovers,
        )
    else:
        for line in [*found.repaired, *found.leftovers, *found.problems]:
            say(line)
        ending = counted(len(found.problems), "problem") if found.problems else "all is well"
        say(f"{counted(found.images, 'image')} checked: {ending}.")
    if found.problems:
        raise typer.Exit(DAMAGED)
