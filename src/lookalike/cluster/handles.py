"""Asking shards that Ray Serve runs: a second replica is asked when the first is slow or dies."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from typing import Any

from ray.serve.handle import DeploymentHandle

from lookalike.errors import LookalikeError

DEADLINE_SECONDS = 5.0
"""How long an answer of a shard is waited for, over all attempts."""

HEDGE_SECONDS = 0.1
"""After so long without an answer a second replica is asked too, at the least; the first answer counts."""

_SLOW = 4.0  # times as long as answers usually take: else shards that are all busy would get twice the work
_WEIGHT = 0.05  # of the newest answer in what is usual

_PAUSE = 0.02  # seconds after an attempt that failed: Serve has to notice that a replica is gone


class Handles:
    """Asks every shard of a Serve application; see ``Shards``. Any number of threads may ask.

    Serve chooses the replica, the less busy of two, so that a second question goes to another one.
    """

    def __init__(self, shards: Sequence[DeploymentHandle], deadline: float = DEADLINE_SECONDS) -> None:
        """Start the thread that waits for answers.

        Args:
            shards: a handle of each shard's deployment.
            deadline: seconds that a shard has for its answer.
        """
        self._shards, self._deadline = list(shards), deadline
        self._usual = 0.0  # seconds from a question to a shard's answer; used on the loop's thread alone
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, name="shards", daemon=True).start()

    def ask(self, method: str, *arguments: Any, **named: Any) -> list[Any]:
        """Call a method on one replica of every shard; see ``Shards.ask``."""
        answers: list[Any] = self._run(self._ask_all(method, arguments, named))
        return answers

    def bring_to(self, version: int) -> None:
        """Bring every replica that runs to a version of the table; one that fails is passed by.

        Serve starts another in its place, which loads the newest version.
        """
        self._run(self._bring_all_to(version))

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _ask_all(self, method: str, arguments: tuple[Any, ...], named: dict[str, Any]) -> list[Any]:
        asked = (self._ask_one(shard, method, arguments, named) for shard in self._shards)
        answers = await asyncio.gather(*asked)
        for answer in answers:
            if isinstance(answer, LookalikeError):
                raise answer
        return answers

    async def _bring_all_to(self, version: int) -> None:
        async def reached(shard: DeploymentHandle) -> None:
            response = shard.broadcast("call", "reach", (version,), {})
            with suppress(Exception):  # whatever Serve raises: the replicas that are left suffice
                await asyncio.to_thread(response.results, timeout_s=self._deadline, return_exceptions=True)

        await asyncio.gather(*map(reached, self._shards))

    async def _ask_one(
        self, shard: DeploymentHandle, method: str, arguments: tuple[Any, ...], named: dict[str, Any]
    ) -> Any:
        """The first answer of any replica, which may be an error to raise; None after the deadline."""

        async def attempt() -> Any:
            return await shard.call.remote(method, arguments, named)

        started = self._loop.time()
        end = started + self._deadline
        patience = max(HEDGE_SECONDS, _SLOW * self._usual)
        running: set[asyncio.Task[Any]] = set()
        try:
            while (left := end - self._loop.time()) > 0:
                if len(running) < 2:
                    running.add(self._loop.create_task(attempt()))
                wait = min(left, patience) if len(running) == 1 else left
                done, running = await asyncio.wait(running, timeout=wait, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    if task.exception() is None:
                        self._usual += _WEIGHT * (self._loop.time() - started - self._usual)
                        return task.result()
                if done:  # with the replica, which has died or is ending
                    await asyncio.sleep(_PAUSE)
            return None
        finally:
            for task in running:
                task.cancel()
