"""The columns of the table, and images as its rows."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa

from lookalike.cluster.addresses import path_of
from lookalike.cluster.labels import labels_of, of_text, to_text
from lookalike.kernels.arrays import Ids, Vectors
from lookalike.store import Annotation, FileStamp, ImageFacts

_KEY = {
    b"lance-schema:unenforced-primary-key": b"true"
}  # by it Lance finds rows that two writers both insert
LISTED = ("image_id", "sha256", "paths", "bytes", "modified", "format", "width", "height", "said")
FACTS = (*LISTED, "vector")
DOUBT = "doubt"
"""The column of doubts, which tables do not have that were made before there was one."""


def paths_of(stored: Iterable[bytes]) -> tuple[Path, ...]:
    """The paths of an image, as the column ``paths`` holds them."""
    return tuple(path_of(os.fsdecode(path)) for path in stored)


@dataclass(frozen=True, slots=True)
class Row:
    """An image as the table holds it.

    Attributes:
        sha256: of the bytes of its files.
        paths: where it lay when it was added; an object's address counts as a path.
        stamp: size and time of the first of these files.
        format: as ``"JPEG"``.
        width: pixels, upright.
        height: pixels, upright.
        vector: (dim,) float32, by the table's network.
        small: its small picture, encoded; None if none is kept.
        annotation: what people say of it.
        doubt: what is wrong with its file, as "cut short, 98 % read"; empty if nothing is.
    """

    sha256: bytes
    paths: tuple[Path, ...]
    stamp: FileStamp
    format: str
    width: int
    height: int
    vector: Vectors
    small: bytes | None = None
    annotation: Annotation = field(default_factory=Annotation)
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Stored:
    """What the table tells of an image.

    Attributes:
        facts: the same that a catalog tells.
        stamp: size and time of the first of its files when it was added.
        small: its small picture, encoded; None if none is kept, or if it was not read.
        doubt: what is wrong with its file; empty if nothing is, or if that was not read.
    """

    facts: ImageFacts
    stamp: FileStamp
    small: bytes | None
    doubt: str = ""


def schema_of(dim: int, metadata: dict[str, str]) -> pa.Schema:
    """The table's columns.

    Args:
        dim: length of a vector.
        metadata: of the whole table.
    """
    fields = [
        pa.field("image_id", pa.int64(), nullable=False, metadata=_KEY),
        pa.field("sha256", pa.binary(32), nullable=False),
        pa.field("paths", pa.list_(pa.binary()), nullable=False),
        pa.field("bytes", pa.int64(), nullable=False),
        pa.field("modified", pa.int64(), nullable=False),
        pa.field("format", pa.string(), nullable=False),
        pa.field("width", pa.int32(), nullable=False),
        pa.field("height", pa.int32(), nullable=False),
        pa.field("vector", pa.list_(pa.float32(), dim), nullable=False),
        pa.field("small", pa.binary()),
        pa.field("said", pa.string()),
        pa.field("labels", pa.list_(pa.string()), nullable=False),
        pa.field(DOUBT, pa.string()),
    ]
    return pa.schema(fields, metadata=metadata)


def to_arrow(ids: Sequence[int], rows: Sequence[Row], schema: pa.Schema) -> pa.Table:
    """Rows as Arrow, sorted by id, so that each shard's part of a fragment is one run.

    Args:
        ids: (n,) the images' ids.
        rows: (n,) the images.
        schema: of the table.
    """
    order = sorted(range(len(ids)), key=ids.__getitem__)
    rows = [rows[place] for place in order]
    columns = {
        "image_id": [ids[place] for place in order],
        "sha256": [row.sha256 for row in rows],
        "paths": [[os.fsencode(path) for path in row.paths] for row in rows],
        "bytes": [row.stamp.size for row in rows],
        "modified": [row.stamp.mtime_ns for row in rows],
        "format": [row.format for row in rows],
        "width": [row.width for row in rows],
        "height": [row.height for row in rows],
        "small": [row.small for row in rows],
        "said": [to_text(row.annotation) for row in rows],
        "labels": [labels_of(row.paths, row.annotation) for row in rows],
        DOUBT: [row.doubt or None for row in rows],
    }
    if DOUBT not in schema.names:
        del columns[DOUBT]
    arrays = {name: pa.array(values, schema.field(name).type) for name, values in columns.items()}
    dim = schema.field("vector").type.list_size
    numbers = np.array([row.vector for row in rows], np.float32).reshape(-1)
    arrays["vector"] = pa.FixedSizeListArray.from_arrays(pa.array(numbers, pa.float32()), dim)
    return pa.table([arrays[name] for name in schema.names], schema=schema)


def ids_of(part: pa.RecordBatch | pa.Table) -> Ids:
    """The column of ids, (n,) int64."""
    return np.asarray(part.column("image_id").to_numpy(zero_copy_only=False), np.int64)


def vectors_of(batch: pa.RecordBatch) -> Vectors:
    """The column of vectors, (n, dim) float32."""
    column = batch.column("vector")
    return np.asarray(column.flatten().to_numpy(zero_copy_only=False), np.float32).reshape(len(column), -1)


def rows_of(part: pa.Table | pa.RecordBatch) -> list[Row]:
    """The images in a part that has all columns."""
    batches = part.to_batches() if isinstance(part, pa.Table) else [part]
    return [
        Row(
            image.facts.sha256,
            image.facts.paths,
            image.stamp,
            image.facts.format,
            image.facts.width,
            image.facts.height,
            image.facts.vector,
            image.small,
            image.facts.annotation,
            image.doubt,
        )
        for image in stored(batches)
    ]


def stored(batches: Iterable[pa.RecordBatch]) -> list[Stored]:
    """The images in batches that have the columns ``FACTS``, and may have ``small`` and ``doubt``."""
    found = []
    for batch in batches:
        columns = {name: batch.column(name).to_pylist() for name in FACTS if name != "vector"}
        small, doubts = (
            batch.column(name).to_pylist() if name in batch.schema.names else [None] * len(batch)
            for name in ("small", DOUBT)
        )
        for place, vector in enumerate(vectors_of(batch)):
            one = {name: values[place] for name, values in columns.items()}
            seen = one["image_id"], one["sha256"], one["format"], one["width"], one["height"]
            facts = ImageFacts(*seen, paths_of(one["paths"]), vector, of_text(one["said"]))
            stamp = FileStamp(one["bytes"], one["modified"])
            found.append(Stored(facts, stamp, small[place], doubts[place] or ""))
    return found
