"""The embeddings of a folder's pictures, computed once and kept: several experiments search among them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from rich.console import Console
from rich.progress import track

from lookalike.embed import Embedder
from lookalike.errors import ImageError, NotFoundError
from lookalike.images import RejectedFile, decode, read_file, scan
from lookalike.kernels.arrays import Vectors
from lookalike.paths import absolute, shown
from lookalike.settings import Settings

_AT_ONCE = 16

Readable = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Embedded:
    """Pictures and where an embedder puts them.

    Attributes:
        paths: of the readable pictures, ascending.
        vectors: (n, dim) float32 rows of unit length.
    """

    paths: list[Path]
    vectors: Vectors

    def place(self, path: Path) -> int:
        """The row of a path."""
        return self.paths.index(path)


def embed_folder(folder: Path, embedder: Embedder, cache: Path, settings: Settings) -> Embedded:
    """Embed all pictures below a folder, or read what an earlier call kept.

    Args:
        folder: is walked.
        embedder: any.
        cache: folder for the kept file, whose name depends on the files' names, sizes and times, and on the
            embedder.
        settings: limits of pictures, and how many threads work.

    Returns:
        The readable pictures; others are named on stderr.

    Raises:
        NotFoundError: there are none.
    """
    found = sorted(
        (item for item in scan([absolute(folder)]) if not isinstance(item, RejectedFile)),
        key=lambda item: item.path,
    )
    if not found:
        raise NotFoundError(f"there are no pictures in {shown(folder)}")
    listing = "\n".join(f"{item.path} {item.size} {item.mtime_ns}" for item in found)
    digest = hashlib.sha256(f"{embedder.fingerprint}\n{listing}".encode(errors="surrogateescape"))
    kept = cache / f"embedded-{digest.hexdigest()[:16]}.npz"
    paths = [item.path for item in found]
    if not kept.exists():
        readable, vectors = embed_pictures(paths, embedder, settings)
        cache.mkdir(parents=True, exist_ok=True)
        partial = kept.with_suffix(".partial.npz")
        np.savez(partial, readable=readable, vectors=vectors)
        partial.replace(kept)
    with np.load(kept, allow_pickle=False) as archive:
        readable, vectors = archive["readable"], archive["vectors"]
    if not len(vectors):
        raise NotFoundError(f"none of the {len(paths)} pictures in {shown(folder)} can be read")
    return Embedded([path for path, is_readable in zip(paths, readable, strict=True) if is_readable], vectors)


def open_whole(path: Path, settings: Settings) -> Image.Image:
    """A picture at its full size, RGB and upright.

    Raises:
        ImageError: it cannot be read.
    """
    limits = settings.limits
    return decode(read_file(path, limits), limits=limits).image


def embed_pictures(paths: Sequence[Path], embedder: Embedder, settings: Settings) -> tuple[Readable, Vectors]:
    """Embed pictures on all cores; those that cannot be read are named on stderr.

    Args:
        paths: files.
        embedder: any.
        settings: limits of pictures, and how many threads work.

    Returns:
        ``(readable, vectors)``: (paths,) bool, and (readable, dim) float32 in the order of the paths.
    """
    limits, console = settings.limits, Console(stderr=True)

    def some(start: int) -> tuple[list[str], Vectors]:
        images, complaints = [], []
        for path in paths[start : start + _AT_ONCE]:
            try:
                image = decode(read_file(path, limits), limits=limits, at_least=embedder.card.side).image
            except ImageError as error:
                complaints.append(left_out(RejectedFile(path, str(error))))
            else:
                images.append(image)
                complaints.append("")
        return complaints, embedder.embed(images)

    readable: list[bool] = []
    vectors: list[Vectors] = [np.empty((0, embedder.card.dim), np.float32)]
    starts = range(0, len(paths), _AT_ONCE)
    with ThreadPoolExecutor(settings.threads) as pool:
        for complaints, part in track(
            pool.map(some, starts),
            f"Embedding {len(paths):,} pictures",
            len(starts),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        ):
            for complaint in filter(None, complaints):
                tell(complaint, console)
            readable += [not complaint for complaint in complaints]
            vectors.append(part)
    return np.array(readable, bool), np.concatenate(vectors)


def left_out(item: RejectedFile) -> str:
    """A line that says why a file is not among the pictures."""
    return f"left out {shown(item.path)}: {item.reason}"


def tell(line: str, console: Console) -> None:
    """Print a line as it is, above a progress bar if there is one."""
    console.print(line, markup=False, highlight=False, soft_wrap=True)
