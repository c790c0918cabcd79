"""What Ray Serve runs: a deployment for each shard, and the router before them."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import ray
from ray import serve
from ray.serve.handle import DeploymentHandle
from starlette.types import ASGIApp

from lookalike.cluster.app import Serving, build
from lookalike.cluster.ids import spans
from lookalike.cluster.replica import ShardReplica, listen_on_own_address
from lookalike.errors import UsageError
from lookalike.settings import Settings, load_settings
from lookalike.web.options import TOKEN_VARIABLE, ServerOptions

APPLICATION = "lookalike"
"""Name of the Serve application."""

_HEALTH_SECONDS = 1.0  # between Serve's looks at a replica: a killed one is replaced as soon
_HEALTH_PATIENCE = 10.0  # a replica that loads the machine's last core is not dead
_A_BIT = 0.001  # of what Ray calls node:ADDRESS, of which each node has 1: it binds a process to that node
_ASKED_AT_ONCE = 64  # calls of a replica; more wait in the router


@dataclass(frozen=True, slots=True)
class Size:
    """How many processes serve a table.

    Attributes:
        shards: parts of the table, each in the memory of another process.
        replicas: processes for each part.
        routers: processes that take requests, embed pictures and judge.
        cores: of each process, which Ray sets aside; a fraction is allowed.
    """

    shards: int = 1
    replicas: int = 1
    routers: int = 1
    cores: float = 1.0

    def __post_init__(self) -> None:
        spans(self.shards)
        for name in ("replicas", "routers"):
            if getattr(self, name) < 1:
                raise UsageError(f"{name} must be 1 or more, not {getattr(self, name)}")
        if not self.cores > 0:
            raise UsageError(f"cores must be above 0, not {self.cores}")


class Router:
    """A process that takes requests."""

    def __init__(self, serving: Serving, *shards: DeploymentHandle) -> None:
        listen_on_own_address()
        self._serving, self._shards = serving, shards

    def __serve_build_asgi_app__(self) -> ASGIApp:
        return build(self._serving, self._shards)


def application(serving: Serving, size: Size, node: str | None = None) -> serve.Application:
    """The Serve application that serves a table.

    Args:
        serving: the table, and whom the router lets in.
        size: how many processes.
        node: IP address of the only node on which routers may run; None for any.
    """
    router = serve.deployment(serve.ingress()(Router))
    return router.options(
        name="router",
        num_replicas=size.routers,
        max_ongoing_requests=2 * serving.door.queue,
        **_kept(size, {f"node:{node}": _A_BIT} if node else {}),
    ).bind(serving, *_shards(serving.uri, size))


def run_shards(uri: str, size: Size) -> list[DeploymentHandle]:
    """Run the shards of a table without a router, for programs that ask them by these handles."""
    together = serve.deployment(Together).options(**_kept(size)).bind(*_shards(uri, size))
    serve.run(together, name=APPLICATION, route_prefix=None)
    return [serve.get_deployment_handle(f"shard-{number}", APPLICATION) for number in range(size.shards)]


class Together:
    """Holds shards together that have no router."""

    def __init__(self, *shards: DeploymentHandle) -> None:
        listen_on_own_address()
        self._shards = shards


def _shards(uri: str, size: Size) -> list[serve.Application]:
    shard = serve.deployment(ShardReplica)
    return [
        shard.options(
            name=f"shard-{number}",
            num_replicas=size.replicas,
            max_ongoing_requests=_ASKED_AT_ONCE,
            **_kept(size),
        ).bind(uri, number, size.shards)
        for number in range(size.shards)
    ]


def _kept(size: Size, resources: Mapping[str, float] | None = None) -> dict[str, Any]:
    """What Serve is to set aside for a process, and how it watches it."""
    return {
        "ray_actor_options": {"num_cpus": size.cores, "resources": dict(resources or {})},
        "health_check_period_s": _HEALTH_SECONDS,
        "health_check_timeout_s": _HEALTH_PATIENCE,
    }


def run(serving: Serving, size: Size, port: int) -> int:
    """Serve a table in the Ray cluster that this process is connected to; returns when it answers.

    Args:
        serving: the table, and whom the router lets in. Routers with banks run on this node alone, whose disk
            has them.
        size: how many processes.
        port: TCP port of each node's proxy, the same on all; 0 for one that is free on this node.

    Returns:
        The port.
    """
    port = port or _free_port(serving.door.host)
    node = None if serving.banks is None else ray.util.get_node_ip_address()
    serve.start(http_options={"host": serving.door.host, "port": port, "location": "EveryNode"})
    serve.run(application(serving, size, node), name=APPLICATION, route_prefix="/")
    return port


def _free_port(host: str) -> int:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, 0), family=family) as free:
        return int(free.getsockname()[1])


def stop() -> None:
    """End what ``run`` started; the table stays."""
    serve.delete(APPLICATION)


def app(arguments: Mapping[str, Any]) -> serve.Application:
    """The same for configuration files of Ray Serve and KubeRay: ``lookalike.cluster.deployment:app``.

    Args:
        arguments: ``uri``, which must be given; ``hosts``, names by which the service may be called;
            ``shards``, ``replicas``, ``routers`` and ``cores`` of ``Size``; ``banks``, a folder on each node
            on which Ray may start routers. The router's token is read from the variable LOOKALIKE_TOKEN.

    Raises:
        UsageError: an argument is missing or unknown.
    """
    given = dict(arguments)
    try:
        uri, hosts = str(given.pop("uri")), tuple(given.pop("hosts", ()))
        banks = given.pop("banks", None)
        size = Size(**given)
    except (KeyError, TypeError) as error:
        raise UsageError(f"arguments of a table's application: {error}") from error
    door = ServerOptions({}, hosts=hosts, token=os.environ.get(TOKEN_VARIABLE))
    return application(serving_of(uri, door, None if banks is None else Path(banks)), size)


def serving_of(uri: str, door: ServerOptions | None = None, banks: Path | None = None) -> Serving:
    """How to serve a table with the settings of this process.

    Args:
        uri: of the table.
        door: whom the router lets in; if None, everybody on this machine.
        banks: folder of a collection whose banks the routers ask.
    """
    settings: Settings = replace(load_settings(), threads=1)
    return Serving(uri, door or ServerOptions({}), settings, banks)
