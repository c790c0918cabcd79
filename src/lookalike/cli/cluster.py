"""``lookalike cluster``: the same collection on many machines, on Ray and Lance.

What works is imported inside the commands: it needs the extra ``cluster``.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from lookalike.cli.codes import REJECTED
from lookalike.cli.grouping import grouped
from lookalike.cli.options import AsJson, Quiet
from lookalike.cli.output import counted, note, note_rejected, say, say_json
from lookalike.cli.progress import ProgressBar
from lookalike.cli.serve import Door
from lookalike.errors import UsageError
from lookalike.images import RejectedFile
from lookalike.later import needing
from lookalike.paths import absolute
from lookalike.settings import load_settings

app = typer.Typer(help="Keep a collection on many machines, and search it there.", no_args_is_help=True)

Uri = Annotated[str, typer.Argument(metavar="URI", help="The table: a folder, or s3://bucket/name.")]
Ray = Annotated[
    str | None,
    typer.Option(
        "--ray", metavar="ADDRESS", help="Ray's head node (default: RAY_ADDRESS, or a node of its own)."
    ),
]


@dataclass(frozen=True)
class Source:
    """Where pictures come from."""

    sources: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="SOURCE…", help="Files and folders that all nodes see, or s3:// and gs:// addresses."
        ),
    ] = None
    collection: Annotated[
        Path | None,
        typer.Option("--from", metavar="COLLECTION", help="Copy a collection of one machine instead."),
    ] = None

    def __post_init__(self) -> None:
        if bool(self.sources) == (self.collection is not None):
            raise UsageError("give either SOURCE or --from COLLECTION")


@app.command("import")
@grouped
def import_(
    *,
    source: Source,
    to: Annotated[str, typer.Option("--to", metavar="URI", help="The table: a folder, or s3://bucket/name.")],
    model: Annotated[
        str | None, typer.Option("--model", help="Embedder of a new table: a name or an .onnx file.")
    ] = None,
    ray: Ray = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Add pictures to a table, read on all nodes. If it was stopped, run it again to go on."""
    settings = load_settings({"model": model})
    with needing("cluster"):
        from lookalike.cluster import calibrating, copying, importing, starting  # noqa: PLC0415
    from lookalike.embed import load_embedder  # noqa: PLC0415

    own = copying.embedder_of(source.collection) if source.collection else None
    name = own[0] if own else settings.model
    embedder = load_embedder(name)
    table = copying.table_for(to, embedder, name)
    with ProgressBar("Importing", visible=not quiet) as bar:
        if source.collection:
            report = importing.Imported(added=copying.copy_from(source.collection, table, on_progress=bar))
        else:
            starting.join(ray, settings.threads)
            report = importing.import_pictures(source.sources or [], table, settings, on_progress=bar)
    calibrating.TableCalibration(table).measure(embedder, settings)
    if as_json:
        say_json(
            "cluster-import/1",
            added=report.added,
            known=report.known,
            linked=report.linked,
            rejected=_listed(report.rejected),
            doubtful=_listed(report.doubtful),
            images=len(table),
        )
    elif not quiet:
        say(
            f"{counted(report.added, 'image')} added, {report.known:,} known, {report.linked:,} with bytes "
            f"that were there. The table holds {counted(len(table), 'image')}."
        )
        if report.doubtful:
            note(f"{counted(len(report.doubtful), 'file')} taken with a doubt:")
            note_rejected(report.doubtful)
    if report.rejected:
        if not as_json:
            note(f"{counted(len(report.rejected), 'file')} could not be used:")
            note_rejected(report.rejected)
        raise typer.Exit(REJECTED)


def _listed(files: Iterable[RejectedFile]) -> list[dict[str, str]]:
    return [{"path": str(item.path), "reason": item.reason} for item in files]


@app.command()
def export(
    *,
    uri: Uri,
    collection: Annotated[
        Path, typer.Option("--collection", metavar="DIR", help="Folder of the new collection.")
    ],
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Record the pictures of a table in a collection of one machine."""
    with needing("cluster"):
        from lookalike.cluster import copying  # noqa: PLC0415
        from lookalike.cluster.table import Table  # noqa: PLC0415

    with ProgressBar("Exporting", visible=not quiet) as bar:
        added = copying.export(Table.open(uri), collection, on_progress=bar)
    if as_json:
        say_json("cluster-export/1", added=added)
    elif not quiet:
        say(f"{counted(added, 'image')} added to {collection}.")


@dataclass(frozen=True)
class Processes:
    """How many processes serve a table."""

    shards: Annotated[
        int,
        typer.Option(
            "--shards", min=1, help="Number of parts of the table; each part must fit into one process."
        ),
    ] = 1
    replicas: Annotated[
        int, typer.Option("--replicas", min=1, help="Processes for each part of the table.")
    ] = 1
    routers: Annotated[int, typer.Option("--routers", min=1, help="Processes that take requests.")] = 1
    cores: Annotated[
        float, typer.Option("--cores", help="Cores set aside for each process; may be a fraction.")
    ] = 1.0


@app.command()
@grouped
def serve(
    *,
    uri: Uri,
    processes: Processes,
    door: Door,
    banks: Annotated[
        Path | None,
        typer.Option(
            "--banks",
            metavar="COLLECTION",
            help="Check pictures against the banks of this collection, on a disk of this machine. "
            "All routers then run here.",
        ),
    ] = None,
    ray: Ray = None,
) -> None:
    """Serve a table: the page and the HTTP API of lookalike serve, answered by shards."""
    options = door.options({})
    with needing("cluster"):
        from lookalike.cluster import banking, deployment, starting  # noqa: PLC0415
        from lookalike.cluster.table import Table  # noqa: PLC0415

    table = Table.open(uri)  # says now, and here, what is wrong with it
    if banks is not None:
        banks = absolute(banks)
        banking.opened(banks, table, load_settings()).close()
    size = deployment.Size(processes.shards, processes.replicas, processes.routers, processes.cores)
    starting.join(ray, load_settings().threads)
    serving = deployment.serving_of(uri, options, banks)
    port = deployment.run(serving, size, door.port)
    say(f"Serving http://{door.host}:{port}/   (Ctrl-C stops)")
    sys.stdout.flush()
    over = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: over.set())  # in place of Ray's, which ends as if by a fault
    try:
        over.wait()
    finally:
        deployment.stop()
