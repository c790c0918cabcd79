"""From files to catalog records: read, hash, decode and embed, on all cores."""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from queue import SimpleQueue

from lookalike.embed import Embedder
from lookalike.errors import ImageError
from lookalike.images import Decoded, FoundFile, Limits, RejectedFile, decode, read_file
from lookalike.store import Catalog, FileRecord, FileStamp, NewImage

_FILES_A_TASK = 8  # measured: larger batches run no faster on one core, smaller ones run slower


@dataclass(slots=True)
class Taken:
    """What came of some files.

    Attributes:
        records: to be recorded in the catalog.
        rejected: files that hold no usable image.
    """

    records: list[FileRecord] = field(default_factory=list)
    rejected: list[RejectedFile] = field(default_factory=list)


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
    tasks = (files[start : start + _FILES_A_TASK] for start in range(0, len(files), _FILES_A_TASK))
    pool = ThreadPoolExecutor(threads, thread_name_prefix="intake")
    # Ctrl-C is safe while a queue is waited for; it is not inside the locks of concurrent.futures.wait.
    finished: SimpleQueue[Future[Taken]] = SimpleQueue()
    pending = 0
    try:
        while True:
            for task in tasks:
                pool.submit(_take, task, catalog, embedder, limits).add_done_callback(finished.put)
                pending += 1
                if pending >= 2 * threads:
                    break
            if not pending:
                return
            merged = Taken()
            while (not merged.records and not merged.rejected) or not finished.empty():
                taken = finished.get().result()
                pending -= 1
                merged.records += taken.records
                merged.rejected += taken.rejected
            yield merged
    finally:
        pool.shutdown(cancel_futures=True)


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
        decoded = item.decoded
        image = NewImage(item.sha256, decoded.format, decoded.width, decoded.height, vector)
        taken.records.append(_record(item.found, item.sha256, image))
    return taken


def _record(found: FoundFile, sha256: bytes, image: NewImage | None) -> FileRecord:
    return FileRecord(found.path, found.root, FileStamp(found.size, found.mtime_ns), sha256, image)
