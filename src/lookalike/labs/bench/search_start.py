"""Wall time of one whole ``lookalike search`` process, against merely importing what it must import.

lookalike lab bench search_start [--pictures FOLDER]
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from lookalike.labs.bench.pictures import add_picture_option, chosen_folder, pictures_in
from lookalike.labs.bench.setting import collection_of, median_seconds, write_result

ROUNDS = 15


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description="Wall time of a whole search process.")
    add_picture_option(parser)
    pictures = chosen_folder(parser.parse_args(arguments).pictures)
    query = pictures_in(pictures)[0]
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
    write_result(
        "search_start",
        pictures=pictures.name,
        images=images,
        rounds=ROUNDS,
        search_seconds=search,
        import_seconds=imports,
    )


if __name__ == "__main__":
    main()
