"""The API's documentation as one page without a script, made from its OpenAPI description."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from lookalike.pages import render


@dataclass(frozen=True, slots=True)
class _Field:
    """Something that a route takes: a parameter, or a field of its form."""

    name: str
    kind: str
    about: str
    required: bool


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a route can answer; ``example`` is JSON as HTML, empty if the answer is none."""

    status: str
    about: str
    example: Markup


@dataclass(frozen=True, slots=True)
class _Route:
    """A path, a method, and what the API's description says of the two.

    ``role`` is that of the token which it takes, empty if it takes none.
    """

    path: str
    method: str
    about: str
    role: str
    fields: list[_Field]
    answers: list[_Answer]

    @property
    def anchor(self) -> str:
        """The route's name in links within the page."""
        return self.method.lower() + self.path.replace("/", "-").replace("{", "").replace("}", "")


def page(described: dict[str, Any]) -> bytes:
    """Write the page.

    Args:
        described: the API, as OpenAPI 3.1.
    """
    routes = [
        _Route(
            path,
            method.upper(),
            " ".join(operation.get("description", "").split()),
            "".join(role for scheme in operation["security"] for roles in scheme.values() for role in roles),
            list(_fields(described, operation)),
            [
                _Answer(status, answer.get("description", ""), _example(described, answer))
                for status, answer in sorted(operation["responses"].items())
            ],
        )
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    ]
    version = described["openapi"]
    return render(__package__, "docs.html", info=described["info"], version=version, routes=routes).encode()


def _fields(described: dict[str, Any], operation: dict[str, Any]) -> Iterator[_Field]:
    """What an operation takes: its parameters, then the fields of its form."""
    for parameter in operation.get("parameters", []):
        about = parameter.get("description", "")
        yield _Field(parameter["name"], _kind(parameter["schema"]), about, parameter["required"])
    bodies = operation.get("requestBody", {}).get("content", {}).values()
    for content in list(bodies)[:1]:  # the form: the others say the same
        schema = _resolved(described, content["schema"])
        for name, field in schema.get("properties", {}).items():
            required = name in schema.get("required", [])
            yield _Field(name, _kind(field), field.get("description", ""), required)


def _example(described: dict[str, Any], answer: dict[str, Any]) -> Markup:
    """An answer in JSON as an example, in lines; empty if the answer is no JSON."""
    schema = answer.get("content", {}).get("application/json", {}).get("schema")
    return escape(json.dumps(_sample(described, schema), indent=1)) if schema else Markup()


def _sample(described: dict[str, Any], schema: dict[str, Any]) -> Any:
    """A value that a schema describes, from its examples."""
    schema = _resolved(described, schema)
    if schema.get("examples"):
        return schema["examples"][0]
    if "anyOf" in schema:
        return _sample(described, schema["anyOf"][0])
    if schema.get("type") == "array":
        return [_sample(described, schema["items"])]
    return {name: _sample(described, field) for name, field in schema.get("properties", {}).items()}


def _resolved(described: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = described["components"]["schemas"][name] if name else schema
    return found


def _kind(schema: dict[str, Any]) -> str:
    """A type in a word or two, with its range."""
    for choice in schema.get("anyOf", []):
        if choice.get("type") != "null":
            return _kind(choice)
    if schema.get("type") == "array":
        return f"list of {_kind(schema['items'])}"
    if "contentMediaType" in schema or schema.get("format") == "binary":
        return "file"
    low, high = schema.get("minimum", schema.get("exclusiveMinimum")), schema.get("maximum")
    limits = f", {low:g} to {high:g}" if low is not None and high is not None and high < 1e9 else ""
    default = f", {json.dumps(schema['default'])} if not given" if "default" in schema else ""
    return f"{schema.get('type', 'value')}{limits}{default}"
