"""The app's description of itself: OpenAPI, with every kind of body that a route takes, and roles."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from lookalike.web.given import ANY_IMAGE, BYTES, JSON, GivenRoute, json_names
from lookalike.web.known import FORMS, Declared
from lookalike.web.lines import LINES, MOST_LINES, LinesRoute
from lookalike.web.roles import INCLUDES, OF_ONE, is_open, least_role

_SCHEME = "bearer"
_TOKEN = (
    "If the server wants tokens. Each has a role, and each route says which it asks for. "
    + "; ".join(
        f"`{role}` includes {', '.join(sorted(more - {role})) or 'nothing else'}"
        for role, more in INCLUDES.items()
    )
    + "."
)
_NAME = {
    "name": "collection",
    "in": "path",
    "required": True,
    "schema": {"type": "string"},
    "description": "Of those that /v1/collections lists.",
}
"""The parameter of each path of one of several collections."""

_BASE64 = {"type": "string", "contentEncoding": "base64"}
_SCALAR = {"type": ["string", "number", "boolean"]}
_OBJECTS: dict[str, dict[str, Any]] = {
    "metadata": {"type": "object", "additionalProperties": True},
    "meta": {"type": "object", "additionalProperties": _SCALAR},
}
"""Shapes in JSON of fields that are text in a form."""

_DONE = {"200": "The answer.", "201": "It is made.", "204": "It is done; the answer has no body."}
"""What each status of success means, in place of FastAPI's one phrase for all."""

_LINES = (
    f"Up to {MOST_LINES:,} lines, each an object as in {JSON}, with an `id` of any kind. For each comes a "
    f"line in the same order: `line`, `id`, and the fields of the answer or a `problem`."
)


class DescribedApp(FastAPI):
    """An app that describes what FastAPI cannot see: the bodies of ``given`` and ``lines``, and the guard."""

    def openapi(self) -> dict[str, Any]:
        """Describe the app, once."""
        if self.openapi_schema is None:
            described = super().openapi()
            _mark_files(described["components"]["schemas"])
            described["components"]["securitySchemes"] = {
                _SCHEME: {"type": "http", "scheme": _SCHEME, "description": _TOKEN}
            }
            for path, methods in described["paths"].items():
                for method, operation in methods.items():
                    role = least_role(method.upper(), path)
                    if OF_ONE in path:
                        operation.setdefault("parameters", []).insert(0, _NAME)
                    operation["security"] = [] if is_open(path) else [{}, {_SCHEME: [role]}]
                    for status, about in _DONE.items():
                        if status in operation["responses"]:
                            operation["responses"][status]["description"] = about
            for route in self.routes:
                if isinstance(route, GivenRoute) and route.include_in_schema:
                    _add_bodies(described, route)
            self.openapi_schema = described
        return self.openapi_schema


def _mark_files(shapes: Any) -> None:
    """Say ``format: binary`` of files too: generators of clients take other strings for text."""
    if isinstance(shapes, dict):
        if shapes.get("contentMediaType") == BYTES:
            shapes["format"] = "binary"
        for one in shapes.values():
            _mark_files(one)
    elif isinstance(shapes, list):
        for one in shapes:
            _mark_files(one)


def _add_bodies(described: dict[str, Any], route: GivenRoute) -> None:
    """Describe the bodies that a route takes besides its form."""
    declared = Declared.by(route)
    for method in route.methods or ():
        body = described["paths"][route.path_format][method.lower()].get("requestBody")
        if body is None:
            continue
        body.pop("required", None)  # openapi-python-client gets the import of several required bodies wrong
        content = body["content"]
        of_form = next(content[kind] for kind in FORMS if kind in content)
        name = of_form["schema"]["$ref"].rpartition("/")[2]
        form = described["components"]["schemas"][name]
        content[JSON] = {"schema": _as_json(form, declared)}
        if not declared.uploads:
            continue
        beside = ", ".join(field for field in declared.form if field not in declared.uploads)
        about = "The picture" + (f"; in the query string may be {beside}." if beside else ".")
        for kind in (BYTES, ANY_IMAGE):
            content[kind] = {"schema": {"type": "string", "format": "binary", "description": about}}
        if isinstance(route, LinesRoute):
            content[LINES] = {"schema": {"type": "string", "description": _LINES}}
            answers = described["paths"][route.path_format][method.lower()]["responses"]["200"]["content"]
            answers[LINES] = {"schema": {"type": "string"}}


def _as_json(form: dict[str, Any], declared: Declared) -> dict[str, Any]:
    """The shape of the JSON object that says the same as a form."""
    properties = {}
    for name, field in json_names(declared).items():
        given = form["properties"][field]
        if field in declared.uploads:
            about = {"description": given.get("description", "")}
            several = name.endswith("s") and given.get("type") == "array"
            given = {**({"type": "array", "items": _BASE64} if several else _BASE64), **about}
        elif name in _OBJECTS:
            given = {**_OBJECTS[name], "description": given.get("description", "")}
        properties[name] = given
    required = [name for name in form.get("required", []) if name not in declared.uploads]
    shape = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**shape, "required": required} if required else shape
