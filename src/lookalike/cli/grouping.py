"""Commands that take several options as one value."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass
from functools import wraps
from typing import Any, TypeVar, get_type_hints

_T = TypeVar("_T")


def grouped(command: Callable[..., _T]) -> Callable[..., _T]:
    """Let a command take dataclasses: each field of one becomes an option or argument of the command.

    Typer makes one option of each parameter of a function, so a command with twelve options would need twelve
    parameters. With this decorator it takes a few dataclasses instead, whose fields are annotated as Typer's
    parameters are::

        @dataclass(frozen=True, kw_only=True)
        class Place:
            host: Annotated[str, typer.Option("--host")] = "127.0.0.1"
            port: Annotated[int, typer.Option("--port")] = 8000

        @grouped
        def serve(*, quiet: Quiet = False, place: Place) -> None: ...

    Returns:
        The command as a function of keyword arguments, each field standing where its dataclass stood. Name,
        docstring and the order of options stay.

    Raises:
        ValueError: two of its options have one name.
    """
    hints = get_type_hints(command, include_extras=True)
    own = inspect.signature(command).parameters
    groups = {name: hints[name] for name in own if is_dataclass(hints[name])}
    options = [
        option
        for name, parameter in own.items()
        for option in (_fields(groups[name]) if name in groups else [_option(name, parameter.default, hints)])
    ]

    @wraps(command)
    def run(**given: Any) -> _T:
        made = {
            name: group(**{field.name: given.pop(field.name) for field in fields(group)})
            for name, group in groups.items()
        }
        return command(**made, **given)

    run.__signature__ = inspect.Signature(options)  # type: ignore[attr-defined]
    run.__annotations__ = {option.name: option.annotation for option in options}
    return run


def _fields(group: type) -> list[inspect.Parameter]:
    hints = get_type_hints(group, include_extras=True)
    return [
        _option(field.name, inspect.Parameter.empty if field.default is MISSING else field.default, hints)
        for field in fields(group)
    ]


def _option(name: str, default: object, hints: dict[str, Any]) -> inspect.Parameter:
    # By keyword, as Typer passes them: so one without a default may stand behind one that has it.
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=hints[name])
