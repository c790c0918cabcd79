from __future__ import annotations

from dataclasses import FrozenInstanceError, dataclass
from pathlib import Path
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner, Result

from lookalike.cli.grouping import grouped

Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Say more.")]


@dataclass(frozen=True, kw_only=True)
class Place:
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1"
    folder: Annotated[Path, typer.Option("--folder", metavar="DIR", help="What is served.")]
    names: Annotated[list[str] | None, typer.Option("--name", help="Repeatable.")] = None


@dataclass(frozen=True)
class Far(Place):
    port: Annotated[int, typer.Option("--port", min=0, max=99, help="TCP port.")] = 8


@grouped
def serve(
    picture: Annotated[str, typer.Argument(help="What to look for.")], place: Far, verbose: Verbose = False
) -> None:
    """Serve a picture at a place."""
    typer.echo(repr((picture, place, verbose)))


def serve_plainly(
    picture: Annotated[str, typer.Argument(help="What to look for.")],
    folder: Annotated[Path, typer.Option("--folder", metavar="DIR", help="What is served.")],
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    names: Annotated[list[str] | None, typer.Option("--name", help="Repeatable.")] = None,
    port: Annotated[int, typer.Option("--port", min=0, max=99, help="TCP port.")] = 8,
    verbose: Verbose = False,
) -> None:
    """Serve a picture at a place."""
    typer.echo(repr((picture, Far(port, host=host, folder=folder, names=names), verbose)))


def called(command: object, *arguments: str) -> Result:
    app = typer.Typer(add_completion=False)
    app.command("serve")(command)  # type: ignore[type-var]
    return CliRunner().invoke(app, arguments, env={"COLUMNS": "100", "TERM": "dumb"})


@pytest.mark.parametrize(
    "arguments",
    [
        ("a.png", "--folder", "x"),
        ("a.png", "--folder", "x", "--host", "::1", "--port", "9", "-v"),
        ("--name", "a", "--name", "b", "--folder", "x", "a.png"),
    ],
)
def test_gives_what_single_parameters_give(arguments: tuple[str, ...]) -> None:
    found, expected = called(serve, *arguments), called(serve_plainly, *arguments)
    assert (found.exit_code, found.output) == (expected.exit_code, expected.output)
    assert found.exit_code == 0
    assert "Far(" in found.output


@pytest.mark.parametrize(
    "arguments", [(), ("a.png",), ("a.png", "--folder", "x", "--port", "100"), ("a.png", "--folder")]
)
def test_refuses_what_single_parameters_refuse(arguments: tuple[str, ...]) -> None:
    found, expected = called(serve, *arguments), called(serve_plainly, *arguments)
    assert (found.exit_code, found.output) == (expected.exit_code, expected.output)
    assert found.exit_code == 2


def test_help_says_the_same_in_the_order_of_parameters_and_fields() -> None:
    found, expected = called(serve, "--help").output, called(serve_plainly, "--help").output
    assert sorted(found.splitlines()) == sorted(expected.splitlines())
    places = [found.index(name) for name in ("--host", "--folder", "--name", "--port", "--verbose")]
    assert places == sorted(places)


def test_keeps_the_name_and_the_docstring_of_the_command() -> None:
    assert (serve.__name__, serve.__doc__) == ("serve", "Serve a picture at a place.")


def test_hands_on_a_frozen_value() -> None:
    taken: list[Far] = []

    @grouped
    def keep(place: Far) -> None:
        taken.append(place)

    assert called(keep, "--folder", "x").exit_code == 0
    assert taken == [Far(folder=Path("x"))]
    with pytest.raises(FrozenInstanceError):
        taken[0].host = "::1"  # type: ignore[misc]


def test_a_command_of_two_groups() -> None:
    @dataclass(frozen=True)
    class Net:
        queue: Annotated[int, typer.Option("--queue")] = 64

    def both(place: Place, net: Net) -> None:
        typer.echo(f"{place.host} {net.queue}")

    both.__annotations__ = {"place": Place, "net": Net, "return": None}
    assert called(grouped(both), "--folder", "x", "--queue", "3").output == "127.0.0.1 3\n"


def test_refuses_two_options_of_one_name() -> None:
    def twice(near: Place, far: Far) -> None: ...

    with pytest.raises(ValueError, match="duplicate parameter name: 'host'"):
        grouped(twice)
