"""The table of images, which is the truth that all machines share."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Self
from urllib.parse import quote, unquote_to_bytes

import lance
import numpy as np
import pyarrow as pa

from lookalike.cluster.addresses import path_of
from lookalike.cluster.ids import ATTEMPTS, id_of
from lookalike.cluster.rows import FACTS, Row, Stored, ids_of, schema_of, stored, to_arrow, vectors_of
from lookalike.errors import (
    Busy,
    DamagedError,
    EmbedderMismatch,
    LookalikeError,
    NotFoundError,
    StorageError,
    UsageError,
)
from lookalike.kernels.arrays import Ids, Vectors

COMMIT_ROWS = 10_000
"""Most rows of a commit, so that what a killed writer loses is bounded."""

_RETRIES = 100  # of a commit that met another one; each costs some hundredths of a second
_EMBEDDER, _FINGERPRINT = "lookalike.embedder", "lookalike.fingerprint"
_SOURCE = "lookalike.source:"


class Table:
    """A Lance table of images, on a disk that all machines see or in an object store.

    Every change is one commit, whole or not at all, that makes a new version. Any number of processes may
    read and write: Lance tries a commit again that met another one. Safe to use from many threads.
    """

    def __init__(self, dataset: lance.LanceDataset, *, frozen: bool = False) -> None:
        """Use ``open``, ``create`` or ``frozen``."""
        self._dataset, self._frozen, self._lock = dataset, frozen, threading.Lock()
        self.uri: str = dataset.uri
        metadata = dataset.schema.metadata or {}
        try:
            self.embedder, self.fingerprint = (
                metadata[key.encode()].decode() for key in (_EMBEDDER, _FINGERPRINT)
            )
            self.dim: int = dataset.schema.field("vector").type.list_size
            dataset.schema.field("labels")
        except KeyError as error:
            raise DamagedError(f"{self.uri} is no table of pictures: it says nothing of {error}") from error

    @classmethod
    def open(cls, uri: str) -> Self:
        """Open a table.

        Args:
            uri: a folder, or an address such as ``s3://bucket/pictures``.

        Raises:
            NotFoundError: there is none.
            DamagedError: what is there is no table of pictures.
            StorageError: it cannot be reached.
        """
        with _told(uri):
            return cls(lance.dataset(uri))

    @classmethod
    def create(cls, uri: str, embedder: str, fingerprint: str, dim: int) -> Self:
        """Open a table for the vectors of one embedder; make it if it is not there.

        Args:
            uri: see ``open``.
            embedder: its name, as ``load_embedder`` takes it.
            fingerprint: of that embedder.
            dim: length of its vectors.

        Raises:
            EmbedderMismatch: the table holds vectors of another embedder.
        """
        schema = schema_of(dim, {_EMBEDDER: embedder, _FINGERPRINT: fingerprint})
        try:
            table = cls.open(uri)
        except NotFoundError:
            with _told(uri):
                try:
                    made = lance.write_dataset(schema.empty_table(), uri, schema=schema, mode="create")
                    made.create_scalar_index("image_id", "BTREE")
                    made.create_scalar_index("labels", "LABEL_LIST")
                except OSError:  # another writer has just made it
                    made = lance.dataset(uri)
                table = cls(made)
        if table.fingerprint != fingerprint:
            raise EmbedderMismatch(
                f"{uri} holds vectors of {table.embedder!r} (fingerprint {table.fingerprint[:8]}), which "
                f"cannot be mixed with those of {embedder!r} ({fingerprint[:8]}); use another table"
            )
        return table

    def __len__(self) -> int:
        with _told(self.uri):
            return int(self.at().count_rows())

    @property
    def version(self) -> int:
        """The newest version, whoever wrote it."""
        with _told(self.uri):
            return int(self._dataset.latest_version)

    def frozen(self) -> Self:
        """The table as it is now, to be read: what is written later does not show.

        To find the newest version takes a request to an object store, which is saved at each further read.
        """
        return type(self)(self.at(), frozen=True)

    def at(self, version: int | None = None) -> lance.LanceDataset:
        """The table as of a version, the newest if None; it does not follow later ones.

        Raises:
            NotFoundError: the version has been cleaned up.
        """
        if version is None and self._frozen:
            return self._dataset
        with _told(self.uri), self._lock:
            wanted = self._dataset.latest_version if version is None else version
            if wanted == self._dataset.version:
                return self._dataset
            dataset = self._dataset.checkout_version(wanted)
            if version is None:
                self._dataset = dataset
            return dataset

    def add(self, rows: Iterable[Row]) -> dict[bytes, tuple[int, bool]]:
        """Add images in one commit; those that are there already stay as they are.

        Args:
            rows: images; of several with the same bytes the first one counts.

        Returns:
            By SHA-256, the id of each image, and whether this call added it.

        Raises:
            UsageError: a vector is of another length.
            Busy: so many others write that the commit found no place.
        """
        pending: dict[bytes, Row] = {}
        for row in rows:
            if row.vector.shape != (self.dim,):
                raise UsageError(f"vectors must have length {self.dim}, not shape {row.vector.shape}")
            pending.setdefault(row.sha256, row)
        done: dict[bytes, tuple[int, bool]] = {}
        for attempt in range(ATTEMPTS):
            known = self.holders(id_of(sha256, attempt) for sha256 in pending)
            ids: dict[int, bytes] = {}
            for sha256 in pending:
                image_id = id_of(sha256, attempt)
                if known.get(image_id) == sha256:
                    done[sha256] = image_id, False
                elif image_id not in known:
                    ids.setdefault(image_id, sha256)
            if ids:
                added = self.insert(list(ids), [pending[sha256] for sha256 in ids.values()])
                # If another writer came first with some of them, the table says whose the ids are now.
                now = ids if added == len(ids) else self.holders(ids)
                done |= {sha256: (i, added == len(ids)) for i, sha256 in ids.items() if now.get(i) == sha256}
            pending = {sha256: row for sha256, row in pending.items() if sha256 not in done}
            if not pending:
                return done
        raise UsageError(f"there is no id left for the picture {next(iter(pending)).hex()}")

    def insert(self, ids: Sequence[int], rows: Sequence[Row]) -> int:
        """Insert the rows whose ids are not there, in one commit, and count them.

        Two writers that insert the same id at the same time conflict, and the later one tries again.
        """
        with _told(self.uri):
            dataset = self._own()
            merge = dataset.merge_insert("image_id").when_not_matched_insert_all()
            # By the index of ids Lance would not see what another writer inserts at the same time.
            merge = merge.use_index(False).conflict_retries(_RETRIES)
            return int(merge.execute(to_arrow(ids, rows, dataset.schema))["num_inserted_rows"])

    def delete(self, predicate: str) -> int:
        """Delete rows in one commit, and count them.

        Args:
            predicate: which, as a condition in SQL: ``"image_id IN (17, 18)"``.
        """
        with _told(self.uri):
            return int(self._own().delete(predicate, conflict_retries=_RETRIES)["num_deleted_rows"])

    def change(self, values: Mapping[str, str], predicate: str) -> int:
        """Change columns of rows in one commit, and count the rows.

        Args:
            values: expressions in SQL, by the names of their columns.
            predicate: which rows. If others write at the same time, it is asked of the newest version.
        """
        with _told(self.uri):
            done = self._own().update(dict(values), where=predicate, conflict_retries=_RETRIES)
            return int(done["num_rows_updated"])

    def holders(self, ids: Iterable[int]) -> dict[int, bytes]:
        """SHA-256 of those of some ids that are in the newest version."""
        return {image.facts.image_id: image.facts.sha256 for image in self.images(ids)}

    def images(self, ids: Iterable[int], *, small: bool = False) -> list[Stored]:
        """What the newest version tells of those of some images that are there.

        Args:
            ids: of the images.
            small: whether to read their small pictures too.
        """
        wanted = ",".join(map(str, ids))
        if not wanted:
            return []
        with _told(self.uri):
            part = self.at().to_table(
                columns=[*FACTS, *(["small"] if small else ())], filter=f"image_id IN ({wanted})"
            )
        return stored(part.to_batches())

    def small_of(self, image_id: int) -> bytes | None:
        """The small picture of an image, encoded; None if none is kept."""
        with _told(self.uri):
            part = self.at().to_table(columns=["small"], filter=f"image_id = {image_id}")
        found = part.column("small").to_pylist()
        return found[0] if found else None

    def scan(self, columns: Sequence[str], predicate: str | None = None) -> Iterator[pa.RecordBatch]:
        """Read the newest version batch by batch."""
        with _told(self.uri):
            yield from self.at().to_batches(columns=list(columns), filter=predicate)

    def ids(self, predicate: str | None = None) -> Ids:
        """Ids of the newest version, (n,) int64, in no order: all, or those that meet a condition in SQL."""
        with _told(self.uri):
            return ids_of(self.at().to_table(columns=["image_id"], filter=predicate))

    def sample(self, most: int) -> tuple[Ids, Vectors]:
        """Draw rows of the newest version, the same ones of the same version.

        Returns:
            Ids, (n,) int64, ascending, and their vectors, (n, dim) float32; all rows if there are no more.
        """
        with _told(self.uri):
            dataset = self.at()
            count = dataset.count_rows()
            drawn = np.random.default_rng(0).choice(count, min(most, count), replace=False)
            part = dataset.take(np.sort(drawn).tolist(), columns=["image_id", "vector"])
        ids, vectors = ids_of(part), np.concatenate([vectors_of(batch) for batch in part.to_batches()])
        order = np.argsort(ids)
        return ids[order], vectors[order]

    def count(self, predicate: str) -> int:
        """How many rows of the newest version meet a condition in SQL."""
        with _told(self.uri):
            return int(self.at().count_rows(filter=predicate))

    def sources(self) -> list[Path]:
        """The folders and addresses that were imported, sorted."""
        with _told(self.uri):
            keys = [key for key in self.at().config() if key.startswith(_SOURCE)]
        return sorted(path_of(os.fsdecode(unquote_to_bytes(key[len(_SOURCE) :]))) for key in keys)

    def remember(self, sources: Iterable[Path]) -> None:
        """Keep which folders and addresses were imported."""
        wanted = set(sources)
        while new := wanted - set(self.sources()):
            with _told(self.uri):
                try:
                    self._own().update_config({_SOURCE + quote(os.fsencode(path)): "" for path in new})
                except OSError as error:
                    if "transaction UpdateConfig" not in str(error):
                        raise  # else another import has just kept some of them

    def bytes_of_data(self) -> int:
        """Size of the columns of the newest version; what its deletions and indexes take is not counted."""
        with _told(self.uri):
            return sum(field.bytes_on_disk for field in self.at().stats.data_stats().fields)

    def update_indexes(self) -> None:
        """Bring Lance's indexes of ids and labels up to date; rows that are newer than they are scanned."""
        with _told(self.uri):
            self._own().optimize.optimize_indices()

    def _own(self) -> lance.LanceDataset:
        """A handle of the newest version that a writer may move on."""
        return lance.dataset(self.uri)


@contextmanager
def _told(uri: str) -> Iterator[None]:
    """Turn what Lance raises into this program's errors."""
    try:
        yield
    except LookalikeError:
        raise
    except (OSError, ValueError, RuntimeError) as error:
        text = str(error)
        if isinstance(error, FileNotFoundError) or ("not found" in text and "Dataset at path" in text):
            raise NotFoundError(
                f"there is no table {uri}; make it: lookalike cluster import SOURCE --to {uri}"
            ) from error
        if "conflict" in text.lower() or "too much contention" in text.lower():
            raise Busy(f"too many others write to {uri}; try again") from error
        raise StorageError(f"table {uri}: {text.partition(', ')[0][:300]}") from error
