"""Which tests one worker of pytest-xdist runs: those of a file, mostly.

The marker ``xdist_group`` says the same, but pytest-xdist 3.8 writes a test's group into its id, where it is
lost from pytest 9.2 on. Each worker is then given tests of every file, and makes again whatever the tests of
a file share: its server, its collection, its network.
"""

from __future__ import annotations

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

PYTORCH = "pytorch"
_USE_PYTORCH = ("tests/unit/labs/learn/", "tests/unit/labs/attack/", "tests/e2e/test_lab.py")
_IN_BROWSER = "tests/browser/"


def group_of(test: str) -> str:
    """The group of a test, all of which one worker runs.

    All that use PyTorch are one group: only one worker then pays for its memory. All in a browser are one,
    so that the servers that they visit are started once. Of the others each file is one.

    Args:
        test: its id, as ``tests/unit/test_paths.py::test_a_path``.
    """
    if test.startswith(_USE_PYTORCH):
        return PYTORCH
    return _IN_BROWSER if test.startswith(_IN_BROWSER) else test.partition("::")[0]


class Groups(LoadScopeScheduling):
    """Hands whole groups to workers."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)

    def _assign_work_unit(self, node: WorkerController) -> None:
        """Hand a worker its next group, and forget those that it has run, which each test would count."""
        groups = self.assigned_work[node]
        self.assigned_work[node] = {name: tests for name, tests in groups.items() if not all(tests.values())}
        super()._assign_work_unit(node)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Groups | None:
    """For ``--dist loadgroup``, hand out these groups."""
    return Groups(config, log) if config.getoption("dist") == "loadgroup" else None
