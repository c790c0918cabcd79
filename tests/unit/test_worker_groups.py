"""Tests that share something run in one worker, whichever versions of pytest and pytest-xdist are there."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from worker_groups import PYTORCH, group_of

_TESTS = """
import os
from pathlib import Path

import pytest

@pytest.mark.parametrize("at", range(6))
def test_it(at):
    Path(f"{Path(__file__).stem}-{at}").write_text(os.environ["PYTEST_XDIST_WORKER"])
"""


def test_the_tests_of_a_file_run_in_one_worker(tmp_path: Path) -> None:
    for name in ("one", "two", "three"):
        (tmp_path / f"test_{name}.py").write_text(_TESTS)
    plugins = ["-p", "xdist", "-p", "worker_groups", "-p", "no:cacheprovider"]
    command = [sys.executable, "-m", "pytest", *plugins, "-n", "2", "--dist", "loadgroup", "-q"]
    variables = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    support = Path(__file__).resolve().parents[1] / "support"
    done = subprocess.run(
        [*command, "--rootdir", str(tmp_path), str(tmp_path)],
        cwd=tmp_path,
        env={**variables, "PYTHONPATH": str(support), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "18 passed" in done.stdout, done.stdout + done.stderr
    workers = defaultdict(set)
    for place in tmp_path.glob("test_*-*"):
        workers[place.name.partition("-")[0]].add(place.read_text())
    assert [len(one) for one in workers.values()] == [1, 1, 1]
    assert set.union(*workers.values()) == {"gw0", "gw1"}


def test_these_tests_are_handed_out_so(pytestconfig: pytest.Config) -> None:
    hook = pytestconfig.hook.pytest_xdist_make_scheduler
    assert any(one.plugin_name.endswith("conftest.py") for one in hook.get_hookimpls())


def test_groups_are_files_but_for_those_that_share_more() -> None:
    assert group_of("tests/unit/test_paths.py::TestOne::test_a[tests/browser/]") == "tests/unit/test_paths.py"
    assert (
        group_of("tests/unit/labs/learn/test_distil.py::test_a")
        == group_of("tests/e2e/test_lab.py::b")
        == PYTORCH
    )
    assert group_of("tests/browser/test_add.py::test_a") == group_of("tests/browser/test_map.py::test_b")
