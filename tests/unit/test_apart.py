"""A user of one machine never loads what only a cluster needs."""

from __future__ import annotations

from fresh import run_fresh

OF_CLUSTERS = {"ray", "lance", "pyarrow", "pandas", "grpc"}
ELSEWHERE = """
import sys

import lookalike
import lookalike.web.app
from lookalike.cli.main import build

lookalike.Collection, lookalike.Hasher
build([])
build(["cluster"])
print(*{name.partition(".")[0] for name in sys.modules})
"""


def test_no_other_path_loads_the_clusters_packages() -> None:
    loaded = set(run_fresh(ELSEWHERE).stdout.split())
    assert "lookalike" in loaded
    assert not loaded & OF_CLUSTERS


def test_without_the_extra_the_command_names_it() -> None:
    code = """
import sys
for name in ("lance", "ray"):
    sys.modules[name] = None
sys.argv = ["lookalike", "cluster", "export", "nowhere", "--collection", "x"]
from lookalike.cli.main import run
run()
"""
    done = run_fresh(code)
    assert done.returncode != 0
    assert "pip install 'lookalike[cluster]'" in done.stderr
    assert "Traceback" not in done.stderr
