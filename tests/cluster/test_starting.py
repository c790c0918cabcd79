"""A node that the program starts for itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from program import Program
from ray_nodes import LOOPBACK, listening

pytestmark = pytest.mark.slow

JOIN = "from lookalike.cluster.starting import join; join(None, 1); print('up', flush=True); input()"


def test_every_socket_of_it_is_on_the_loopback(tmp_path: Path) -> None:
    """In a process of its own, since Ray reads its environment but once, and that of tests differs."""
    program = Program(tmp_path)
    command = [sys.executable, "-c", JOIN]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, env=program.environment, text=True, **pipes) as node:
        assert node.stdout is not None
        assert node.stdout.readline() == "up\n"
        found = listening()
        node.communicate("\n")
    assert found
    assert found <= LOOPBACK
