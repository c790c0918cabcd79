"""The role that a request needs, and the collection that it names, known before any of its body is read."""

from __future__ import annotations

import re
from collections.abc import Sequence

from fastapi.routing import iter_route_contexts
from starlette.routing import BaseRoute
from starlette.types import Scope

from lookalike.web.below import own_path
from lookalike.web.roles import Role, least_role

_COLLECTION = "collection"  # what routes of one of several collections call its name: ``roles.OF_ONE``


class Needs:
    """Finds the route that an app would take for a request, as its router does: the first that fits."""

    def __init__(self, routes: Sequence[BaseRoute]) -> None:
        """Look at the routes of an app; folders of files, which anybody may read, have no methods."""
        self._routes: list[tuple[re.Pattern[str], dict[str, Role]]] = [
            (
                context.path_regex,
                {method: least_role(method, context.path or "") for method in context.methods},
            )
            for context in iter_route_contexts(routes)
            if context.methods
        ]

    def role(self, scope: Scope) -> Role | None:
        """The role that a request needs; None if there is no route for it."""
        found = self._route(scope)
        return None if found is None else found[0]

    def collection(self, scope: Scope) -> str | None:
        """The collection that the path of a request names; None if it names none, or has no route."""
        found = self._route(scope)
        return None if found is None else found[1].groupdict().get(_COLLECTION)

    def _route(self, scope: Scope) -> tuple[Role, re.Match[str]] | None:
        path, method = own_path(scope), scope["method"]
        for pattern, roles in self._routes:
            if method in roles and (match := pattern.match(path)):
                return roles[method], match
        return None
