"""``--root-path``: serves the app below a path of a larger site, as a proxy shows it."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send


class Below:
    """Wraps an app that is shown below a prefix, which the proxy may leave in the path or take away.

    What asks without the prefix, as a monitor on the same machine does, is answered too.
    """

    def __init__(self, app: ASGIApp, prefix: str) -> None:
        """Remember the prefix, as ``/pictures``."""
        self._app, self._prefix = app, prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with its path below the prefix, as ASGI wants it."""
        if scope["type"] == "http":
            path, prefix = scope["path"], self._prefix
            if path != prefix and not path.startswith(f"{prefix}/"):
                path = prefix + path
            scope = {**scope, "path": path, "root_path": prefix}
        await self._app(scope, receive, send)


def own_path(scope: Scope) -> str:
    """A request's path without the prefix, as routes declare it."""
    prefix: str = scope.get("app_root_path", scope.get("root_path", ""))  # a mount has changed the latter
    path: str = scope["path"]
    return path.removeprefix(prefix)
