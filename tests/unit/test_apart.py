"""A user of one machine never loads what only a cluster needs."""

from __future__ import annotations

import pytest

from fresh import run_fresh

OF_CLUSTERS = {"ray", "lance", "pyarrow", "pandas", "grpc"}


@pytest.mark.parametrize(
    "code",
    [
        "import lookalike; lookalike.Collection; lookalike.Hasher",
        "import lookalike.web.app",
        "from lookalike.cli.main import build; build([])",
        "from lookalike.cli.main import build; build(['cluster'])",
    ],
)
def test_no_other_path_loads_the_clusters_packages(code: str) -> None:
    done = run_fresh(f"{code}\nimport sys\nprint(*{{n.partition('.')[0] for n in sys.modules}})")
    loaded = set(done.stdout.split())
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
