"""Fixtures that every kind of test may ask for."""

from __future__ import annotations

import gc
import os
import tempfile
import time
from collections.abc import Generator, Iterator
from pathlib import Path

import certifi
import pytest
from hypothesis import settings

import one_thread  # noqa: F401  first: numpy and PyTorch read what it sets when they are imported
from kept_decoders import kept_decoders
from kept_keypoints import kept_keypoints
from kept_sessions import kept_sessions
from waiting import HANG_GUARD
from worker_groups import PYTORCH, group_of, pytest_xdist_make_scheduler  # noqa: F401  the last is a hook

settings.register_profile("no deadline", deadline=None)  # a busy machine may stop a process for any time
settings.load_profile("no deadline")

_RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID")
_FIRST_WORKER = os.environ.get("PYTEST_XDIST_WORKER") == "gw0"
_COLLECTED = Path(tempfile.gettempdir()) / f"lookalike-tests-{_RUN}"  # once the first worker has


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Generator[None, object, object]:
    """Let the first worker collect alone, so that Python compiles the tests once.

    What is made until the tests begin stays to the end: a quarter of what collecting computes would be rounds
    of the garbage collector, which find nothing.
    """
    gc.disable()
    if _FIRST_WORKER:
        session.config.add_cleanup(lambda: _COLLECTED.unlink(missing_ok=True))
        try:
            return (yield)
        finally:
            _COLLECTED.touch()
    end = time.monotonic() + HANG_GUARD
    while _RUN is not None and not _COLLECTED.exists() and time.monotonic() < end:
        time.sleep(0.05)
    return (yield)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the tests that use PyTorch, the largest of the groups that one worker runs.

    While the others collect, the first worker has numba compile the kernels. It says only then what it has
    collected, and no test begins before all workers have said so: each kernel is compiled once.
    """
    items.sort(key=lambda item: group_of(item.nodeid) != PYTORCH)
    if _FIRST_WORKER:
        _COLLECTED.touch()
        _compile_kernels()


def _compile_kernels() -> None:
    """Have numba compile what searches use, and keep it: that takes half a minute of computing, once."""
    import numpy as np

    from lookalike.index import LSHIndex

    rows = np.random.default_rng(0).standard_normal((300, 8)).astype(np.float32)
    index = LSHIndex(8, tables=2, bits=4)
    index.add(range(200), rows[:200])
    index.settle()
    index.add(range(200, 300), rows[200:])
    for queries in (rows[:9], rows[0]):
        index.search(queries, 3)
        index.search(queries, 3, probes=2)
        index.within(queries, 0.1)
    list(index.pairs(0.1))


def pytest_collection_finish() -> None:
    """Take what is there by now out of the garbage collector's rounds, which begin again."""
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session", autouse=True)
def _what_takes_long_to_start_is_kept() -> Iterator[None]:
    with kept_decoders(), kept_keypoints(), kept_sessions():
        yield


@pytest.fixture(scope="session", autouse=True)
def _one_authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let clients read one certificate instead of all that browsers trust, which takes each of them 32 ms.

    No test calls an encrypted server whose authority it does not name itself.
    """
    first, end, _ = Path(certifi.where()).read_text(encoding="utf-8").partition("-----END CERTIFICATE-----\n")
    file = tmp_path_factory.mktemp("authority") / "one.pem"
    file.write_text(first + end, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(file))
        yield


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data that lies beside the checkout; tests that need it are marked ``shared``."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"there is no shared data at {folder}")
    return folder
