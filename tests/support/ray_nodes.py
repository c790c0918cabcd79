"""A real Ray cluster of several nodes on this machine's loopback, whose processes a test may kill."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from waiting import HANG_GUARD

_OBJECT_STORE = 100 << 20
LOOPBACK = {"0100007F", "0" * 24 + "01000000", "0000000000000000FFFF00000100007F"}
"""The addresses of this machine's loopback, as ``/proc/net`` writes them."""


@contextmanager
def nodes(count: int, cores: int) -> Iterator[Any]:
    """A head and further nodes; ``ray`` is connected to it inside the block.

    Args:
        count: of the further nodes. With 0 the head has the cores, else it has none.
        cores: of each node that has some.
    """
    import ray
    from ray.cluster_utils import Cluster

    from lookalike.cluster import starting  # noqa: F401  sets Ray's environment before it is imported

    common: dict[str, Any] = {"object_store_memory": _OBJECT_STORE, "node_ip_address": "127.0.0.1"}
    cluster = Cluster()
    try:
        # Two programs of the head that nothing here needs cost two seconds of a core.
        unneeded = {"include_dashboard": False, "include_log_monitor": False, "no_monitor": True}
        cluster.add_node(num_cpus=0 if count else cores, **unneeded, **common)
        for _ in range(count):
            cluster.add_node(num_cpus=cores, wait=False, **common)
        cluster.wait_for_nodes(HANG_GUARD)
        ray.init(address=cluster.address, namespace="lookalike", log_to_driver=False)
        yield cluster
    finally:
        ray.shutdown()
        cluster.shutdown()


def children() -> dict[int, str]:
    """The processes that this one started, and those that they started: number and command line."""
    parents, lines = {}, {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                status = (folder / "stat").read_text().rpartition(")")[2].split()
                lines[int(folder.name)] = (
                    (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                )
            except OSError:
                continue
            parents[int(folder.name)] = int(status[1])

    def own(number: int) -> bool:
        while number in parents:
            number = parents[number]
            if number == os.getpid():
                return True
        return False

    return {number: line for number, line in lines.items() if own(number)}


def listening() -> set[str]:
    """The addresses, as ``/proc/net`` writes them, on which these processes take connections."""
    inodes = set()
    for number in children():
        with suppress(OSError):  # it has just ended
            for file in Path(f"/proc/{number}/fd").iterdir():
                with suppress(OSError):
                    target = str(file.readlink())
                    inodes |= {target[8:-1]} if target.startswith("socket:[") else set()
    found = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text().splitlines()[1:]:
            _, local, _, state, *_, inode = line.split()[:10]
            if state == "0A" and inode in inodes:
                found.add(local.rpartition(":")[0])
    return found


def kill(name: str) -> int:
    """Kill one process of ours, -9, whose command line holds a name; its number."""
    number = next(number for number, line in sorted(children().items()) if name in line)
    os.kill(number, signal.SIGKILL)
    return number


def wait_for(what: Callable[[], bool]) -> float:
    """Wait until something holds; how many seconds that took."""
    started = time.monotonic()
    while not what():
        assert time.monotonic() - started < HANG_GUARD, "it never came to hold"
        time.sleep(0.1)
    return time.monotonic() - started
