"""Running the app: a socket, one process or several, and an orderly end."""

from __future__ import annotations

import gc
import os
import signal
import socket
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.supervisors import Multiprocess

from lookalike.errors import UsageError
from lookalike.web.metrics import SHARED_VARIABLE
from lookalike.web.options import ServerOptions
from lookalike.web.patience import PatientProtocol

_FACTORY = "lookalike.web.serving:app"
_LOOP = "lookalike.web.listening:LimitedLoop"  # named, since worker processes make their own
_END_SECONDS = 10  # for the answers that are on their way when the server is told to stop
_BACKLOG = 1024
_LOG: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "%(asctime)s %(message)s"},
        "json": {"()": "lookalike.web.logs.JsonLine"},
    },
    "loggers": {
        "lookalike.access": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
        "lookalike.connections": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
        "python_multipart": {"level": "CRITICAL"},
        "uvicorn": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
    },
}


def serve(options: ServerOptions, port: int, processes: int, on_open: Callable[[str], None]) -> None:
    """Serve until told to stop by Ctrl-C or SIGTERM.

    Args:
        options: how to run.
        port: TCP port; 0 for any free one.
        processes: how many share the socket.
        on_open: told the server's address once connections are taken.

    Raises:
        UsageError: the address cannot be bound to.
    """
    with ExitStack() as stack:
        if processes > 1:
            shared = tempfile.TemporaryDirectory(prefix="lookalike-")
            os.environ[SHARED_VARIABLE] = stack.enter_context(shared)
        options.export()
        config = uvicorn.Config(
            _FACTORY,
            factory=True,
            workers=processes,
            log_config=_log_config(as_json=options.log_json),
            access_log=False,
            server_header=False,
            loop=_LOOP if os.name == "posix" else "auto",
            timeout_graceful_shutdown=_END_SECONDS,
            http=PatientProtocol,  # h11, which is strict about what a request is
            ws="none",
        )
        listening = stack.enter_context(_listen(options.host, port))
        name = f"[{options.host}]" if ":" in options.host else options.host
        run = _several(config, listening) if processes > 1 else _one(config, listening)
        on_open(f"http://{name}:{listening.getsockname()[1]}/")
        run()


def app() -> ASGIApp:
    """The app that the environment describes, in the process that answers by it.

    To import and to build frees nothing, so garbage is not collected meanwhile. What is there then stays to
    the end: a round of collecting that went over it would hold up requests for 25 ms.
    """
    gc.disable()
    try:
        from lookalike.web.app import from_environment  # noqa: PLC0415  the parent of several has no use for it

        return from_environment()
    finally:
        gc.freeze()
        gc.enable()


def _several(config: uvicorn.Config, listening: socket.socket) -> Callable[[], None]:
    """What runs several processes; a signal that comes before that is heard already."""
    return Multiprocess(config, sockets=[listening]).run


def _one(config: uvicorn.Config, listening: socket.socket) -> Callable[[], None]:
    """What runs the server in this process; a signal that comes before that is heard already.

    Uvicorn takes the same handler while it runs. It raises the signal once more at its end, which nothing
    happens at then.
    """
    server = uvicorn.Server(config)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, server.handle_exit)
    return partial(server.run, sockets=[listening])


def _log_config(*, as_json: bool) -> dict[str, Any]:
    stderr = {"class": "logging.StreamHandler", "formatter": "json" if as_json else "line"}
    return {**_LOG, "handlers": {"stderr": stderr}}


def _listen(host: str, port: int) -> socket.socket:
    """A socket that takes connections; who connects before the collection is open waits for it.

    Raises:
        UsageError: the address cannot be listened on.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
        family, kind, protocol, _, address = found[0]
        # With its protocol named: asyncio sends small packets at once only on sockets that say TCP.
        listening = socket.socket(family, kind, protocol)
    except OSError as error:
        raise UsageError(f"cannot listen on {host}: {error.strerror}") from error
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(_BACKLOG)
        listening.set_inheritable(True)
    except OSError as error:
        listening.close()
        raise UsageError(
            f"cannot listen on {host} port {port}: {error.strerror}; use another --port"
        ) from error
    return listening
