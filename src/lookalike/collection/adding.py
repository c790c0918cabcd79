"""Adding pictures: chooses the files to read, reads and embeds them on all cores, and records them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

from lookalike.collection.pictures import enough_for
from lookalike.collection.reports import AddReport, Progress
from lookalike.collection.workers import tasks_of, worked
from lookalike.embed import Embedder
from lookalike.embed.checking import embed_each
from lookalike.errors import ImageError, UsageError
from lookalike.images import Decoded, FoundFile, RejectedFile, read_file, scan
from lookalike.images.decoders import Decoders
from lookalike.kernels.arrays import Vectors
from lookalike.paths import absolute
from lookalike.settings import Settings
from lookalike.sight import encode_small, reduced
from lookalike.store import Catalog, FileRecord, FileStamp, NewImage, Recorded, Recorder

Item = TypeVar("Item")

_Pending = tuple[Item, bytes, Decoded, Vectors | None]
"""A decoded item, with the SHA-256 of its bytes, and its vector if that came with it."""

_PIXELS_PENDING = 16_000_000
"""Decoded pixels that wait for a task's other pictures at most; more are embedded at once."""


class Encoded(NamedTuple):
    """An image as it was read.

    Attributes:
        sha256: of its bytes.
        data: its bytes; None if the catalog knows them, wanted or not, so that nobody needs to decode them.
        vector: its embedding, (dim,) float32 of unit length, if it came with the image; else it is made.
    """

    sha256: bytes
    data: bytes | None
    vector: Vectors | None = None


@dataclass(slots=True)
class Taken(Generic[Item]):
    """What came of some items.

    Attributes:
        known: items whose bytes the catalog knows, each with their SHA-256.
        new: items that were embedded, each with its image.
        refused: items that could not be read or hold no usable image, each with the reason.
        spoilt: those of the refused ones that were read.
        doubtful: items among the new ones with which something is wrong, each with what it is.
    """

    known: list[tuple[Item, bytes]] = field(default_factory=list)
    new: list[tuple[Item, NewImage]] = field(default_factory=list)
    refused: list[tuple[Item, str]] = field(default_factory=list)
    spoilt: list[Item] = field(default_factory=list)
    doubtful: list[tuple[Item, str]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.known) + len(self.new) + len(self.refused)


def take_in(
    items: Sequence[Item],
    read: Callable[[Item], Encoded],
    record: Callable[[Taken[Item]], None],
    embedder: Embedder,
    settings: Settings,
    on_progress: Callable[[Progress], None],
    decoders: Decoders | None = None,
) -> None:
    """Read and embed items in the background, and record what is done as it gets done.

    Each thread reads a few items, has them decoded and embeds them, one after the other, so that about one
    core is busy for each. If ``record`` or ``on_progress`` raises (Ctrl-C does), what is decoded is dropped,
    what is embedded is finished, nothing further is recorded, and the error goes on.

    Args:
        items: what to read.
        read: gets an item's bytes, on a background thread; what it refuses with an ``ImageError`` is recorded
            as refused.
        record: stores what came of some items, on this thread.
        embedder: makes the vectors.
        settings: limits of an image, whether its small picture is kept, and how many threads work.
        on_progress: called on this thread after each ``record``.
        decoders: decode the pictures; if None, processes that end with this call do.
    """
    done = 0
    own = decoders or Decoders(settings.threads)

    def take(task: Sequence[Item]) -> Taken[Item]:
        return _take(task, read, embedder, settings, own)

    def stop() -> None:
        if decoders is None:
            own.close()  # a thread may wait for a picture that takes for ever

    with closing(worked(tasks_of(items), take, settings.threads, stop)) as finished:
        for parts in finished:
            taken = Taken[Item]()
            for part in parts:
                taken.known += part.known
                taken.new += part.new
                taken.refused += part.refused
                taken.spoilt += part.spoilt
                taken.doubtful += part.doubtful
            record(taken)
            done += len(taken)
            on_progress(Progress(done, len(items)))


def _take(
    items: Sequence[Item],
    read: Callable[[Item], Encoded],
    embedder: Embedder,
    settings: Settings,
    decoders: Decoders,
) -> Taken[Item]:
    taken = Taken[Item]()
    pending: list[_Pending[Item]] = []
    pixels = 0
    for item in items:
        data = None
        try:
            sha256, data, vector = read(item)
            if data is None:
                taken.known.append((item, sha256))
                continue
            decoded = decoders.decode(data, limits=settings.limits, at_least=enough_for(embedder))
        except ImageError as error:
            taken.refused.append((item, str(error)))
            if data is not None:
                taken.spoilt.append(item)
            continue
        pending.append((item, sha256, decoded, vector))
        pixels += decoded.image.width * decoded.image.height
        if pixels > _PIXELS_PENDING:
            _embed(pending, taken, embedder, settings)
            pending, pixels = [], 0
    _embed(pending, taken, embedder, settings)
    return taken


def _embed(
    pending: Sequence[_Pending[Item]], taken: Taken[Item], embedder: Embedder, settings: Settings
) -> None:
    """Embed decoded pictures that came without a vector, and add what comes of each to what was taken."""
    images = [decoded.image for _, _, decoded, given in pending if given is None]
    made = iter(embed_each(embedder, images) if images else [])
    for item, sha256, decoded, given in pending:
        vector = next(made) if given is None else given
        if isinstance(vector, ImageError):
            taken.refused.append((item, str(vector)))
            taken.spoilt.append(item)
            continue
        size = decoded.width, decoded.height
        small = encode_small(reduced(decoded.image)) if settings.sights else None
        facts = sha256, decoded.format, *size, vector, embedder.fingerprint
        image = NewImage(*facts, small, decoded.remark)
        taken.new.append((item, image))
        if decoded.remark:
            taken.doubtful.append((item, decoded.remark))


