"""Joining a Ray cluster, or starting one on this machine that nobody else can reach."""

from __future__ import annotations

import os

os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
os.environ.setdefault("RAY_worker_niceness", "0")  # a search must not wait for whatever else the node runs

import ray  # it reads its environment when it is imported
from ray._private import ray_constants

_LOOPBACK = "127.0.0.1"
_OBJECT_STORE = 200 << 20  # bytes; answers and batches of pictures are small


def join(address: str | None, cores: int) -> None:
    """Connect this process to Ray, if it is not connected already.

    Args:
        address: of the head node, as ``10.0.0.1:6379``. If None, the variable RAY_ADDRESS names it; if that
            is not set either, a cluster of one node is started here. It listens on this machine's loopback
            alone and ends with this process.
        cores: of that node.
    """
    if ray.is_initialized():
        return
    address = address or os.environ.get("RAY_ADDRESS")
    if address:
        if address.startswith(f"{_LOOPBACK}:"):
            _keep_to_loopback()
        ray.init(address=address, namespace="lookalike", log_to_driver=False)
        return
    _keep_to_loopback()
    ray.init(
        address="local",
        namespace="lookalike",
        num_cpus=cores,
        include_dashboard=False,
        object_store_memory=_OBJECT_STORE,
        _node_ip_address=_LOOPBACK,
        log_to_driver=False,
    )


def _keep_to_loopback() -> None:
    """Have Ray take the loopback's address as it is given.

    Else Ray replaces it by another address of this machine's, and its processes listen on every interface.
    The variable tells this to the processes that Ray starts, the constant to this one, which has read the
    variable already.
    """
    os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"
    ray_constants.ENABLE_RAY_CLUSTER = False
