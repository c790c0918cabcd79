"""Shards in this process, asked one after the other: what a cluster answers, without Ray."""

from __future__ import annotations

import shutil
import tempfile
import threading
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from contenders import Pair
from lookalike.cluster.ids import Span
from lookalike.cluster.index import ClusterIndex
from lookalike.cluster.shard import Shard
from lookalike.cluster.table import Table
from ray_nodes import wait_for

_CONTRACT = Path(__file__).parents[1] / "contract"
FINGERPRINT = "f" * 64


class LocalShards:
    """Asks shards of this process."""

    def __init__(self, shards: Sequence[Shard]) -> None:
        self.shards = shards

    def ask(self, method: str, *arguments: Any, **named: Any) -> list[Any]:
        return [getattr(shard, method)(*arguments, **named) for shard in self.shards]

    def bring_to(self, version: int) -> None:
        self.ask("reach", version)


class LocalCluster(ClusterIndex):
    """An index of three shards over an empty table in a folder of its own; the folder goes with it."""

    def __init__(self, dim: int, metric: str, **settings: Any) -> None:
        if not isinstance(dim, int) or dim < 1:  # the gate for lengths is that of an index, not of a table
            from lookalike.index import LSHIndex

            LSHIndex(dim)
        folder = tempfile.mkdtemp(prefix="lookalike-contract-")
        weakref.finalize(self, shutil.rmtree, folder)
        table = Table.create(str(Path(folder) / "rows.lance"), "none", FINGERPRINT, dim)
        # By ranges that split the small ids of tests, too.
        spans = [Span(0, 40), Span(40, 3000), Span(3000, None)]
        self.local = [Shard(table, span, metric=metric, **settings) for span in spans]
        super().__init__(table, LocalShards(self.local), metric)

    def settle(self) -> None:
        """Fill the tables of all shards."""
        for shard in self.local:
            shard.reach(self._table.version)
            shard._index.settle()


@contextmanager
def local_router(app: ASGIApp) -> Iterator[str]:
    """Where a router of this process answers."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        wait_for(lambda: server.started)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


def local_cluster(**settings: Any) -> Callable[[int, str], LocalCluster]:
    return lambda dim, metric: LocalCluster(dim, metric, **settings)


class ClusterPair(Pair):
    """A cluster and the oracle, changed together."""

    def settle(self) -> None:
        assert isinstance(self.index, LocalCluster)
        self.index.settle()


def contract_on(name: str) -> dict[str, Any]:
    """The tests of a module of the contract with its own fixtures, over whatever kinds of index there are.

    Left out are tests that choose among the kinds of ``contenders`` themselves.
    """
    spec = spec_from_file_location(f"contract_{name}", _CONTRACT / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    module.Pair = ClusterPair  # type: ignore[attr-defined]
    wanted = {key: value for key, value in vars(module).items() if key.startswith("test_")}
    fixtures = {key: value for key, value in vars(module).items() if key in ("filled", "strict", "crowds")}
    return fixtures | {key: test for key, test in wanted.items() if not _chooses_kinds(test)}


def _chooses_kinds(test: Any) -> bool:
    marks = getattr(test, "pytestmark", [])
    return any(mark.name == "parametrize" and "kind" in str(mark.args[0]) for mark in marks)
