"""Pictures into a table: read, hashed and embedded on all nodes by Ray Data, committed in bounded pieces."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import pyarrow as pa
import ray
import ray.data

from lookalike.cluster.addresses import path_of, read_address
from lookalike.cluster.ids import ATTEMPTS, id_of
from lookalike.cluster.places import Known, folder_of, found_in
from lookalike.cluster.rows import Row, rows_of, to_arrow
from lookalike.cluster.table import COMMIT_ROWS, Table
from lookalike.collection.adding import Encoded, Taken, take_in
from lookalike.collection.reports import Progress, unheard
from lookalike.embed import load_embedder
from lookalike.errors import EmbedderMismatch
from lookalike.images import RejectedFile
from lookalike.images.decoders import Decoders
from lookalike.settings import Settings
from lookalike.store import FileStamp

BATCH = 64
"""Pictures that a worker takes at a time; after the death of a node, as many are read again per worker."""


@dataclass(slots=True)
class Imported:
    """What an import did.

    Attributes:
        added: images that are new.
        known: files that the table knew by path, size and time, which were not read.
        linked: files that were read and whose bytes the table has already.
        rejected: files that could not be used, and why.
        doubtful: files of new images with which something is wrong, and what: "cut short, 98 % read".
    """

    added: int = 0
    known: int = 0
    linked: int = 0
    rejected: list[RejectedFile] = field(default_factory=list)
    doubtful: list[RejectedFile] = field(default_factory=list)


def import_pictures(
    sources: Iterable[str],
    table: Table,
    settings: Settings,
    *,
    commit: int = COMMIT_ROWS,
    on_progress: Callable[[Progress], None] = unheard,
) -> Imported:
    """Add the pictures at some places to a table; an import that was killed goes on if it is run again.

    A batch whose node dies is read again by another one. A picture is in the table once, however often it
    was read, since its id comes from its content.

    Args:
        sources: see ``found_in``.
        table: to be filled.
        settings: limits of a picture, and whether its small picture is kept.
        commit: images of a commit.
        on_progress: told how many files are done and in the table.
    """
    report, sources = Imported(), list(sources)
    files: list[tuple[bytes, int, int]] = []
    known = Known(table)
    for item in found_in(sources):
        if isinstance(item, RejectedFile):
            report.rejected.append(item)
        elif known.has(*item):
            report.known += 1
        else:
            files.append((os.fsencode(item[0]), *item[1:]))
    table.remember(map(folder_of, sources))
    on_progress(Progress(0, len(files)))
    if not files:
        return report
    waiting: list[Row] = []
    done = 0
    for part in _read(files, table, settings):
        accepted = part.filter(pa.compute.equal(part["reason"], ""))
        refused = part.filter(pa.compute.not_equal(part["reason"], ""))
        report.rejected += [
            RejectedFile(path_of(os.fsdecode(paths[0])), reason)
            for paths, reason in zip(refused["paths"].to_pylist(), refused["reason"].to_pylist(), strict=True)
        ]
        linked = accepted.filter(pa.compute.equal(accepted["image_id"], 0))
        report.linked += len(linked)
        new = rows_of(accepted.filter(pa.compute.not_equal(accepted["image_id"], 0)))
        report.doubtful += [RejectedFile(row.paths[0], row.doubt) for row in new if row.doubt]
        waiting += new
        done += len(part)
        if len(waiting) >= commit or done == len(files):
            _commit(waiting, table, report)
            waiting = []
            on_progress(Progress(done, len(files)))
    _commit(waiting, table, report)
    table.update_indexes()
    return report


def _commit(rows: list[Row], table: Table, report: Imported) -> None:
    if rows:
        new = sum(added for _, added in table.add(rows).values())
        report.added += new
        report.linked += len(rows) - new


def _read(files: list[tuple[bytes, int, int]], table: Table, settings: Settings) -> Iterable[pa.Table]:
    """Read files on all nodes; yields parts with the table's columns and the reason why one was refused."""
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    context.print_on_execution_start = False
    items = [dict(zip(("address", "size", "time"), file, strict=True)) for file in files]
    cores = max(1, int(ray.cluster_resources().get("CPU", 1)))
    batches = -(-len(files) // BATCH)
    # Cut here: tasks that cut it would wait for a core for ever, where the readers have taken the last one.
    dataset = ray.data.from_items(items, override_num_blocks=batches)
    read = dataset.map_batches(
        Reader,
        fn_constructor_args=(table.uri, replace(settings, threads=1)),
        batch_format="pyarrow",
        batch_size=None,
        compute=ray.data.ActorPoolStrategy(min_size=1, max_size=min(cores, batches)),
        num_cpus=1,
    )
    yield from read.iter_batches(batch_size=None, batch_format="pyarrow", prefetch_batches=1)


class Reader:
    """A worker of an import, one per core: a decoder process and a session of the network."""

    def __init__(self, uri: str, settings: Settings) -> None:
        self._table, self._settings = Table.open(uri), settings
        self._embedder = load_embedder(self._table.embedder)
        if self._embedder.fingerprint != self._table.fingerprint:
            raise EmbedderMismatch(
                f"this node has another version of {self._table.embedder!r} than the table's"
            )
        self._decoders = Decoders(1)
        self._schema = pa.schema(
            [
                *(column.with_nullable(True) for column in self._table.at().schema),
                pa.field("reason", pa.string()),
            ]
        )

    def __call__(self, part: pa.Table) -> pa.Table:
        """Read files.

        Args:
            part: addresses, sizes and times.

        Returns:
            A row for each file: its image; one with the id 0 if the table has the same bytes; or one with the
            reason why it was refused.
        """
        files = list(zip(*(part[name].to_pylist() for name in ("address", "size", "time")), strict=True))
        rows: list[Row] = []
        ids: list[int] = []
        reasons: list[str] = []

        def read(file: tuple[bytes, int, int]) -> Encoded:
            data = read_address(os.fsdecode(file[0]), self._settings.limits)
            sha256 = hashlib.sha256(data).digest()
            own = [id_of(sha256, attempt) for attempt in range(ATTEMPTS)]
            known = sha256 in self._table.holders(own).values()
            return Encoded(sha256, None if known else data)

        def record(taken: Taken[tuple[bytes, int, int]]) -> None:
            for file, image in taken.new:
                rows.append(self._row(file, image.sha256, image))
                ids.append(id_of(image.sha256))
                reasons.append("")
            for file, sha256 in taken.known:
                rows.append(self._row(file, sha256))
                ids.append(0)
                reasons.append("")
            for file, reason in taken.refused:
                rows.append(self._row(file, bytes(32)))
                ids.append(0)
                reasons.append(reason)

        take_in(files, read, record, self._embedder, self._settings, unheard, self._decoders)
        # Sorted by id as the table's rows are, so reasons have to move with them.
        order = sorted(range(len(ids)), key=ids.__getitem__)
        plain = to_arrow(ids, rows, self._table.at().schema)
        told = pa.array([reasons[place] for place in order], pa.string())
        return pa.table([*plain.columns, told], schema=self._schema)

    def _row(self, file: tuple[bytes, int, int], sha256: bytes, image: Any = None) -> Row:
        address, size, time = file
        paths, stamp = (path_of(os.fsdecode(address)),), FileStamp(size, time)
        if image is None:
            nothing = [0.0] * self._table.dim
            return Row(sha256, paths, stamp, "", 0, 0, nothing)  # type: ignore[arg-type]
        facts = image.format, image.width, image.height, image.vector, image.small
        return Row(sha256, paths, stamp, *facts, doubt=image.remark)
