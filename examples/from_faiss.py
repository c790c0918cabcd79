"""Vectors and paths from a faiss index, as ``lookalike index --vectors`` takes them.

    python from_faiss.py photos.index paths.json

``paths.json`` says which picture each id of the index is: an object of id to path, or a list in the order in
which the vectors were added. Writes ``vectors.npy`` and ``ids.txt``.
"""

import json
import sys
from pathlib import Path

import faiss
import numpy as np


def main(index_file: str, paths_file: str) -> None:
    whole = index = faiss.read_index(index_file)  # frees what is in it when the name goes
    ids = range(index.ntotal)
    if isinstance(whole, faiss.IndexIDMap | faiss.IndexIDMap2):
        ids = faiss.vector_to_array(whole.id_map).tolist()
        index = faiss.downcast_index(whole.index)
    if isinstance(index, faiss.IndexIVF):
        index.make_direct_map()  # or else it cannot give its vectors back
    vectors = index.reconstruct_n(0, index.ntotal)
    paths = json.loads(Path(paths_file).read_text(encoding="utf-8"))
    named = {str(i): path for i, path in enumerate(paths)} if isinstance(paths, list) else paths
    np.save("vectors.npy", vectors)
    lines = "".join(f"{named[str(i)]}\n" for i in ids)
    Path("ids.txt").write_text(lines, encoding="utf-8", errors="surrogateescape")


if __name__ == "__main__":
    main(*sys.argv[1:])
