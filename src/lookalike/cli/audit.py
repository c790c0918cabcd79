"""``lookalike audit``: the log of what people decided, checked and exported."""

from __future__ import annotations

from typing import Annotated

import typer

from lookalike import Collection
from lookalike.cli.options import AsJson, CollectionFolder
from lookalike.cli.output import counted, say, say_json
from lookalike.disk import replacing
from lookalike.errors import DamagedError, StorageError
from lookalike.paths import absolute, shown
from lookalike.review import Review
from lookalike.settings import load_settings

app = typer.Typer(
    help="Verify or export the log of review decisions: who decided what, and when.", no_args_is_help=True
)


@app.command()
def verify(collection: CollectionFolder = None, as_json: AsJson = False) -> None:
    """Check that no entry was changed, added or removed. Exit code 4: one was; the first is named."""
    with Collection.open(settings=load_settings({"collection": collection})) as pictures:
        log = Review(pictures).log
        broken, last = log.broken(), log.last()
    entries, digest = (last.number, last.digest.hex()) if last else (0, None)
    if as_json:
        say_json("audit/1", broken=broken, entries=entries, digest=digest)
    if broken is not None:
        raise DamagedError(f"{broken}; the entries before it are as they were written")
    if not as_json:
        say(f"{counted(entries, 'entry', 'entries')}, each as it was written.")
        if digest:
            say(f"Digest of the last one, to note elsewhere: {digest}")


@app.command()
def export(
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="Where to write, or - for stdout.")] = "-",
    collection: CollectionFolder = None,
) -> None:
    """Write all entries as JSON lines, each with its digest."""
    with Collection.open(settings=load_settings({"collection": collection})) as pictures:
        entries = Review(pictures).log.entries()
        if file == "-":
            for entry in entries:
                say(entry.line)
            return
        try:
            with replacing(absolute(file)) as written:
                written.writelines(f"{entry.line}\n".encode() for entry in entries)
        except OSError as error:
            raise StorageError(f"{shown(file)} cannot be written: {error.strerror}") from error
