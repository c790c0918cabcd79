"""Wall time of one whole ``lookalike search`` process, against merely importing what it must import.

python -m lookalike.labs.bench.search_start [--pictures FOLDER]
"""

from __future__ import annotations

import os
import subprocess
import sys
from functools import partial
from pathlib import Path

from lookalike.labs.bench.setting import collection_of, median_seconds, parse, write_result

ROUNDS = 15


def main() -> None:
    """Measure, print and write."""
    pictures = parse("Wall time of a whole search process.")
    query = next(pictures.rglob("*.jpg"))
    with collection_of(pictures) as collection:
        images, folder = len(collection), collection.status().folder
    program = str(Path(sys.executable).with_name("lookalike"))
    run = partial(subprocess.run, check=True, stdout=subprocess.DEVNULL)
    search, imports = median_seconds(
        [
            lambda: run([program, "search", str(query), "--collection", str(folder)]),
            lambda: run(
                [sys.executable, "-c", "import numpy, onnxruntime"],
                env={**os.environ, "ORT_DISABLE_TELEMETRY": "1"},
            ),
        ],
        ROUNDS,
    )
    print(f"whole processes, medians of {ROUNDS} rounds:")
    print(f"  lookalike search, {images:,} images   {1000 * search:6.0f} ms")
    print(f"  import numpy, onnxruntime        {1000 * imports:6.0f} ms   search is {search / imports:.2f}x")
    write_result("search_start", images=images, rounds=ROUNDS, search_seconds=search, import_seconds=imports)


if __name__ == "__main__":
    main()
