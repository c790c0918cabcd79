"""The pictures of a collection, read again for another embedder."""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from lookalike.collection.workers import FILES_A_TASK, worked
from lookalike.embed import Embedder
from lookalike.errors import ImageError
from lookalike.images import Limits, RejectedFile, decode, read_file
from lookalike.kernels.arrays import Vectors
from lookalike.store import Catalog


@dataclass(slots=True)
class Reread:
    """What came of some images.

    Attributes:
        vectors: new vectors, (dim,) float32 each, by image id.
        missing: images that no file holds any more: where one lay, and why that cannot be used.
    """

    vectors: list[tuple[int, Vectors]] = field(default_factory=list)
    missing: list[RejectedFile] = field(default_factory=list)


def read_again(
    images: Sequence[tuple[int, bytes]], catalog: Catalog, embedder: Embedder, limits: Limits, threads: int
) -> Generator[Reread, None, None]:
    """Embed known images again and hand out what is done, as it gets done.

    Args:
        images: (id, SHA-256 of the file's bytes).
        catalog: says where they lie.
        embedder: safe to call from many threads.
        limits: for each image.
        threads: workers.
    """
    tasks = (images[start : start + FILES_A_TASK] for start in range(0, len(images), FILES_A_TASK))
    with closing(worked(tasks, lambda task: _read(task, catalog, embedder, limits), threads)) as done:
        for parts in done:
            yield Reread(
                [vector for part in parts for vector in part.vectors],
                [file for part in parts for file in part.missing],
            )


def _read(
    images: Sequence[tuple[int, bytes]], catalog: Catalog, embedder: Embedder, limits: Limits
) -> Reread:
    read, ids, pictures = Reread(), [], []
    for image_id, sha256 in images:
        refused: list[RejectedFile] = []
        for path in catalog.paths_of(image_id):
            try:
                data = _unchanged(path, sha256, limits)
                pictures.append(decode(data, limits=limits, at_least=embedder.card.side).image)
            except ImageError as error:
                refused.append(RejectedFile(path, str(error)))
            else:
                ids.append(image_id)
                refused.clear()
                break
        read.missing += refused[:1]
    read.vectors = list(zip(ids, embedder.embed(pictures), strict=True))
    return read


def _unchanged(path: Path, sha256: bytes, limits: Limits) -> bytes:
    """The bytes that were indexed.

    Raises:
        ImageError: the file cannot be read, or holds other bytes now.
    """
    data = read_file(path, limits)
    if hashlib.sha256(data).digest() != sha256:
        raise ImageError("it has changed since it was indexed; index it again first")
    return data
