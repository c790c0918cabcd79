"""From files to catalog records: read, hash, decode and embed, on all cores."""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, field

from lookalike.embed import Embedder
from lookalike.errors import ImageError
from lookalike.images import Decoded, FoundFile, Limits, RejectedFile, decode, read_file
from lookalike.store import Catalog, FileRecord, FileStamp, NewImage
from lookalike.workers import FILES_A_TASK, worked


@dataclass(slots=True)
class Taken:
    """What came of some files.

    Attributes:
        records: to be recorded in the catalog.
        rejected: files that hold no usable image.
        doubtful: files that are recorded though something is wrong with them, and what.
    """

    records: list[FileRecord] = field(default_factory=list)
    rejected: list[RejectedFile] = field(default_factory=list)
    doubtful: list[RejectedFile] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Pending:
    """A file whose image still needs its embedding."""

    found: FoundFile
    sha256: bytes
    decoded: Decoded


def take_in(
    files: Sequence[FoundFile], catalog: Catalog, embedder: Embedder, limits: Limits, threads: int
) -> Generator[Taken, None, None]:
    """Work through files in the background and hand out what is done, as it gets done.

    Each worker decodes and embeds its own few files on one core, so decoding and inference overlap and no
    core waits for another. Closing the iterator waits for the tasks that are under way and drops the rest.

    Args:
        files: what to read.
        catalog: asked whether the bytes of a file are known, in which case they are not decoded.
        embedder: safe to call from many threads.
        limits: for each image.
        threads: workers.
    """
    tasks = (files[start : start + FILES_A_TASK] for start in range(0, len(files), FILES_A_TASK))
    with closing(worked(tasks, lambda task: _take(task, catalog, embedder, limits), threads)) as done:
        for parts in done:
            yield Taken(
                [record for part in parts for record in part.records],
                [file for part in parts for file in part.rejected],
                [file for part in parts for file in part.doubtful],
            )


def _take(files: Sequence[FoundFile], catalog: Catalog, embedder: Embedder, limits: Limits) -> Taken:
    """Read some files and embed the images that are new."""
    taken = Taken()
    pending: list[_Pending] = []
    for found in files:
        try:
            data = read_file(found.path, limits)
            sha256 = hashlib.sha256(data).digest()
            if catalog.knows(sha256):
                taken.records.append(_record(found, sha256, None))
            else:
                pending.append(
                    _Pending(found, sha256, decode(data, limits=limits, at_least=embedder.card.side))
                )
        except ImageError as error:
            taken.rejected.append(RejectedFile(found.path, str(error)))
    vectors = embedder.embed([item.decoded.image for item in pending])
    for item, vector in zip(pending, vectors, strict=True):
        size = (item.decoded.width, item.decoded.height)
        image = NewImage(item.sha256, item.decoded.format, *size, vector, embedder.fingerprint)
        taken.records.append(_record(item.found, item.sha256, image))
        if item.decoded.remark:
            taken.doubtful.append(RejectedFile(item.found.path, item.decoded.remark))
    return taken


def _record(found: FoundFile, sha256: bytes, image: NewImage | None) -> FileRecord:
    return FileRecord(found.path, found.root, FileStamp(found.size, found.mtime_ns), sha256, image)
