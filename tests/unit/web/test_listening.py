from __future__ import annotations

import sys

import pytest

from lookalike.web.listening import most_connections


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such limit")
def test_half_of_the_descriptors_are_for_connections() -> None:
    import resource

    now = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (256, now[1]))
        assert most_connections() == 128
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, now)
