"""Pictures of results: reads result files only, writes a PNG beside each.

lookalike lab bench plot [NAME …]
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from typing import Any

from lookalike.errors import DamagedError
from lookalike.labs.bench.plots.engine import draw_costs, draw_engine
from lookalike.labs.bench.plots.random import draw_random
from lookalike.labs.bench.plots.scale import draw_scale
from lookalike.labs.bench.setting import RESULTS
from lookalike.labs.shared.results import OTHER_VERSION, read_facts
from lookalike.labs.shared.style import Figure

DRAWINGS: dict[str, dict[str, Callable[[dict[str, Any]], Figure]]] = {
    "engine": {"engine": draw_engine, "engine-costs": draw_costs},
    "scale": {"scale": draw_scale},
    "random": {"random": draw_random},
}


def main(arguments: Sequence[str]) -> None:
    """Draw every figure for which there is a result file."""
    parser = argparse.ArgumentParser(description="Pictures of results.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(DRAWINGS)} [default: all]")
    names = parser.parse_args(arguments).names or list(DRAWINGS)
    if unknown := [name for name in names if name not in DRAWINGS]:
        parser.error(f"there is nothing to draw for {unknown[0]}; choose from {', '.join(DRAWINGS)}")
    for name in names:
        source = RESULTS / f"{name}.json"
        if not source.exists():
            print(f"no {source}: run lookalike lab bench {name} first")
            continue
        try:
            figures = {picture: draw(read_facts(source)) for picture, draw in DRAWINGS[name].items()}
        except (DamagedError, *OTHER_VERSION):
            print(f"{source} is of another version or damaged: run lookalike lab bench {name} again")
            continue
        for picture, figure in figures.items():
            path = RESULTS / f"{picture}.png"
            figure.savefig(path)
            print(f"written: {path}")
