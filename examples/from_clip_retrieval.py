"""Vectors and paths from a folder of clip-retrieval, as ``lookalike index --vectors`` takes them.

    python from_clip_retrieval.py embeddings

The folder holds ``img_emb/img_emb_0.npy`` and so on, and ``metadata/metadata_0.parquet`` and so on with a
column ``image_path``, as ``clip-retrieval inference --enable_metadata True`` writes them. Writes
``vectors.npy`` and ``ids.txt``.
"""

import sys
from pathlib import Path

import numpy as np
import pyarrow.parquet


def number(part: Path) -> int:
    return int(part.stem.rpartition("_")[2])


def main(folder: str) -> None:
    parts = sorted(Path(folder, "img_emb").glob("img_emb_*.npy"), key=number)
    arrays = [np.load(part, mmap_mode="r", allow_pickle=False) for part in parts]
    rows = sum(map(len, arrays))
    vectors = np.lib.format.open_memmap(
        "vectors.npy", "w+", dtype=arrays[0].dtype, shape=(rows, arrays[0].shape[1])
    )
    with Path("ids.txt").open("w", encoding="utf-8", errors="surrogateescape") as ids:
        start = 0
        for part, array in zip(parts, arrays, strict=True):
            vectors[start : start + len(array)] = array
            start += len(array)
            metadata = Path(folder, "metadata", f"metadata_{part.stem.rpartition('_')[2]}.parquet")
            table = pyarrow.parquet.read_table(metadata, columns=["image_path"])
            ids.writelines(f"{path}\n" for path in table["image_path"].to_pylist())


if __name__ == "__main__":
    main(*sys.argv[1:])
