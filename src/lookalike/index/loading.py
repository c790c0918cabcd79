"""Loading the compiled kernels while searches scan, so that none waits for them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import ClassVar

from lookalike import kernels

_WORTH = 1_500_000_000  # components that can be scanned while the compiled kernels are loaded


class Loading:
    """Decides whether an index searches by its tables or scans, until the process has loaded the kernels.

    To load them takes 0.6 s, and some 15 s the first time ever on a machine, when they are compiled. A
    process that searches a few times is better off without, so loading begins when the scans have cost as
    much. It happens in a thread, and searches scan until it is done.
    """

    _thread: ClassVar[threading.Thread | None] = None
    _starting: ClassVar = threading.Lock()
    _over: ClassVar[bool] = False

    def __init__(self) -> None:
        """Begin with nothing scanned."""
        self._scanned = 0

    @classmethod
    def over(cls) -> bool:
        """Whether the kernels are loaded."""
        if not cls._over:
            cls._over = kernels.loaded() and (cls._thread is None or not cls._thread.is_alive())
        return cls._over

    def scans(self, components: int, load: Callable[[], object]) -> bool:
        """Whether a search should scan.

        Args:
            components: numbers that it would compare.
            load: loads all that a search by tables needs; called in a thread if it is time to.
        """
        if self.over():
            return False
        self._scanned += components
        with self._starting:
            running = Loading._thread is not None and Loading._thread.is_alive()
            if self._scanned > _WORTH and not running:
                # Not a daemon: a compiler must not run on while the interpreter is taken down.
                Loading._thread = threading.Thread(target=load, name="lookalike kernels")
                Loading._thread.start()
        return True
