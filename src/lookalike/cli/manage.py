"""``lookalike remove``, ``status`` and ``verify``: the collection itself."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lookalike import Collection
from lookalike.cli.codes import DAMAGED
from lookalike.cli.options import AsJson, CollectionFolder, Quiet
from lookalike.cli.output import counted, say, say_json
from lookalike.paths import shown
from lookalike.settings import load_settings

_MISSING_SHOWN = 10


def remove(
    paths: Annotated[list[Path], typer.Argument(help="Pictures or folders to forget.")],
    collection: CollectionFolder = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Forget pictures. The files themselves are left alone."""
    with Collection.open(settings=load_settings({"collection": collection})) as pictures:
        forgotten = pictures.remove(paths)
        total = len(pictures)
    if as_json:
        say_json("remove/1", forgotten=forgotten, images=total)
    elif not quiet:
        say(f"{counted(forgotten, 'file')} forgotten. The collection holds {counted(total, 'image')}.")


def status(collection: CollectionFolder = None, as_json: AsJson = False) -> None:
    """Tell what the collection holds."""
    with Collection.open(settings=load_settings({"collection": collection})) as pictures:
        found = pictures.status()
    if as_json:
        say_json(
            "status/1",
            folder=str(found.folder),
            images=found.images,
            files=found.files,
            missing=[str(path) for path in found.missing],
            roots={str(root): count for root, count in found.roots.items()},
            embedder=found.embedder,
            fingerprint=found.fingerprint,
            index=found.index,
            bytes_on_disk=found.bytes_on_disk,
        )
        return
    say(f"collection   {shown(found.folder)}")
    say(f"images       {found.images:,} in {counted(found.files, 'file')}")
    for root, count in found.roots.items():
        say(f"from         {shown(root)} ({counted(count, 'file')})")
    say(
        f"embedder     {found.embedder or 'none yet'}"
        + (f" ({found.fingerprint})" if found.fingerprint else "")
    )
    say(f"index        {found.index}")
    say(f"disk         {found.bytes_on_disk / 1e6:.1f} MB")
    if found.missing:
        say(f"missing      {counted(len(found.missing), 'file')}; forget with: lookalike index --prune PATH")
        for path in found.missing[:_MISSING_SHOWN]:
            say(f"             {shown(path)}")
        if len(found.missing) > _MISSING_SHOWN:
            say(f"             and {len(found.missing) - _MISSING_SHOWN:,} more (all with --json)")


def verify(collection: CollectionFolder = None, as_json: AsJson = False) -> None:
    """Check every stored byte; damaged index caches are rebuilt. Exit code 4: the catalog is damaged."""
    with Collection.open(settings=load_settings({"collection": collection})) as pictures:
        found = pictures.check()
    if as_json:
        say_json("verify/1", images=found.images, problems=found.problems, repaired=found.repaired)
    else:
        for line in [*found.repaired, *found.problems]:
            say(line)
        ending = counted(len(found.problems), "problem") if found.problems else "all is well"
        say(f"{counted(found.images, 'image')} checked: {ending}.")
    if found.problems:
        raise typer.Exit(DAMAGED)
