"""Vectors and names from encodings of imagededup, as ``lookalike index --vectors`` takes them.

    python from_imagededup.py encodings.json

``encodings.json`` is what ``encode_images`` returned, of file name to vector (CNN) or to hexadecimal hash
(PHash and its kind), saved by::

    json.dump(encodings, file, default=lambda vector: vector.tolist())

The bits of a hash become numbers, 1 and -1: the cosine between two such vectors is 1 - 2 d / n, where d of n
bits differ. Writes ``vectors.npy`` and ``ids.txt``.
"""

import json
import sys
from pathlib import Path

import numpy as np


def vector(encoding: str | list[float]) -> np.ndarray:
    if isinstance(encoding, str):
        bits = np.unpackbits(np.frombuffer(bytes.fromhex(encoding), np.uint8))
        return np.where(bits, 1.0, -1.0).astype(np.float32)
    return np.ravel(np.asarray(encoding, np.float32))


def main(encodings_file: str) -> None:
    encodings = json.loads(Path(encodings_file).read_text(encoding="utf-8"))
    np.save("vectors.npy", np.stack([vector(encoding) for encoding in encodings.values()]))
    lines = "".join(f"{name}\n" for name in encodings)
    Path("ids.txt").write_text(lines, encoding="utf-8", errors="surrogateescape")


if __name__ == "__main__":
    main(*sys.argv[1:])
