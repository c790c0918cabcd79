"""What Ray Serve runs for each shard. It imports nothing of the web, so that a killed one is back sooner."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import ray
from ray.serve._private import replica as serve_replica

from lookalike.cluster.ids import spans
from lookalike.cluster.shard import Shard
from lookalike.cluster.table import Table
from lookalike.errors import LookalikeError
from lookalike.settings import load_settings

_CALLS: dict[str, Callable[..., Any]] = {
    "search": Shard.search,
    "within": Shard.within,
    "reach": Shard.reach,
    "facts": Shard.facts,
}


def listen_on_own_address() -> None:
    """Let this process take calls of other deployments on its node's address alone.

    Serve binds that port, which unpickles what it is sent, to every interface of the machine, and has no
    setting for it. It does so after it has made the deployment's object, whose constructor is early enough.
    """
    bind, own = serve_replica.add_port_to_grpc_server, ray.util.get_node_ip_address()
    host = f"[{own}]" if ":" in own else own

    def bind_here(server: Any, address: str) -> Any:
        return bind(server, address.replace("[::]", host))

    serve_replica.add_port_to_grpc_server = bind_here


class ShardReplica:
    """A process with the rows of one shard."""

    def __init__(self, uri: str, shard: int, shards: int) -> None:
        listen_on_own_address()
        self._shard = Shard(Table.open(uri), spans(shards)[shard])
        self._shard.follow()
        self._threads = ThreadPoolExecutor(load_settings().threads, "shard")

    async def call(self, method: str, arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
        """Call a method of the shard on a thread; an error of this program is returned, not raised."""
        work = partial(self._called, _CALLS[method], arguments, named)
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def _called(self, method: Callable[..., Any], arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
        try:
            return method(self._shard, *arguments, **named)
        except LookalikeError as error:
            return error