def files_to_read(
    places: Iterable[Path],
    catalog: Catalog,
    report: AddReport,
    exclude: Sequence[str] = (),
    *,
    rescan: bool = False,
    among: Callable[[str], bool] | None = None,
) -> list[FoundFile]:
    """Find the files that are new or changed.

    Args:
        places: absolute paths of files, and of folders to walk.
        catalog: knows size and time of each file that was read before.
        report: told how many files are unchanged or passed by, and which paths cannot be used.
        exclude: glob patterns of names, or of paths below ``places``, to leave out.
        rescan: also those whose size and time are as they were.
        among: says whether to look at a path, if not at all of them; see ``scan``.

    Raises:
        UsageError: ``exclude`` is no list.
    """
    if isinstance(exclude, str | bytes):
        raise UsageError(f"exclude must be a list of patterns, not the single pattern {exclude!r}")
    to_read = []
    for item in scan(places, exclude=exclude, skipped=report.skipped, among=among):
        if isinstance(item, RejectedFile):
            report.rejected.append(item)
        elif not rescan and catalog.stamp(item.path) == FileStamp(item.size, item.mtime_ns):
            report.unchanged += 1
        else:
            to_read.append(item)
    return to_read


def folders_without_pictures(paths: Iterable[Path], exclude: Sequence[str]) -> list[Path]:
    """Those of some paths that are folders in which there is no file to read; each once, absolute."""
    places = dict.fromkeys(map(absolute, paths))
    return [place for place in places if place.is_dir() and not any(scan([place], exclude=exclude))]


def add_files(
    files: Sequence[FoundFile],
    report: AddReport,
    catalog: Catalog,
    recorder: Recorder,
    embedder: Embedder,
    settings: Settings,
    on_progress: Callable[[Progress], None],
) -> None:
    """Read files and record them, with the images that are new.

    Args:
        files: what to read.
        report: told what was added, linked, forgotten and rejected.
        catalog: a file whose bytes it knows, or knows to be unwanted, is not decoded.
        recorder: of the same catalog.
        embedder: the collection's own.
        settings: limits of an image, and how many threads work.
        on_progress: called on this thread; what it is told is done has been recorded.

    Raises:
        EmbedderMismatch: the collection has meanwhile moved to another embedder.
    """
    take_in(
        files,
        reading(catalog, settings),
        recording(report, catalog, recorder),
        embedder,
        settings,
        on_progress,
    )


def reading(catalog: Catalog, settings: Settings) -> Callable[[FoundFile], Encoded]:
    """What reads a file for ``take_in``: its bytes are left out if the catalog knows them, wanted or not."""

    def read(found: FoundFile) -> Encoded:
        data = read_file(found.path, settings.limits)
        sha256 = hashlib.sha256(data).digest()
        is_new = catalog.image_of(sha256) is None and not catalog.is_unwanted(sha256)
        return Encoded(sha256, data if is_new else None)

    return read


def recording(report: AddReport, catalog: Catalog, recorder: Recorder) -> Callable[[Taken[FoundFile]], None]:
    """What records what came of some files, and tells the report of it."""

    def left_out(found: FoundFile, sha256: bytes) -> bool:
        """Whether there is nothing to record: a file that is new to the catalog, with an unwanted image."""
        return catalog.is_unwanted(sha256) and catalog.stamp(found.path) is None

    def record(taken: Taken[FoundFile]) -> None:
        records = [_record(*known, None) for known in taken.known if not left_out(*known)]
        report.unwanted += len(taken.known) - len(records)
        records += [_record(found, image.sha256, image) for found, image in taken.new]
        doubts = catalog.doubts()
        known = ((found, catalog.image_of(sha256)) for found, sha256 in taken.known) if doubts else ()
        report.doubtful += [
            RejectedFile(found.path, doubts[image]) for found, image in known if image in doubts
        ]
        if records:  # else the index cache would be written anew for nothing
            _tell(report, len(records), recorder.record(records))
        report.rejected += [RejectedFile(found.path, reason) for found, reason in taken.refused]
        report.doubtful += [RejectedFile(found.path, remark) for found, remark in taken.doubtful]
        spoilt = [found.path for found in taken.spoilt if catalog.stamp(found.path)]
        if spoilt:  # they hold something else now, so nobody finds there what they held
            report.pruned += recorder.forget(spoilt)

    return record


def _tell(report: AddReport, files: int, recorded: Recorded) -> None:
    """Add to a report what became of so many files."""
    report.added += recorded.added
    report.unchanged += recorded.unchanged
    report.unwanted += recorded.unwanted
    others = recorded.added + recorded.unchanged + recorded.unwanted + len(recorded.lost)
    report.linked += files - others
    report.rejected += [RejectedFile(path, "removed meanwhile; index it again") for path in recorded.lost]


def _record(found: FoundFile, sha256: bytes, image: NewImage | None) -> FileRecord:
    return FileRecord(found.path, found.root, FileStamp(found.size, found.mtime_ns), sha256, image)
