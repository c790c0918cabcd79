"""``python tests/support/drawn FOLDER [NUMBER]``: write drawn pictures, a folder per kind, 12 of each."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import drawn


def main() -> None:
    folder, number = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 12
    for kind in drawn.KINDS:
        (folder / kind).mkdir(parents=True, exist_ok=True)
        for seed in range(number):
            drawn.draw(kind, seed).save(folder / kind / f"{seed:03}.png")


main()
