"""Background threads that work through tasks, whose results are handed out as they come."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from typing import TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")

_FILES_A_TASK = 8
"""Pictures that a thread reads and embeds as one task; on one core, more were no faster and fewer slower."""


def tasks_of(items: Sequence[Task]) -> Iterator[Sequence[Task]]:
    """Cut items into tasks of eight, as many pictures as a thread reads and embeds at once."""
    return (items[start : start + _FILES_A_TASK] for start in range(0, len(items), _FILES_A_TASK))


def worked(
    tasks: Iterable[Task],
    work: Callable[[Task], Result],
    threads: int,
    stop: Callable[[], None] = lambda: None,
) -> Generator[list[Result], None, None]:
    """Work through tasks and yield what is done, at least one result at a time, in any order.

    No more tasks are taken than keep the threads busy. At the end, and whenever the iterator is closed or
    Ctrl-C comes while it waits, tasks that are under way are waited for and the rest are dropped.

    Args:
        tasks: what to do; drawn from on the caller's thread.
        work: does a task, on another thread.
        threads: how many work at the same time.
        stop: called before tasks under way are waited for; may cut them short.
    """
    waiting = iter(tasks)
    pool = ThreadPoolExecutor(threads, thread_name_prefix="worker")
    # Ctrl-C is safe while a queue is waited for; it is not inside the locks of concurrent.futures.wait.
    finished: SimpleQueue[Future[Result]] = SimpleQueue()
    pending = 0
    try:
        while True:
            for task in waiting:
                pool.submit(work, task).add_done_callback(finished.put)
                pending += 1
                if pending >= 2 * threads:
                    break
            if not pending:
                return
            results: list[Result] = []
            while not results or not finished.empty():
                results.append(finished.get().result())
                pending -= 1
            yield results
    finally:
        try:
            stop()
        finally:
            pool.shutdown(cancel_futures=True)
