"""Benchmarks: programs that measure side by side in one run, print ratios and write a result file."""

NAMES = (
    "checks", "cluster", "duplicates", "engine", "growth", "index_rate", "pairs", "random", "scale",
    "search_start", "serve", "sight", "verdicts", "plot",
)  # fmt: skip

EXTRAS = {"cluster": "cluster", "index_rate": "labs", "verdicts": "labs"}
"""Extras that bring the packages of some benchmarks; the others do with ``bench``."""

SINGLE_THREAD = frozenset({"engine", "growth", "pairs", "random", "scale"})
"""Benchmarks during which every library uses one thread."""
