"""``lookalike index``: add pictures to the collection."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from lookalike import Collection
from lookalike.cli.codes import INTERRUPTED, REJECTED
from lookalike.cli.grouping import grouped
from lookalike.cli.options import AsJson, CollectionFolder, Exclude, Quiet
from lookalike.cli.output import counted, note, note_rejected, note_withheld, say, say_json
from lookalike.cli.progress import ProgressBar
from lookalike.collection.adding import folders_without_pictures
from lookalike.collection.annotating import Sayings
from lookalike.collection.bringing import BroughtVectors, bring_in
from lookalike.collection.reports import AddReport
from lookalike.embed import load_embedder
from lookalike.embed.brought import PREFIX
from lookalike.errors import EmbedderMismatch, NotFoundError, UsageError
from lookalike.images import RejectedFile
from lookalike.paths import absolute, is_absent, shown
from lookalike.settings import load_settings
from lookalike.store import Keep

_KINDS_SHOWN = 12


@dataclass(frozen=True)
class Keeping:
    """What is kept of each picture."""

    model: Annotated[
        str | None, typer.Option("--model", help="Embedder of a new collection: a name or an .onnx file.")
    ] = None
    sights: Annotated[
        bool,
        typer.Option(
            "--sights/--no-sights",
            help="Store a small picture of each image, to verify answers when its file cannot be read.",
        ),
    ] = True
    keep: Annotated[
        Keep | None,
        typer.Option(
            "--keep",
            help="What a new collection keeps for good: all, or vectors without paths and small pictures.",
        ),
    ] = None
    metadata: Annotated[
        Path | None,
        typer.Option(
            "--metadata",
            metavar="FILE.jsonl|-",
            help="Metadata and tags of pictures: one JSON object per line, with path, metadata, tags.",
        ),
    ] = None

    def sayings(self) -> Sayings | None:
        """What the file of metadata says, ``-`` being standard input; None without one.

        Raises:
            UsageError: it cannot be read, or makes no sense.
        """
        if self.metadata is None:
            return None
        return Sayings(self.metadata, sys.stdin.buffer if self.metadata == Path("-") else None)


@dataclass(frozen=True)
class Reading:
    """Which files are read, and whether those that are gone are forgotten."""

    prune: Annotated[
        bool, typer.Option("--prune", help="Also forget the pictures below PATH whose files are gone.")
    ] = False
    yes: Annotated[
        bool,
        typer.Option("--yes", help="With --prune: forget them even if their drive seems not to be mounted."),
    ] = False
    rescan: Annotated[
        bool, typer.Option("--rescan", help="Read every file again, even if its size and time are the same.")
    ] = False
    exclude: Exclude = None

    def __post_init__(self) -> None:
        if self.yes and not self.prune:
            raise UsageError("--yes says that --prune may forget; it needs --prune")

    def refuse_mistyped(self, paths: Sequence[Path]) -> None:
        """Check before any work that there is something to read, or that what is gone is to be forgotten.

        Raises:
            NotFoundError: none of the paths is there.
        """
        if not self.prune and all(map(is_absent, paths)):
            raise NotFoundError(f"there is nothing at {', '.join(shown(absolute(path)) for path in paths)}")


@dataclass(frozen=True)
class Bringing:
    """Vectors that another program made, in place of embedding."""

    vectors: Annotated[
        Path | None,
        typer.Option(
            "--vectors",
            metavar="FILE.npy",
            help="Vectors of another program, to use instead of embedding the pictures.",
        ),
    ] = None
    ids: Annotated[
        Path | None,
        typer.Option(
            "--ids", metavar="FILE", help="With --vectors: the paths of the pictures, one line per row."
        ),
    ] = None

    def __post_init__(self) -> None:
        if (self.vectors is None) != (self.ids is None):
            raise UsageError("--vectors and --ids need each other")

    def read(self, paths: list[Path], reading: Reading, model: str | None) -> BroughtVectors | None:
        """The vectors, if some are to be brought in.

        Raises:
            UsageError: they cannot be read, or what else was asked for makes no sense with them.
        """
        if self.vectors is None or self.ids is None:
            return None
        if len(paths) != 1:
            raise UsageError("--vectors needs one folder, in which the pictures lie")
        if reading != Reading():
            raise UsageError("--vectors reads the files that --ids names; run index once more for the rest")
        if model is None:
            raise UsageError("say whose vectors these are: --model vectors:NAME, or a network that is here")
        return BroughtVectors.read(self.vectors, self.ids, absolute(paths[0]))


@dataclass(frozen=True)
class Telling:
    """What is printed when all is done, and in which form."""

    again: Annotated[
        bool,
        typer.Option(
            "--again", help="Also list files that an earlier run has listed: unusable, or cut short."
        ),
    ] = False
    as_json: AsJson = False
    quiet: Quiet = False


@grouped
def index(
    *,
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH…", help="Pictures, and folders that hold them.")
    ],
    collection: CollectionFolder = None,
    keeping: Keeping,
    reading: Reading,
    bringing: Bringing,
    telling: Telling,
) -> None:
    """Add pictures and folders. Files that did not change are skipped; Ctrl-C keeps what is done."""
    model = keeping.model
    brought = bringing.read(paths, reading, model)
    if brought is None:
        reading.refuse_mistyped(paths)
    if brought and model and model.startswith(PREFIX):
        model = load_embedder(f"{model}:{brought.rows.shape[1]}").card.name  # refuses a name that is none
    sights = None if keeping.sights else False
    settings = load_settings({"collection": collection, "model": model, "sights": sights})
    sayings = keeping.sayings()
    started = time.monotonic()
    with Collection.open(create=True, settings=settings, keep=keeping.keep) as pictures:
        if model is not None and load_embedder(model).fingerprint != pictures.embedder.fingerprint:
            raise EmbedderMismatch(
                f"this collection was made by {pictures.embedder.card.name!r}, not by {model!r}; "
                "use another --collection for it"
            )
        bar = ProgressBar("Indexing", visible=not telling.quiet)
        try:
            with bar:
                report = (
                    bring_in(brought, pictures.bases, bar) if brought else _add(pictures, paths, reading, bar)
                )
        except KeyboardInterrupt:
            files = counted(min(bar.done, bar.planned), "file")
            note(f"Stopped. {files} done and kept; run the same command again to go on.")
            raise typer.Exit(INTERRUPTED) from None
        if sayings is not None:
            sayings.record(pictures.bases.database, report)
        total = len(pictures)
    seconds = time.monotonic() - started
    told = report.rejected + (report.rejected_before if telling.again else [])
    doubtful = report.doubtful + (report.doubtful_before if telling.again else [])
    if telling.as_json:
        _say_report(report, told, doubtful, total, seconds)
    elif not telling.quiet:
        say(_summary(report, total, seconds))
        _note_remarks(report, doubtful)
        if brought is None and not reading.prune:  # which tells itself of what is gone
            _note_empty(paths, reading)
    if told and not telling.as_json:
        note(f"{counted(len(told), 'file')} could not be used:")
        note_rejected(told)
    if report.withheld and not telling.as_json:
        note_withheld(report.withheld)
    if report.rejected or report.withheld:
        raise typer.Exit(REJECTED)


def _add(pictures: Collection, paths: list[Path], reading: Reading, bar: ProgressBar) -> AddReport:
    return pictures.add(
        paths,
        prune=reading.prune,
        sure=reading.yes,
        rescan=reading.rescan,
        exclude=reading.exclude or [],
        on_progress=bar,
    )


def _say_report(
    report: AddReport,
    told: Iterable[RejectedFile],
    doubtful: Iterable[RejectedFile],
    total: int,
    seconds: float,
) -> None:
    say_json(
        "index/1",
        added=report.added,
        linked=report.linked,
        unchanged=report.unchanged,
        pruned=report.pruned,
        unwanted=report.unwanted,
        annotated=report.annotated,
        withheld=[
            {"folder": str(held.folder), "reason": held.reason, "files": list(map(str, held.files))}
            for held in report.withheld
        ],
        rejected=_listed(told),
        doubtful=_listed(doubtful),
        rejected_before=len(report.rejected_before),
        skipped=dict(report.skipped.most_common()),
        images=total,
        seconds=round(seconds, 3),
    )


def _listed(files: Iterable[RejectedFile]) -> list[dict[str, str]]:
    return [{"path": str(item.path), "reason": item.reason} for item in files]


def _note_remarks(report: AddReport, doubtful: Sequence[RejectedFile]) -> None:
    """Say what was skipped, in one line, and which files were taken with a doubt."""
    kinds = [f"{count:,} {shown(kind)}" for kind, count in report.skipped.most_common(_KINDS_SHOWN)]
    more = len(report.skipped) - len(kinds)
    if kinds:
        say(f"Skipped: {', '.join(kinds)}{f' and {more:,} kinds more' if more else ''}.")
    if doubtful:
        note(f"{counted(len(doubtful), 'file')} taken with a doubt:")
        note_rejected(doubtful)


def _note_empty(paths: Iterable[Path], reading: Reading) -> None:
    """Say in which of the folders that were named there is no picture, since the name may be a wrong one."""
    for place in folders_without_pictures(paths, reading.exclude or []):
        note(f"No pictures in {shown(place)}.")


def _summary(report: AddReport, total: int, seconds: float) -> str:
    parts = [f"{counted(report.added, 'image')} added"]
    if report.linked:
        parts.append(f"{counted(report.linked, 'more file')} with the same bytes")
    if report.unchanged:
        parts.append(f"{report.unchanged:,} unchanged")
    if report.rejected_before:
        parts.append(f"{len(report.rejected_before):,} unusable as before (--again lists them)")
    if report.doubtful_before:
        parts.append(f"{len(report.doubtful_before):,} cut short as before (--again lists them)")
    if report.pruned:
        parts.append(f"{counted(report.pruned, 'file')} forgotten")
    if report.annotated:
        parts.append(f"{counted(report.annotated, 'picture')} given metadata or tags")
    if report.unwanted:
        parts.append(f"{report.unwanted:,} left out, since removed for good")
    rate = f" ({report.added / seconds:.0f} images/s)" if report.added > 10 else ""
    return f"{', '.join(parts)} in {seconds:.1f} s{rate}. The collection holds {counted(total, 'image')}."
