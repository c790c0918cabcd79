"""Clients that ask a server on this machine as fast as it answers, or at a given rate."""

from __future__ import annotations

import itertools
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException

import numpy as np

HOST = "127.0.0.1"
"""The only host that is ever asked."""

_SECONDS = 30.0  # that an answer may take
_NO_ANSWER = 0


@dataclass(slots=True)
class Outcome:
    """What came of many requests.

    Attributes:
        seconds: from the first request to the last answer.
        statuses: answers by status; 0 where none came.
        waits: seconds that each answer with status 200 took.
    """

    seconds: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)
    waits: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Answers with status 200 per second."""
        return self.statuses[200] / self.seconds

    def percentile(self, share: float) -> float:
        """Seconds within which a share of the answers with status 200 came."""
        return float(np.quantile(self.waits, share)) if self.waits else float("nan")

    def facts(self) -> dict[str, object]:
        """The outcome as a result file holds it."""
        return {
            "seconds": self.seconds,
            "statuses": {str(status): count for status, count in sorted(self.statuses.items())},
            "answers_per_second": self.rate,
            "p50_seconds": self.percentile(0.5),
            "p99_seconds": self.percentile(0.99),
        }


@dataclass(frozen=True, slots=True)
class Request:
    """One request to send.

    Attributes:
        path: of the route.
        body: what is posted.
        kind: its media type.
    """

    path: str
    body: bytes
    kind: str


def search_form(**fields: str | bytes) -> Request:
    """A search by a form's fields; bytes are a picture."""
    return form("/v1/search", **fields)


def form(path: str, **fields: str | bytes) -> Request:
    """A request by a form's fields; bytes are a picture."""
    boundary = "7c1f0e55d2b94fbb"
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"'.encode()
        + (b'; filename="picture"\r\n\r\n' if isinstance(value, bytes) else b"\r\n\r\n")
        + (value if isinstance(value, bytes) else value.encode())
        + b"\r\n"
        for name, value in fields.items()
    ]
    body = b"".join([*parts, f"--{boundary}--\r\n".encode()])
    return Request(path, body, f"multipart/form-data; boundary={boundary}")


def ask(
    port: int,
    requests: Sequence[Request],
    clients: int,
    *,
    seconds: float = float("inf"),
    most: float = float("inf"),
    rate: float = float("inf"),
) -> Outcome:
    """Send requests over and over, from several clients at a time.

    Args:
        port: of the server, on this machine.
        requests: taken in turn.
        clients: each waits for its answer before it asks again.
        seconds: no request is sent later than this.
        most: requests to send.
        rate: requests per second, spread evenly over time; infinite to send as many as are answered.

    Raises:
        ValueError: neither ``seconds`` nor ``most`` is given, so it would never end.
    """
    if seconds == most == float("inf"):
        raise ValueError("say for how many seconds, or how many requests at most")
    outcome, lock, turns = Outcome(), threading.Lock(), itertools.count()
    started = time.perf_counter()

    def next_request() -> Request | None:
        turn = next(turns)
        due = started + turn / rate
        if turn >= most or max(due, time.perf_counter()) - started >= seconds:
            return None
        time.sleep(max(0.0, due - time.perf_counter()))
        return requests[turn % len(requests)]

    def client() -> None:
        connection = HTTPConnection(HOST, port, timeout=_SECONDS)
        while (request := next_request()) is not None:
            asked = time.perf_counter()
            status = _status(connection, request)
            waited = time.perf_counter() - asked
            with lock:
                outcome.statuses[status] += 1
                if status == 200:
                    outcome.waits.append(waited)
        connection.close()

    _run_all([client] * clients)
    outcome.seconds = time.perf_counter() - started
    return outcome


def gauge(port: int, name: str) -> float:
    """A number among a server's metrics, such as ``process_resident_memory_bytes``; 0 if it has none."""
    connection = HTTPConnection(HOST, port, timeout=_SECONDS)
    connection.request("GET", "/metrics")
    text = connection.getresponse().read().decode()
    connection.close()
    found = re.search(rf"^{name} (\S+)$", text, re.MULTILINE)
    return float(found[1]) if found else 0.0


def _status(connection: HTTPConnection, request: Request) -> int:
    """The status of the answer; a connection that the server closed is opened again."""
    for last in (False, True):
        try:
            connection.request("POST", request.path, request.body, {"Content-Type": request.kind})
            answer = connection.getresponse()
            answer.read()
        except (OSError, HTTPException):
            connection.close()
            if last:
                break
        else:
            return answer.status
    return _NO_ANSWER


def _run_all(works: Sequence[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
