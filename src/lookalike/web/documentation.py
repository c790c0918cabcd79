"""The API's documentation as one page without a script, made from its OpenAPI description."""

from __future__ import annotations

import html
import json
from importlib.resources import files
from typing import Any

STYLE = files("lookalike.web") / "docs.css"


def page(described: dict[str, Any]) -> bytes:
    """Write the page.

    Args:
        described: the API, as OpenAPI 3.1.
    """
    info = described["info"]
    sections = [
        _operation(described, path, method, operation)
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    ]
    links = "".join(
        f'<li><a href="#{_anchor(method, path)}"><b>{method.upper()}</b> {html.escape(path)}</a></li>'
        for path, methods in described["paths"].items()
        for method in methods
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f"<title>{_text(info['title'])} API</title>"
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<link rel="stylesheet" href="/docs.css"></head><body><header>'
        f"<h1>{_text(info['title'])} API</h1><p>{_text(info['summary'])} Version {_text(info['version'])}. "
        f'For programs: <a href="/openapi.json">openapi.json</a>, OpenAPI {_text(described["openapi"])}.</p>'
        f'</header><nav aria-label="Routes"><ul>{links}</ul></nav>'
        f"<main>{''.join(sections)}</main></body></html>"
    ).encode()


def _operation(described: dict[str, Any], path: str, method: str, operation: dict[str, Any]) -> str:
    fields = [
        (parameter["name"], parameter["schema"], parameter.get("description", ""), parameter["required"])
        for parameter in operation.get("parameters", [])
    ]
    for content in operation.get("requestBody", {}).get("content", {}).values():
        schema = _resolved(described, content["schema"])
        required = schema.get("required", [])
        fields += [
            (name, field, field.get("description", ""), name in required)
            for name, field in schema.get("properties", {}).items()
        ]
    rows = "".join(
        f"<tr><th scope=row><code>{_text(name)}</code>{'' if needed else ' <i>optional</i>'}</th>"
        f"<td>{_text(_kind(schema))}</td><td>{_text(about)}</td></tr>"
        for name, schema, about, needed in fields
    )
    taken = f"<table><caption>Takes</caption>{rows}</table>" if rows else ""
    answers = "".join(
        f"<dt>{_text(status)}</dt>"
        f"<dd>{_text(answer.get('description', ''))}{_example(described, answer)}</dd>"
        for status, answer in sorted(operation["responses"].items())
    )
    return (
        f'<section id="{_anchor(method, path)}"><h2><b>{method.upper()}</b> {html.escape(path)}</h2>'
        f"<p>{_text(operation.get('description', ''))}</p>{taken}<dl>{answers}</dl></section>"
    )


def _example(described: dict[str, Any], answer: dict[str, Any]) -> str:
    schema = answer.get("content", {}).get("application/json", {}).get("schema")
    if not schema:
        return ""
    return f"<pre>{_text(json.dumps(_sample(described, schema), indent=1))}</pre>"


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


def _anchor(method: str, path: str) -> str:
    return html.escape(method + path.replace("/", "-").replace("{", "").replace("}", ""))


def _text(value: object) -> str:
    return html.escape(str(value))
