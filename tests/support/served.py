"""The real server in a process of its own, on a free port of this machine's loopback."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx

from program import Program
from waiting import HANG_GUARD


class Served:
    """A running server, and a client that keeps its connections.

    Attributes:
        url: its address, without a slash at the end.
        port: its TCP port.
        process: what runs it.
        client: for requests to it.
    """

    def __init__(self, url: str, process: subprocess.Popen[bytes], log: Path) -> None:
        self.url, self.process, self._log = url.rstrip("/"), process, log
        self.port = int(self.url.rpartition(":")[2])
        self.client = httpx.Client(base_url=self.url, timeout=HANG_GUARD)

    @property
    def log(self) -> str:
        """What it wrote on stderr so far."""
        return self._log.read_text()

    def expect_log(self, words: str) -> None:
        """Wait for words in the log: a line is written when its answer is on its way already."""
        end = time.monotonic() + HANG_GUARD
        while words not in self.log:
            assert time.monotonic() < end, self.log
            time.sleep(0.01)

    def search(self, picture: bytes | int | str, **fields: object) -> dict[str, Any]:
        """The answer to a search that must succeed; a string is a URL."""
        answer = self.ask(picture, **fields)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def ask(self, picture: bytes | int | str, **fields: object) -> httpx.Response:
        """The answer to a search."""
        data = {name: str(value).lower() if isinstance(value, bool) else str(value)
                for name, value in fields.items()}  # fmt: skip
        if isinstance(picture, bytes):
            return self.client.post("/v1/search", data=data, files={"file": ("picture", picture)})
        data["image_id" if isinstance(picture, int) else "url"] = str(picture)
        return self.client.post("/v1/search", data=data)

    def raw(self, request: bytes) -> bytes:
        """What comes back for some bytes until the server hangs up, or says no more for a second."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=HANG_GUARD) as connection:
            answer = b""
            with suppress(TimeoutError, ConnectionError):
                connection.sendall(request)
            with suppress(TimeoutError, ConnectionError):
                while chunk := connection.recv(65536):
                    answer += chunk
                    connection.settimeout(1)
        return answer

    def metric(self, name: str) -> float:
        """The sum of a metric over its labels."""
        lines = re.findall(rf"^{name}(?:\{{.*\}})? (\S+)$", self.client.get("/metrics").text, re.MULTILINE)
        assert lines, name
        return sum(map(float, lines))

    def memory(self) -> int:
        """Resident bytes of the process."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(next(line for line in status.splitlines() if line.startswith("VmRSS:")).split()[1]) * 1024


@contextmanager
def serving(
    program: Program,
    *options: str | Path,
    environment: dict[str, str] | None = None,
    command: tuple[str, ...] = ("serve",),
    forked: bool = True,
) -> Iterator[Served]:
    """A server over the program's collection; it must end in order when it is told to.

    Args:
        program: whose collection it is.
        *options: of the command.
        environment: further variables.
        command: that serves.
        forked: whether its processes are forked from one that has imported the program; see ``forked``.
    """
    path = program.home / f"server-{time.monotonic_ns()}.log"
    variables = {**program.environment, **(environment or {})}
    with path.open("wb") as log:
        start = program.fork if forked and command == ("serve",) else program.start
        process = start(*command, "--port", "0", *options, stderr=log, env=variables)
    try:
        assert process.stdout is not None
        line = process.stdout.readline().decode()
        said = f"{json.loads(line)['message']}\n" if "json" in options else line
        found = re.fullmatch(r"Serving (http://\S+)   \(Ctrl-C stops\)\n", said)
        assert found, (line, path.read_text())
        server = Served(found[1], process, path)
        with server.client:
            yield server
            assert process.poll() is None, server.log
        process.send_signal(signal.SIGTERM)
        assert process.wait(HANG_GUARD) == 0, server.log
        assert "Traceback" not in server.log, server.log
    finally:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()
