"""``lookalike reembed``: move a collection to another embedder."""

from __future__ import annotations

from typing import Annotated

import typer

from lookalike import Collection
from lookalike.cli.codes import INTERRUPTED, REJECTED
from lookalike.cli.options import AsJson, CollectionFolder, Quiet
from lookalike.cli.output import counted, note, note_rejected, say, say_json
from lookalike.cli.progress import ProgressBar
from lookalike.settings import load_settings


def reembed(
    model: Annotated[str, typer.Option("--model", help="The new embedder: a name or an .onnx file.")],
    collection: CollectionFolder = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Move the collection to another embedder. Searches use the old one until all is read again."""
    with Collection.open(settings=load_settings({"collection": collection})) as pictures:
        bar = ProgressBar("Reading again", visible=not quiet)
        try:
            with bar:
                report = pictures.reembed(model, on_progress=bar)
        except KeyboardInterrupt:
            note(f"Stopped. {counted(bar.done, 'image')} done and kept; run the same command again to go on.")
            raise typer.Exit(INTERRUPTED) from None
        total = len(pictures)
    if as_json:
        say_json(
            "reembed/1",
            model=model,
            moved=report.moved,
            embedded=report.embedded,
            dropped=report.dropped,
            images=total,
            missing=[{"path": str(item.path), "reason": item.reason} for item in report.missing],
        )
    elif not quiet:
        if report.dropped:
            say(f"Dropped {counted(report.dropped, 'vector')} of a move to another model, never completed.")
        if report.moved and report.embedded:
            say(f"{counted(report.embedded, 'image')} read again. The collection is now {model!r}'s.")
        elif report.moved:
            say(f"Nothing to do: all {counted(total, 'image')} have their vectors of {model!r}.")
    if not report.moved:
        if not as_json:
            note(f"{counted(len(report.missing), 'image')} could not be read again:")
            note_rejected(report.missing)
            note(
                "The collection keeps its embedder for now. Put these files back (is their drive mounted?) "
                "or forget them as lookalike status says, and run this command again; what is done is kept."
            )
        raise typer.Exit(REJECTED)
